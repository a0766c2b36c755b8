"""One request: its page, its steps (one address each, taken for oneself or as a deputy), and the form that is printed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund import forms, queries, rules, step_rules
from app.fund.blueprint import bp
from app.fund.money_rules import ARRIVALS
from app.fund.queries import requests as asked
from app.fund.queries import together
from app.fund.queries.deputies import Hat, hats
from app.fund.queries.requests import RequestPage
from app.fund.rules import RequestKind, Step
from app.fund.sections import shown_with_request
from app.fund.service import money, steps
from app.fund.step_rules import Standing
from app.fund.views.shared import request_for
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

DONE = {
    Step.APPROVED: "已核准。",
    Step.SECONDED: "已由第二人核准。",
    Step.PAID: "已记为付款，公开页上的数字已更新。下一步由另一位核对。",
    Step.RECONCILED: "已核对，这一笔办完了。",
    Step.MISMATCH: "已记下对不上的原因，等经办人说明。",
    Step.ANSWERED: "已说明，等核对的人再看一次。",
    Step.RETURNED: "已退回，申请的人会看到原因。",
    Step.WITHDRAWN: "已撤回。",
}


@bp.get("/fund/requests/<int:request_id>")
@requires(Action.FUND_READ)
def show_request(request_id: int) -> Response:
    return _page(request_for(request_id, Action.FUND_READ), {}, {})


class Chance:
    """What a hat may do with a request now."""

    def __init__(self, hat: Hat, found: RequestPage, standing: Standing, now: datetime) -> None:
        self.hat, self.found, self.standing, self.day = hat, found, standing, clock.local_date(now)
        own = hat.roots(Action.FUND_APPROVE) and any(found.unit_id in queries.own_units(person, self.day) for person in hat.people)
        self.own_unit = bool(own)
        self.open = step_rules.open_to(standing, hat.actor.person_id, self.own_unit, self.may, hat.for_id)

    def may(self, action: Action) -> bool:
        return is_below(self.found.unit_id, self.hat.roots(action), self.day)

    def fault(self, step: Step) -> str | None:
        return step_rules.step_fault(self.standing, step, self.hat.actor.person_id, self.own_unit, self.hat.for_id)


def chances(found: RequestPage) -> list[Chance]:
    """One's own first, then for whom one stands in."""
    now, standing = clock.now(), queries.standing(found.row.id)
    return [Chance(hat, found, standing, now) for hat in hats(current_actor(), now)]


def _page(found: RequestPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    tried = chances(found)
    own, standing = tried[0], tried[0].standing
    chance = next((one for one in tried if one.open), own)
    others = asked.of_project(found.row.project_id) if found.row.project_id else []
    ahead = [step for step in step_rules.way(standing.kind, standing.needs_second) if step not in {taken.step for taken in standing.steps}]
    possible = step_rules.lawful(standing.kind, standing.needs_second, standing.state) - {Step.CORRECTED}
    manages = own.may(Action.FUND_MANAGE)
    may_correct = step_rules.may_correct(standing) and manages and not found.corrected_by_id
    return render(
        "fund/request.html",
        status=422 if faults else 200,
        asked=found,
        row=found.row,
        open=chance.open,
        stands_for=chance.hat.for_name,
        ahead=ahead if possible else [],
        standing=standing,
        why_not=next((own.fault(step) for step in ahead[:1] if possible), None),
        may_correct=may_correct,
        may_refund=may_correct and standing.kind is RequestKind.PAYMENT and money.refundable(found.row.id) > 0,
        others=others,
        parts=together.of_requests([found.row.id]).get(found.row.id) if standing.kind is RequestKind.PAYMENT else None,
        sections=shown_with_request(found, current_actor()),
        policy=queries.policy(clock.today()),
        kept=values,
        faults=faults,
        rules=rules,
        Step=Step,
        arrival=standing.kind in ARRIVALS,
    )


def _take(request_id: int, step: Step, **given: Any) -> BaseResponse:
    """Take a step in the first capacity that may, one's own before a deputy's; what stands in its way is said on the same page."""
    found, now = request_for(request_id, Action.FUND_READ), clock.now()
    allowed = [one for one in chances(found) if one.may(step_rules.action_for(one.standing, step))]
    if not allowed:
        raise NotFound
    hat = next((one for one in allowed if step in one.open), allowed[0]).hat
    by_id, for_id = hat.actor.person_id, hat.for_id
    try:
        in_transaction(lambda: steps.take(request_id, step, by_id, now, for_id=for_id, **given))
    except Invalid as error:
        return _page(found, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(f"{DONE[step]}{f'（替{hat.for_name}办）' if for_id else ''}", "yes")
    return redirect(url_for("fund.show_request", request_id=request_id), 303)


def _with_note(request_id: int, step: Step) -> BaseResponse:
    try:
        note = forms.reason(request.form)
    except Invalid as error:
        return _page(request_for(request_id, Action.FUND_READ), kept(request.form), error.fields)
    return _take(request_id, step, note=note)


@bp.post("/fund/requests/<int:request_id>/approval")
@requires(Action.FUND_STEP)
@recently
def approve(request_id: int) -> BaseResponse:
    standing = queries.standing(request_id)
    if standing.kind in ARRIVALS:
        raise NotFound
    step = Step.SECONDED if standing.needs_second and standing.state is Step.APPROVED else Step.APPROVED
    return _take(request_id, step)


@bp.post("/fund/requests/<int:request_id>/arrival")
@requires(Action.FUND_STEP)
@recently
def confirm_arrival(request_id: int) -> BaseResponse:
    """A donation, or what came back, was found in the bank."""
    if queries.standing(request_id).kind not in ARRIVALS:
        raise NotFound
    return _take(request_id, Step.APPROVED)


@bp.post("/fund/requests/<int:request_id>/return")
@requires(Action.FUND_STEP)
def give_back(request_id: int) -> BaseResponse:
    return _with_note(request_id, Step.RETURNED)


@bp.post("/fund/requests/<int:request_id>/payment")
@requires(Action.FUND_STEP)
@recently
def pay(request_id: int) -> BaseResponse:
    try:
        reference, day = forms.paid(request.form)
    except Invalid as error:
        return _page(request_for(request_id, Action.FUND_READ), kept(request.form), error.fields)
    return _take(request_id, Step.PAID, reference=reference, happened_on=day)


@bp.post("/fund/requests/<int:request_id>/reconciliation")
@requires(Action.FUND_STEP)
@recently
def reconcile(request_id: int) -> BaseResponse:
    return _take(request_id, Step.RECONCILED)


@bp.post("/fund/requests/<int:request_id>/mismatch")
@requires(Action.FUND_STEP)
def mismatch(request_id: int) -> BaseResponse:
    return _with_note(request_id, Step.MISMATCH)


@bp.post("/fund/requests/<int:request_id>/answer")
@requires(Action.FUND_STEP)
def answer(request_id: int) -> BaseResponse:
    return _with_note(request_id, Step.ANSWERED)


@bp.post("/fund/requests/<int:request_id>/withdrawal")
@requires(Action.FUND_MANAGE)
def withdraw(request_id: int) -> BaseResponse:
    return _take(request_id, Step.WITHDRAWN)
