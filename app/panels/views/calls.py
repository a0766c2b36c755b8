"""征集: the public pages, and writing one. Drafted by one, published by another."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund import rules, stage_rules
from app.fund.views.looking import page_number
from app.fund.views.shared import for_the_whole
from app.panels import forms, queries, service
from app.panels.queries import CallPage
from app.panels.views import bp
from app.people.queries.units import governs
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, requires
from app.webkit.htmx import render
from app.webkit.telling import tell


def _manages() -> bool:
    """Whether drafts are to be seen: the fund's officers and approvers of the whole subdistrict."""
    actor = actor_or_none()
    return actor is not None and (governs(actor, Action.FUND_MANAGE) or governs(actor, Action.FUND_APPROVE))


@bp.get("/fund/calls")
@public
def calls() -> Response:
    """What is asked for, and until when."""
    manages, page, size = _manages(), page_number(), queries.PAGE
    actor = actor_or_none()
    rows = queries.calls(*([] if manages else [queries.published()]), limit=size + 1, offset=(page - 1) * size)
    return render(
        "panels/calls.html",
        rows=rows[:size],
        page_no=page,
        more=len(rows) > size,
        manages=manages,
        reads=actor is not None and actor.may(Action.FUND_READ),
        proposes=actor is not None and actor.may(Action.PROJECT_PROPOSE),
        rules=rules,
    )


def _seen(call_id: int) -> CallPage:
    found = queries.call(call_id)
    if found is None or (found.published_at is None and not _manages()):
        raise NotFound
    return found


@bp.get("/fund/calls/<int:call_id>")
@public
def call(call_id: int) -> Response:
    return call_page(call_id, {}, {})


def call_page(call_id: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    """With what was typed, and what is wrong with it, where something about it is asked for."""
    found, actor = _seen(call_id), actor_or_none()
    changes = queries.changes_of(call_id) if found.published_at else []
    return render(
        "panels/call.html",
        status=422 if faults else 200,
        kept=values,
        faults=faults,
        call=found,
        held=[change for change in changes if change.held],
        waits=next((change for change in changes if change.waits), None) if _manages() else None,
        drafts=actor is not None and governs(actor, Action.FUND_MANAGE),
        publishes=actor is not None and governs(actor, Action.FUND_APPROVE) and actor.person_id != found.made_by_id,
        decides=actor is not None and governs(actor, Action.FUND_APPROVE),
        reads=actor is not None and actor.may(Action.FUND_READ),
        proposes=actor is not None and actor.may(Action.PROJECT_PROPOSE),
        names=stage_rules.CRITERION_NAMES,
        rules=rules,
    )


def _form(call_id: int | None, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        "panels/call_form.html",
        status=422 if faults else 200,
        call_id=call_id,
        kept=values,
        faults=faults,
        kinds=[(kind.value, rules.PROJECT_KIND_NAMES[kind]) for kind in rules.ProjectKind if kind in stage_rules.SCORED_KINDS],
        criteria=[(one.value, words, stage_rules.DEFAULT_WEIGHTS[one]) for one, words in stage_rules.CRITERION_NAMES.items()],
    )


@bp.get("/fund/calls/new")
@requires(Action.FUND_MANAGE)
def new_call() -> Response:
    for_the_whole(Action.FUND_MANAGE)
    return _form(None, {}, {})


@bp.post("/fund/calls")
@requires(Action.FUND_MANAGE)
def create_call() -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    by_id, now = current_actor().person_id, clock.now()
    try:
        wanted = forms.call(request.form)
        call_id = in_transaction(lambda: service.draft_call(wanted, by_id, now))
    except Invalid as error:
        return _form(None, kept(request.form), error.fields)
    flash("征集起草好了，请另一位看过后发布。", "yes")
    return redirect(url_for("panels.call", call_id=call_id), 303)


@bp.get("/fund/calls/<int:call_id>/revision")
@requires(Action.FUND_MANAGE)
def edit_call(call_id: int) -> Response:
    for_the_whole(Action.FUND_MANAGE)
    found = _seen(call_id)
    if found.published_at is not None:
        raise Conflict("这份征集已经发布，不能再改。")
    values = {
        "kind": found.kind.value,
        "title": found.title,
        "words": found.words,
        "opens_on": found.opens_on.isoformat(),
        "closes_on": found.closes_on.isoformat(),
        "cap": f"{found.cap // 100}.{found.cap % 100:02d}" if found.cap else "",
        **{one.value: str(weight) for one, weight in found.weights.items()},
    }
    return _form(call_id, values, {})


@bp.post("/fund/calls/<int:call_id>/revision")
@requires(Action.FUND_MANAGE)
def revise_call(call_id: int) -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    _seen(call_id)
    by_id, now = current_actor().person_id, clock.now()
    try:
        wanted = forms.call(request.form)
        done = "征集改好了，请另一位看过后发布。"
        tell(lambda: in_transaction(lambda: service.revise_call(call_id, wanted, by_id, now)), done)
    except Invalid as error:
        return _form(call_id, kept(request.form), error.fields)
    return redirect(url_for("panels.call", call_id=call_id), 303)


@bp.post("/fund/calls/<int:call_id>/publication")
@requires(Action.FUND_APPROVE)
@recently
def publish_call(call_id: int) -> BaseResponse:
    for_the_whole(Action.FUND_APPROVE)
    _seen(call_id)
    by_id, now = current_actor().person_id, clock.now()
    done = "征集发布了，谁都看得见。以后只能延长或撤回，都要写明原因。"
    tell(lambda: in_transaction(lambda: service.publish_call(call_id, by_id, now)), done)
    return redirect(url_for("panels.call", call_id=call_id), 303)


@bp.post("/fund/calls/<int:call_id>/withdrawal")
@requires(Action.FUND_MANAGE)
def drop_call(call_id: int) -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    _seen(call_id)
    by_id = current_actor().person_id
    try:
        in_transaction(lambda: service.drop_call(call_id, by_id))
    except Conflict as error:
        flash(error.message, "warn")
        return redirect(url_for("panels.call", call_id=call_id), 303)
    flash("草稿收回了。", "yes")
    return redirect(url_for("panels.calls"), 303)
