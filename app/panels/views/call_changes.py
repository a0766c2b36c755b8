"""A published call is extended or withdrawn: asked for by the officer, decided by an approver."""

from collections.abc import Callable, Mapping

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently_when
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.fund.models_road import FundCallChange
from app.fund.money_forms import decision
from app.fund.money_rules import Verdict
from app.fund.views.shared import for_the_whole
from app.panels import call_changes as service
from app.panels import forms, queries
from app.panels.views import bp
from app.panels.views.calls import call_page
from app.people.queries.units import governs
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.telling import tell

SAID: Mapping[str, str] = {
    Verdict.APPROVED: "办好了，原因已经公开。",
    Verdict.RETURNED: "退回了，提的人会看到原因。",
    Verdict.WITHDRAWN: "收回了，征集照旧。",
}


@bp.post("/fund/calls/<int:call_id>/extension")
@requires(Action.FUND_MANAGE)
def extend_call(call_id: int) -> BaseResponse:
    by_id, now = current_actor().person_id, clock.now()

    def work() -> None:
        closes_on, reason = forms.longer(request.form)
        in_transaction(lambda: service.ask(call_id, closes_on, reason, by_id, now))

    return _asked(call_id, work)


@bp.post("/fund/calls/<int:call_id>/taking-back")
@requires(Action.FUND_MANAGE)
def take_back_call(call_id: int) -> BaseResponse:
    by_id, now = current_actor().person_id, clock.now()

    def work() -> None:
        why = forms.taken_back(request.form)
        in_transaction(lambda: service.ask(call_id, None, why, by_id, now))

    return _asked(call_id, work)


def _asked(call_id: int, work: Callable[[], None]) -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    try:
        tell(work, "提出了，等另一位同意。")
    except Invalid as error:
        return call_page(call_id, kept(request.form), error.fields)
    return redirect(url_for("panels.call", call_id=call_id), 303)


@bp.post("/fund/call-changes/<int:change_id>/decision")
@requires(Action.FUND_READ)
@recently_when(lambda: request.form.get("verdict") == Verdict.APPROVED.value)
def decide_change(change_id: int) -> BaseResponse:
    """By an approver of the whole subdistrict; taking it back is for who asked."""
    found = next(iter(queries.changes(FundCallChange.id == change_id)), None)
    if found is None or not governs(current_actor(), Action.FUND_READ):
        raise NotFound
    by_id, now = current_actor().person_id, clock.now()

    def work() -> None:
        verdict, answer = decision(request.form)
        for_the_whole(Action.FUND_MANAGE if verdict is Verdict.WITHDRAWN else Action.FUND_APPROVE)
        in_transaction(lambda: service.decide(change_id, verdict, answer, by_id, now))

    tell(work, SAID.get(request.form.get("verdict", ""), ""), faults=True)
    return redirect(url_for("panels.call", call_id=found.call_id), 303)
