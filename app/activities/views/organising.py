"""Making and changing activities: the form, publishing, cancelling, extending, and who signed up."""

from datetime import date

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.activities import forms, queries, service
from app.activities.queries import ActivityRow
from app.activities.rules import KIND_NAMES
from app.activities.views.common import bp, shift_to_manage
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.core.words import time_words
from app.people.queries import UnitRow, units_below
from app.webkit.forms import kept as as_typed
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

AGAIN = 6  # how many past activities are offered to copy


def _units() -> list[UnitRow]:
    return units_below(current_actor().roots(Action.ACTIVITY_MANAGE), clock.today())


def _form(
    kept: forms.Kept,
    *,
    row: ActivityRow | None = None,
    faults: dict[str, str] | None = None,
    like: ActivityRow | None = None,
    status: int = 200,
) -> Response:
    units = _units()
    return render(
        "activities/form.html",
        "activities/_form_swap.html",
        status=status,
        row=row,
        kept=kept,
        faults=faults or {},
        like=like,
        kinds=KIND_NAMES,
        units=units,
        unit_options=[("", "请选择"), *((unit.id, unit.name) for unit in units)],
        count=forms.shift_count(kept),
        counted=forms.counted(kept),
        places=forms.places(kept),
        came=row is not None and service.someone_came(row.id),
        again=queries.managed(current_actor(), queries.held_condition(), AGAIN) if row is None else [],
    )


@bp.get("/activities/new")
@requires(Action.ACTIVITY_MANAGE)
def new() -> Response:
    """A blank form, or 照上次再办: `like` names the activity to copy."""
    like = queries.to_manage(current_actor(), request.args.get("like", type=int) or 0) if "like" in request.args else None
    if like is None:
        roots = sorted(current_actor().roots(Action.ACTIVITY_MANAGE))
        return _form(forms.blank(roots[0]))
    day = forms.next_like(like.starts_at or clock.now(), clock.today())
    return _form(forms.filled(like, queries.shifts_of(like.id), day=day), like=like)


@bp.post("/activities")
@requires(Action.ACTIVITY_MANAGE)
def create() -> Response:
    """`do` is draft, publish, add (one shift more) or drop-<n>."""
    actor, asked = current_actor(), request.form.get("do", "draft")
    if asked == "add" or asked.startswith("drop-"):
        return _form(forms.reshaped(dict(as_typed(request.form)), asked))
    try:
        draft = forms.read(request.form, units=[unit.id for unit in _units()], earliest=clock.today())

        def work() -> int:
            made = service.create_activity(draft, actor, clock.now())
            if asked == "publish":
                service.publish(made, actor.person_id, clock.now())
            return made

        activity_id = in_transaction(work)
    except Invalid as error:
        return _form(dict(as_typed(request.form)), faults=error.fields, status=422)
    except Conflict as error:
        return _form(dict(as_typed(request.form)), faults={"day": error.message}, status=422)
    flash("发布好了。把下面的群文字发出去，海报打出来。" if asked == "publish" else "存成草稿了，只有您这边看得见。", "yes")
    return redirect(url_for("activities.show", activity_id=activity_id), 303)


@bp.get("/activities/<int:activity_id>/revision")
@requires(Action.ACTIVITY_MANAGE)
def edit(activity_id: int) -> Response:
    row = queries.to_manage(current_actor(), activity_id)
    return _form(forms.filled(row, queries.shifts_of(activity_id)), row=row)


@bp.post("/activities/<int:activity_id>/revision")
@requires(Action.ACTIVITY_MANAGE)
def revise(activity_id: int) -> Response:
    row, actor, asked = queries.to_manage(current_actor(), activity_id), current_actor(), request.form.get("do", "save")
    typed = dict(as_typed(request.form))
    if asked == "add" or asked.startswith("drop-"):
        return _form(forms.reshaped(typed, asked), row=row)
    try:
        draft = forms.read(_locked(request.form, row), units=[unit.id for unit in _units()], earliest=_earliest(row), known=row)

        def work() -> int:
            told = service.revise(activity_id, draft, actor, clock.now())
            if asked == "publish":
                service.publish(activity_id, actor.person_id, clock.now())
            return told

        told = in_transaction(work)
    except Invalid as error:
        return _form(typed, row=row, faults=error.fields, status=422)
    except Conflict as error:
        return _form(typed, row=row, faults={"day": error.message}, status=409)
    if asked == "publish":
        flash("发布好了。把群文字发出去，海报打出来。", "yes")
    else:
        flash(f"改好了，已通知 {told} 位报名的街坊。" if told else "改好了。", "yes")
    return redirect(url_for("activities.show", activity_id=activity_id), 303)


def _earliest(row: ActivityRow) -> date:
    """A running activity keeps its day, though it lies in the past by now."""
    first = clock.local_date(row.starts_at) if row.starts_at else clock.today()
    return min(first, clock.today())


def _locked(values: MultiDict[str, str], row: ActivityRow) -> MultiDict[str, str]:
    """Once somebody has checked in the form shows times without fields: they are taken as they stand."""
    if not (row.public and service.someone_came(row.id)):
        return values
    stands = forms.filled(row, queries.shifts_of(row.id))
    typed = {name: value for name, value in values.items() if name in {"title", "place", "description", "risk_note", "code_way"}}
    return MultiDict(stands | typed)


@bp.post("/activities/<int:activity_id>/publication")
@requires(Action.ACTIVITY_MANAGE)
def publish(activity_id: int) -> Response:
    queries.to_manage(current_actor(), activity_id)
    in_transaction(lambda: service.publish(activity_id, current_actor().person_id, clock.now()))
    flash("发布好了。把下面的群文字发出去，海报打出来。", "yes")
    return redirect(url_for("activities.show", activity_id=activity_id), 303)


@bp.post("/activities/<int:activity_id>/cancellation")
@requires(Action.ACTIVITY_MANAGE)
def cancel(activity_id: int) -> Response:
    queries.to_manage(current_actor(), activity_id)
    told = in_transaction(lambda: service.cancel(activity_id, current_actor().person_id, clock.now()))
    flash(f"活动取消了，已通知 {told} 位报名的街坊。" if told else "活动取消了，还没有人报名，不用通知。", "yes")
    return redirect(url_for("activities.show", activity_id=activity_id), 303)


@bp.post("/activities/<int:activity_id>/withdrawal")
@requires(Action.ACTIVITY_MANAGE)
def withdraw_draft(activity_id: int) -> Response:
    queries.to_manage(current_actor(), activity_id)
    in_transaction(lambda: service.withdraw_draft(activity_id, current_actor().person_id, clock.now()))
    flash("草稿撤下了，没有人收到消息。", "yes")
    return redirect(url_for("activities.index"), 303)


@bp.post("/shifts/<int:shift_id>/extension")
@requires(Action.ACTIVITY_MANAGE)
def extend(shift_id: int) -> Response:
    """`until` is a time of day; a time that can not be is said in a line on the page."""
    shift, by_id = shift_to_manage(shift_id), current_actor().person_id
    try:
        until = forms.end_time(request.form, shift)
        extended = in_transaction(lambda: service.extend_shift(shift_id, until, by_id, clock.now()))
    except Invalid as error:
        flash(f"没有延长：{error.fields['until']}。", "warn")
    else:
        flash(f"{extended.name}延长到 {time_words(extended.last_end)}。", "yes")
    return redirect(url_for("activities.show", activity_id=shift.activity_id), 303)


@bp.get("/activities/<int:activity_id>/signups")
@requires(Action.ACTIVITY_READ)
def signups(activity_id: int) -> Response:
    """Who comes, by shift, and who waits; the organiser seats the next one by hand in the last 12 hours."""
    row = queries.readable_activity(current_actor(), activity_id)
    if row is None:
        raise NotFound
    standing = queries.signups_in(activity_id)
    return render(
        "activities/signups.html",
        row=row,
        manages=queries.managed_activity(current_actor(), activity_id) is not None,
        shifts=queries.shifts_of(activity_id),
        signups=standing,
        names=queries.names_of({signup.person_id for signup in standing}, clock.today()),
    )


@bp.post("/signups/<int:signup_id>/seat")
@requires(Action.ACTIVITY_MANAGE)
def seat(signup_id: int) -> Response:
    standing = queries.signup(signup_id)
    if standing is None:
        raise NotFound
    queries.to_manage(current_actor(), standing.activity_id)
    in_transaction(lambda: service.seat_by_hand(signup_id, standing.activity_id, current_actor().person_id, clock.now()))
    flash("补上了，已通知本人。", "yes")
    return redirect(url_for("activities.signups", activity_id=standing.activity_id), 303)
