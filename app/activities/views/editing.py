"""The form of an activity: blank, from a template, like last time; and changing what stands."""

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.activities import forms, joining_forms, queries, service, template_forms
from app.activities.joining_rules import condition_words, short_name
from app.activities.queries import ActivityRow
from app.activities.queries import joining as known
from app.activities.queries.series import later_in
from app.activities.queries.templates import TemplateRow, standing, template_to_use
from app.activities.rules import KIND_NAMES, ActivityDraft
from app.activities.series_rules import EVERY_NAMES
from app.activities.templates import TEMPLATES
from app.activities.views.common import bp, said
from app.activities.views.previews import preview
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.people.queries import UnitRow, communities_of, unit, unit_path_on, units_below
from app.people.rules import STAGE_NAMES, StageKind
from app.webkit.forms import Form
from app.webkit.forms import kept as as_typed
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

AGAIN = 6  # how many past activities are offered to copy
ASKED_STAGES = tuple(kind for kind in reversed(StageKind) if kind is not StageKind.MASSES)
MADE_BEFORE = "这张表刚才已经存过了，就是这一场，没有重复建。要改，点“改一改”。"


def managed_units() -> list[UnitRow]:
    return units_below(current_actor().roots(Action.ACTIVITY_MANAGE), clock.today())


def reached(units: list[UnitRow]) -> dict[int, str]:
    """The units that an activity may be said to be for: those above the actor's own, and all below; id → name."""
    above = {step.id: step.name for root in current_actor().roots(Action.ACTIVITY_MANAGE) for step in unit_path_on(root, clock.today())}
    return above | {one.id: one.name for one in units}


def form_page(
    kept: forms.Kept,
    *,
    row: ActivityRow | None = None,
    faults: dict[str, str] | None = None,
    like: ActivityRow | None = None,
    own: TemplateRow | None = None,
    again: list[ActivityRow] | None = None,
    status: int = 200,
) -> Response:
    units = managed_units()
    reach = reached(units)
    if row is None and not kept.get("form_id"):
        kept = kept | {"form_id": template_forms.form_id()}
    return render(
        "activities/form.html",
        "activities/_form_swap.html",
        status=status,
        row=row,
        kept=kept,
        faults=faults or {},
        like=like,
        carried=carried(kept) if like else [],
        kinds=KIND_NAMES,
        units=units,
        unit_options=[("", "请选择"), *((one.id, one.name) for one in units)],
        count=forms.shift_count(kept),
        counted=forms.counted(kept),
        places=forms.places(kept),
        sums=[forms.positions_of(kept, place).capacity for place in range(forms.shift_count(kept))],
        came=row is not None and service.someone_came(row.id),
        again=again if again is not None else _held() if row is None else [],
        own=own,
        templates=list(TEMPLATES.values()) if row is None else [],
        own_templates=standing(current_actor()) if row is None else [],
        every=[("", "只办这一次"), *((key.value, words) for key, words in EVERY_NAMES.items())] if row is None else [],
        later=sum(one.id != row.id for one in later_in(row, clock.now())) if row else 0,
        chosen=TEMPLATES.get(kept.get("template", "")),
        **_details(kept, reach),
    )


def _details(kept: forms.Kept, reach: dict[int, str]) -> dict[str, Any]:
    """What the folded parts of the form need: choices, and who may join as it is typed, in words."""
    who = joining_forms.read(Form(MultiDict(kept)), reach)
    return {
        "for_options": [("", "谁都可以"), *((str(unit_id), f"{short_name(name)}的人") for unit_id, name in reach.items())],
        "stages": [(f"stage-{kind.value}", STAGE_NAMES[kind]) for kind in ASKED_STAGES],
        "conditions": condition_words(who, reach.get(who.unit_id or 0, "")),
        "trainings": known.trainings(),
    }


def carried(kept: forms.Kept) -> list[str]:
    """What 照上次再办 brought along, in words."""
    parts = [
        (True, "名字、地点和主办"),
        (True, f"{forms.shift_count(kept)} 个班次"),
        (any(forms.positions_of(kept, place).positions for place in range(forms.shift_count(kept))), "岗位"),
        (kept.get("description"), "做什么"),
        (kept.get("risk_note") or kept.get("insurance_note"), "提醒和保险"),
        (any(kept.get(name) for name in joining_forms.FIELDS), "谁能参加"),
        (kept.get("gives_training"), "培训"),
        (kept.get("code_way"), "签到码的出法"),
    ]
    return [words for there, words in parts if there]


def _held() -> list[ActivityRow]:
    return queries.managed(current_actor(), queries.held_condition(), AGAIN)


@bp.get("/activities/new")
@requires(Action.ACTIVITY_MANAGE)
def new() -> Response:
    """A blank form; `template` one that comes with the site, `own` one of the unit; `like` 照上次再办: the activity to copy."""
    actor = current_actor()
    if "like" in request.args:
        like = queries.to_manage(actor, request.args.get("like", type=int) or 0)
        day = forms.next_like(like.starts_at or clock.now(), clock.today())
        return form_page(forms.filled(like, queries.shifts_of(like.id), day=day), like=like)
    if "own" in request.args:
        own = template_to_use(actor, request.args.get("own", type=int) or 0)
        day = template_forms.usual_day(own.shape, clock.today())
        return form_page(template_forms.from_shape(own.shape, unit_id=own.unit_id, day=day), own=own)
    held = _held()
    template = TEMPLATES.get(request.args.get("template", ""))
    unit_id = _usual_unit(held)
    if template is None:
        return form_page(forms.blank(unit_id), again=held)
    day, place = template_forms.coming(template.weekday, clock.today()), held[0].place_text if held else ""
    kept = template_forms.from_template(template, unit_id=unit_id, **_names(unit_id), day=day, place=place)
    return form_page(kept, again=held)


def _usual_unit(held: list[ActivityRow]) -> int:
    """The unit of the last activity that still lies in scope, else the first that the actor works for."""
    scope = {one.id for one in managed_units()}
    roots = sorted(current_actor().roots(Action.ACTIVITY_MANAGE))
    return next((row.unit_id for row in held if row.unit_id in scope), roots[0])


def _names(unit_id: int) -> dict[str, str]:
    """What a title is made of: the unit, and its community, 灯湖社区党委 → 灯湖社区; the unit again where it has none."""
    own, found = unit(unit_id), unit(communities_of([unit_id], clock.today()).get(unit_id, unit_id))
    return {"unit": short_name(own.name) if own else "", "where": short_name(found.name) if found else ""}


@bp.post("/activities")
@requires(Action.ACTIVITY_MANAGE)
def create() -> Response:
    """`do` is draft, publish, add (one shift more) or drop-<n>. The same form twice makes one activity."""
    actor, asked = current_actor(), request.form.get("do", "draft")
    typed = dict(as_typed(request.form))
    if asked == "add" or asked.startswith("drop-"):
        return form_page(forms.reshaped(typed, asked))
    try:
        draft = read_form(request.form, earliest=clock.today())
        if request.form.get("every"):
            return preview(draft)  # a series is made on the next page, once its days have been looked at

        def work() -> tuple[service.Made, bool]:
            made = service.create_once(draft, actor, clock.now(), template_forms.read_form_id(request.form.get("form_id", "")))
            public = asked == "publish" and made.fresh and service.publish(made.activity_id, actor.person_id, clock.now())
            return made, public

        made, public = in_transaction(work)
    except Invalid as error:
        return form_page(typed, faults=error.fields, status=422)
    except Conflict as error:
        return form_page(typed, faults={"day": error.message}, status=422)
    if not made.fresh:
        flash(MADE_BEFORE, "info")
    else:
        flash(*(said(public) if asked == "publish" else ("存成草稿了，只有您这边看得见。", "yes")))
        _say_sums()
    return redirect(url_for("activities.show", activity_id=made.activity_id), 303)


def _say_sums() -> None:
    if words := forms.summed(request.form):
        flash(words, "info")


def read_form(values: MultiDict[str, str], *, earliest: date, row: ActivityRow | None = None) -> ActivityDraft:
    units = managed_units()
    return forms.read(values, units=[one.id for one in units], earliest=earliest, reach=reached(units), known=row)


@bp.get("/activities/<int:activity_id>/revision")
@requires(Action.ACTIVITY_MANAGE)
def edit(activity_id: int) -> Response:
    row = queries.to_manage(current_actor(), activity_id)
    return form_page(forms.filled(row, queries.shifts_of(activity_id)), row=row)


@bp.post("/activities/<int:activity_id>/revision")
@requires(Action.ACTIVITY_MANAGE)
def revise(activity_id: int) -> Response:
    row, actor, asked = queries.to_manage(current_actor(), activity_id), current_actor(), request.form.get("do", "save")
    typed = dict(as_typed(request.form))
    if asked == "add" or asked.startswith("drop-"):
        return form_page(forms.reshaped(typed, asked), row=row)
    try:
        draft = read_form(_locked(request.form, row), earliest=_earliest(row), row=row)

        if row.series_id and request.form.get("scope") == "later":
            published = asked == "publish"
            changed = in_transaction(lambda: service.revise_later(activity_id, draft, actor, clock.now(), published=published))
            return _series_changed(row.series_id, changed)

        def work() -> tuple[int, bool]:
            told = service.revise(activity_id, draft, actor, clock.now())
            return told, asked == "publish" and service.publish(activity_id, actor.person_id, clock.now())

        told, public = in_transaction(work)
    except Invalid as error:
        return form_page(typed, row=row, faults=error.fields, status=422)
    except Conflict as error:
        return form_page(typed, row=row, faults={"day": error.message}, status=409)
    if asked == "publish":
        flash(*said(public))
    else:
        flash(f"改好了，已通知 {told} 位报名的街坊。" if told else "改好了。", "yes")
    _say_sums()
    return redirect(url_for("activities.show", activity_id=activity_id), 303)


def _series_changed(series_id: int, changed: service.Changed) -> Response:
    flash(f"{changed.count} 场都改好了" + (f"，已通知 {changed.told} 人次。" if changed.told else "。"), "yes")
    if changed.left:
        days = "、".join(f"{day.month}月{day.day}日" for day in changed.left)
        flash(f"{days}的班次单独改过，时间和名额没有跟着动。", "info")
    return redirect(url_for("activities.series", series_id=series_id), 303)


def _earliest(row: ActivityRow) -> date:
    """A running activity keeps its day, though it lies in the past by now."""
    first = clock.local_date(row.starts_at) if row.starts_at else clock.today()
    return min(first, clock.today())


WORDS = ("title", "place", "description", "risk_note", "insurance_note", "gives_training", "code_way", *joining_forms.FIELDS)


def _locked(values: MultiDict[str, str], row: ActivityRow) -> MultiDict[str, str]:
    """Once somebody has checked in the form shows times without fields: they are taken as they stand."""
    if not (row.public and service.someone_came(row.id)):
        return values
    stands = {name: value for name, value in forms.filled(row, queries.shifts_of(row.id)).items() if name not in WORDS}
    return MultiDict(stands | {name: value for name, value in values.items() if name in WORDS})
