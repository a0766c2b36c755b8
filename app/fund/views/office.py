"""The fund's office: restricted purposes, the limits, and who stands in for whom. What one proposes another decides."""

from collections.abc import Callable, Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action, Role
from app.fund import money_forms, money_rules, queries, rules
from app.fund.blueprint import bp
from app.fund.money_rules import Verdict
from app.fund.queries import deputies, office
from app.fund.service import closing, purposes
from app.fund.service import deputies as standing_in
from app.fund.views.shared import for_the_whole
from app.people.queries.units import governs
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

Fields = Mapping[str, str]


def _says(verdict: Verdict) -> Action:
    """Who asked takes it back; who decides is another."""
    return Action.FUND_MANAGE if verdict is Verdict.WITHDRAWN else Action.FUND_APPROVE


def _decide(work: Callable[[Verdict, str, int], None], back: str) -> BaseResponse:
    """For who asks or decides for the whole subdistrict; which of the two this person is, the service says."""
    actor = current_actor()
    by_id = actor.person_id
    if not governs(actor, Action.FUND_MANAGE) and not governs(actor, Action.FUND_APPROVE):
        raise NotFound
    try:
        verdict, answer = money_forms.decision(request.form)
        for_the_whole(_says(verdict))
        in_transaction(lambda: work(verdict, answer, by_id))
    except (Invalid, Conflict) as error:
        flash("；".join(error.fields.values()) if isinstance(error, Invalid) else error.message, "warn")
    else:
        flash(f"{money_rules.VERDICT_NAMES[verdict]}。", "yes")
    return redirect(url_for(back), 303)


@bp.get("/fund/purposes")
@requires(Action.FUND_READ)
def list_purposes() -> Response:
    return _purposes({}, {})


def _purposes(values: Fields, faults: Fields) -> Response:
    actor = current_actor()
    return render(
        "fund/purposes.html",
        status=422 if faults else 200,
        purposes=office.purposes(),
        turns={row.purpose_id: row for row in office.turns()},
        asks=governs(actor, Action.FUND_MANAGE),
        decides=governs(actor, Action.FUND_APPROVE),
        kept=values,
        faults=faults,
        names=money_rules.VERDICT_NAMES,
    )


@bp.post("/fund/purposes")
@requires(Action.FUND_MANAGE)
def ask_purpose() -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    by_id, now = current_actor().person_id, clock.now()
    try:
        name, words = money_forms.purpose(request.form)
        in_transaction(lambda: purposes.ask_purpose(name, words, by_id, now))
    except Invalid as error:
        return _purposes(kept(request.form), error.fields)
    flash("已提交，等审批人同意开立。", "yes")
    return redirect(url_for("fund.list_purposes"), 303)


@bp.post("/fund/purposes/<int:purpose_id>/decision")
@requires(Action.FUND_STEP)
@recently
def decide_purpose(purpose_id: int) -> BaseResponse:
    now = clock.now()
    return _decide(lambda verdict, answer, by_id: purposes.decide_purpose(purpose_id, verdict, answer, by_id, now), "fund.list_purposes")


@bp.post("/fund/purposes/<int:purpose_id>/turns")
@requires(Action.FUND_MANAGE)
def ask_turn(purpose_id: int) -> BaseResponse:
    """To close it, or to open it again."""
    for_the_whole(Action.FUND_MANAGE)
    by_id, now = current_actor().person_id, clock.now()
    try:
        closes, reason = money_forms.turn(request.form)
        in_transaction(lambda: closing.ask(purpose_id, closes, reason, by_id, now))
    except (Invalid, Conflict) as error:
        flash("；".join(error.fields.values()) if isinstance(error, Invalid) else error.message, "warn")
    else:
        flash("已提交，等另一位同意。", "yes")
    return redirect(url_for("fund.list_purposes"), 303)


@bp.post("/fund/purposes/turns/<int:turn_id>/decision")
@requires(Action.FUND_STEP)
@recently
def decide_turn(turn_id: int) -> BaseResponse:
    now = clock.now()
    return _decide(lambda verdict, answer, by_id: closing.decide(turn_id, verdict, answer, by_id, now), "fund.list_purposes")


@bp.get("/fund/limits")
@requires(Action.FUND_READ)
def show_limits() -> Response:
    return _limits({}, {})


def _limits(values: Fields, faults: Fields) -> Response:
    actor, today = current_actor(), clock.today()
    return render(
        "fund/limits.html",
        status=422 if faults else 200,
        policy=queries.policy(today),
        policies=office.policies(),
        proposals=office.proposals(),
        asks=governs(actor, Action.FUND_MANAGE),
        decides=governs(actor, Action.FUND_APPROVE),
        kept=values,
        faults=faults,
        names=money_rules.VERDICT_NAMES,
    )


@bp.post("/fund/limits")
@requires(Action.FUND_MANAGE)
def propose_limits() -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    by_id, now = current_actor().person_id, clock.now()
    try:
        wanted = money_forms.limits(request.form)
        in_transaction(lambda: purposes.propose_limits(wanted, by_id, now))
    except Invalid as error:
        return _limits(kept(request.form), error.fields)
    flash("已提交，另一位同意后，从那天起用。", "yes")
    return redirect(url_for("fund.show_limits"), 303)


@bp.post("/fund/limits/<int:limits_id>/decision")
@requires(Action.FUND_STEP)
@recently
def decide_limits(limits_id: int) -> BaseResponse:
    now = clock.now()
    return _decide(lambda verdict, answer, by_id: purposes.decide_limits(limits_id, verdict, answer, by_id, now), "fund.show_limits")


@bp.get("/fund/deputies")
@requires(Action.FUND_READ)
def list_deputies() -> Response:
    return _deputies({}, {})


def _deputies(values: Fields, faults: Fields) -> Response:
    actor, today = current_actor(), clock.today()
    staff = deputies.staff(today)
    return render(
        "fund/deputies.html",
        status=422 if faults else 200,
        delegations=deputies.delegations(),
        staff=staff,
        others=[(person_id, name) for person_id, name in staff if person_id != actor.person_id],
        administrator=_administrator(),
        asks=_administrator() or actor.person_id in dict(staff),
        kept=values,
        faults=faults,
        rules=rules,
    )


def _administrator() -> bool:
    return Role.ADMINISTRATOR in current_actor().roles and governs(current_actor(), Action.FUND_STEP)


@bp.post("/fund/deputies")
@requires(Action.FUND_STEP)
@recently
def appoint_deputy() -> BaseResponse:
    actor, now, administrator = current_actor(), clock.now(), _administrator()
    try:
        known = [person_id for person_id, _ in deputies.staff(clock.today())]
        away = money_forms.away(request.form, known, None if administrator else actor.person_id)
        in_transaction(lambda: standing_in.appoint(away, actor.person_id, now, administrator=administrator))
    except Invalid as error:
        return _deputies(kept(request.form), error.fields)
    flash("已记下，代办的人答应以后生效。", "yes")
    return redirect(url_for("fund.list_deputies"), 303)


@bp.post("/fund/deputies/<int:delegation_id>/acceptance")
@requires(Action.FUND_STEP)
def accept_deputy(delegation_id: int) -> BaseResponse:
    by_id, now = _concerned(delegation_id), clock.now()
    return _changed(lambda: standing_in.accept(delegation_id, by_id, now), "已答应代办。到了日子，您的待办里会有要替他办的。")


@bp.post("/fund/deputies/<int:delegation_id>/ending")
@requires(Action.FUND_STEP)
def end_deputy(delegation_id: int) -> BaseResponse:
    by_id, now, administrator = _concerned(delegation_id), clock.now(), _administrator()
    return _changed(lambda: standing_in.end(delegation_id, by_id, now, administrator=administrator), "代办已停止。")


def _concerned(delegation_id: int) -> int:
    """This person, if it is about them or they are the administrator of all; for others there is no such thing."""
    by_id = current_actor().person_id
    if by_id not in deputies.both(delegation_id) and not _administrator():
        raise NotFound
    return by_id


def _changed(work: Callable[[], None], done: str) -> BaseResponse:
    try:
        in_transaction(work)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(done, "yes")
    return redirect(url_for("fund.list_deputies"), 303)
