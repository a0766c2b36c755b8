"""The versions of the rule: read, copied, edited, tried on the real records, and put into force by two administrators."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.hours.rules import KIND_NAMES, HourKind
from app.people.queries import root_unit
from app.people.queries.units import governs, is_the_whole, of_the_subdistrict
from app.people.rules import STAGE_NAMES
from app.requirements import forms, queries, service
from app.requirements.queries import Version
from app.requirements.rules import ASKABLE, PAGE, STATE_NAMES, ChoiceVerdict
from app.requirements.service.sets import NOT_A_DRAFT, WAITS
from app.requirements.views import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "双50口径"
WORDS: dict[str, Any] = {"stage_names": STAGE_NAMES, "kind_names": KIND_NAMES, "state_names": STATE_NAMES}


def manager() -> Actor:
    return of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)


def found(set_id: int) -> Version:
    row = queries.version(set_id, clock.today())
    if row is None:
        raise NotFound
    return row


@bp.get("/requirements")
@requires(Action.RULES_READ)
def index() -> Response:
    """All versions, which one holds, and what was chosen when by whom."""
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return render("requirements/index.html", versions=queries.versions(clock.today()), choices=queries.choices(), **WORDS)


@bp.get("/requirements/<int:set_id>")
@requires(Action.RULES_READ)
def show(set_id: int) -> Response:
    """What a version asks and, before it holds, what it would change."""
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _page(found(set_id), log=True)


def _page(version: Version, faults: dict[str, str] | None = None, *, log: bool = False) -> Response:
    """`log`: whose names it shows stays on record, as a number of people."""
    actor, today, root = current_actor(), clock.today(), root_unit()
    holds = next((one for one in queries.versions(today) if one.holds), None)
    changes = None
    if not version.holds and root:
        changes = queries.what_if([root.id], holds.id if holds else None, version.id, today)
    if changes and changes.moved and log:
        seen = len(changes.moved)
        in_transaction(lambda: audit.record(actor.person_id, "requirement_set.view", "requirement_set", version.id, people=seen))
    shown = max(PAGE, request.args.get("shown", PAGE, type=int))
    choice = queries.choice(version.open_choice) if version.open_choice else None
    return render(
        "requirements/version.html",
        status=422 if faults else 200,
        version=version,
        needs=queries.needs_of(version.id),
        holds=holds,
        changes=changes,
        shown=shown,
        more=shown + PAGE,
        choice=choice,
        asked_by_me=choice is not None and choice.asked_by_id == actor.person_id,
        kept=kept(request.form),
        faults=faults or {},
        **WORDS,
    )


@bp.post("/requirements/<int:set_id>/copies")
@requires(Action.UNIT_MANAGE)
def copy(set_id: int) -> BaseResponse:
    """A draft to edit: the next version of a local one, else the first of a new one."""
    actor, now, version = manager(), clock.now(), found(set_id)
    made = in_transaction(lambda: service.copy(set_id, actor.person_id, now, next_version=version.made_by_id is not None))
    return redirect(url_for("requirements.revise", set_id=made), 303)


@bp.route("/requirements/<int:set_id>/revision", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE)
def revise(set_id: int) -> BaseResponse:
    """Stages, kinds, hours, the share of made-up time, days: a grid that works without JavaScript."""
    actor, version = manager(), found(set_id)
    if not version.draft or version.open_choice:
        raise Conflict(WAITS if version.draft else NOT_A_DRAFT)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            draft = forms.parse_set(request.form)
            in_transaction(lambda: service.revise(set_id, draft, actor.person_id))
            flash("存好了。下面是它会改变什么；还没有生效。", "yes")
            return redirect(url_for("requirements.show", set_id=set_id), 303)
        except Invalid as error:
            faults = error.fields
    values: dict[str, Any] = {"name": version.name, "note": version.note} | forms.filled(queries.needs_of(set_id))
    return render(
        "requirements/form.html",
        status=422 if faults else 200,
        version=version,
        values=dict(kept(request.form)) if faults else values,
        faults=faults,
        stages=ASKABLE,
        kinds=list(HourKind),
        field_names=forms.names,
        **WORDS,
    )


@bp.post("/requirements/<int:set_id>/removal")
@requires(Action.UNIT_MANAGE)
def drop(set_id: int) -> BaseResponse:
    actor, now = manager(), clock.now()
    in_transaction(lambda: service.drop(set_id, actor.person_id, now))
    flash("这一版草稿不要了。", "yes")
    return redirect(url_for("requirements.index"), 303)


@bp.post("/requirements/<int:set_id>/publication-requests")
@requires(Action.UNIT_MANAGE)
@recently
def ask_for(set_id: int) -> BaseResponse:
    """From a day on this version; another administrator has to confirm it."""
    actor, now, version = manager(), clock.now(), found(set_id)
    url = url_for("requirements.show", set_id=set_id)
    try:
        since = forms.parse_since(request.form)
        in_transaction(lambda: service.ask_for(set_id, since, actor.person_id, url, now))
    except Invalid as error:
        return _page(version, error.fields)
    flash("已请另一位管理员确认。确认以前照旧。", "yes")
    return redirect(url, 303)


@bp.post("/requirements/choices/<int:choice_id>/confirmation")
@requires(Action.UNIT_MANAGE)
@recently
def confirm_choice(choice_id: int) -> BaseResponse:
    actor, now, url = manager(), clock.now(), url_for("requirements.index")
    in_transaction(lambda: service.answer_choice(choice_id, actor.person_id, ChoiceVerdict.CONFIRMED, "", url, now))
    flash("已确认，到那一天就按它算。以前由支部确认过的不会变。", "yes")
    return redirect(url, 303)


@bp.post("/requirements/choices/<int:choice_id>/return")
@requires(Action.UNIT_MANAGE)
def return_choice(choice_id: int) -> BaseResponse:
    actor, now = manager(), clock.now()
    row = queries.choice(choice_id)
    if row is None:
        raise NotFound
    url = url_for("requirements.show", set_id=row.set_id)
    try:
        reason = forms.parse_reason(request.form)
    except Invalid as error:
        return _page(found(row.set_id), error.fields)
    in_transaction(lambda: service.answer_choice(choice_id, actor.person_id, ChoiceVerdict.RETURNED, reason, url, now))
    flash(f"已退回，{row.asked_by or '请求的人'}会看到原因。", "yes")
    return redirect(url, 303)


@bp.post("/requirements/choices/<int:choice_id>/withdrawal")
@requires(Action.UNIT_MANAGE)
def withdraw_choice(choice_id: int) -> BaseResponse:
    actor, now = manager(), clock.now()
    row = in_transaction(lambda: service.take_back_choice(choice_id, actor.person_id, now))
    flash("撤回了。", "yes")
    return redirect(url_for("requirements.show", set_id=row.set_id), 303)


def _count(actor: Actor) -> Select[int] | None:
    roots = actor.roots(Action.UNIT_MANAGE)
    return queries.waiting_choices_count(actor.person_id).where(is_the_whole(roots)) if roots else None


def _items(actor: Actor) -> list[WorkItem]:
    if not governs(actor, Action.UNIT_MANAGE):
        return []
    waiting = [one for one in queries.choices() if one.decided_at is None and one.asked_by_id != actor.person_id]
    return [WorkItem(f"choice-{one.id}", GROUP, one.asked_at, "requirements/_choice_work.html", one) for one in waiting]


register(Source(GROUP, _count, _items, stated=True))
