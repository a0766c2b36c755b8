"""One line: what it is, what it may be, and how that is said and taken back."""

from collections.abc import Callable, Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.bank import forms, rules
from app.bank.models import BankAside, BankMatch
from app.bank.queries import groups
from app.bank.queries import lines as seen
from app.bank.service import lines as service
from app.bank.views.shared import bp, for_the_whole, hands_fault, matchers, matching, reconciles
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund import money_rules
from app.fund import rules as fund_rules
from app.webkit.forms import kept
from app.webkit.guards import requires
from app.webkit.htmx import render


def _page(line_id: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    actor = for_the_whole(Action.FUND_READ)
    line = seen.line(line_id)
    if line is None:
        raise NotFound
    free, tried = seen.free_line(line_id), matchers(actor)
    fits = []
    if free:
        fits = [(one, rules.speaks_for(free, one), hands_fault(free, one, tried)) for one in seen.candidates(free.fen)]
        fits.sort(key=lambda fit: abs((fit[0].day - free.booked_on).days))
    return render(
        "bank/line.html",
        status=422 if faults else 200,
        line=line,
        free=free is not None,
        fits=fits[:20],
        requests=seen.requests_seen(fit[0].id for fit in fits[:20]),
        matches=seen.matches_of(line_id),
        groups=groups.of_line(line_id),
        asides=seen.asides(BankAside.line_id == line_id),
        may=reconciles(actor),
        hats=tried,
        kept=values,
        faults=faults,
        rules=rules,
        fund_rules=fund_rules,
        verdicts=money_rules.VERDICT_NAMES,
    )


@bp.get("/fund/bank/lines/<int:line_id>")
@requires(Action.FUND_READ)
def show_line(line_id: int) -> Response:
    return _page(line_id, {}, {})


def _done(line_id: int, work: Callable[[], object], words: str) -> BaseResponse:
    """To the line's page; what stands in the way is said there."""
    try:
        in_transaction(work)
    except Invalid as error:
        return _page(line_id, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(words, "yes")
    return redirect(url_for("bank.show_line", line_id=line_id), 303)


def _reason(line_id: int, work: Callable[[str], object], words: str) -> BaseResponse:
    try:
        reason = forms.reason(request.form)
    except Invalid as error:
        return _page(line_id, kept(request.form), error.fields)
    return _done(line_id, lambda: work(reason), words)


@bp.post("/fund/bank/lines/<int:line_id>/matches")
@requires(Action.FUND_STEP)
@recently
def match_line(line_id: int) -> BaseResponse:
    for_the_whole(Action.FUND_READ)
    now, request_id = clock.now(), request.form.get("request_id", 0, type=int)
    try:
        matching(lambda by_id, for_id: service.match(line_id, request_id, by_id, now, for_id))
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("对上了。", "yes")
    return redirect(url_for("bank.show_line", line_id=line_id), 303)


@bp.post("/fund/bank/matches/<int:match_id>/ending")
@requires(Action.FUND_RECONCILE)
@recently
def end_match(match_id: int) -> BaseResponse:
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    one = db.session.get(BankMatch, match_id)
    if one is None:
        raise NotFound
    return _reason(one.line_id, lambda reason: service.end_match(match_id, reason, by_id, now), "已撤销，两边都等着重新对。")


@bp.post("/fund/bank/lines/<int:line_id>/asides")
@requires(Action.FUND_RECONCILE)
def ask_aside(line_id: int) -> BaseResponse:
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    return _reason(line_id, lambda reason: service.ask_aside(line_id, reason, by_id, now), "已提交，等另一位同意另列。")


def _aside(aside_id: int) -> int:
    """The line it is about."""
    one = db.session.get(BankAside, aside_id)
    if one is None:
        raise NotFound
    return one.line_id


@bp.post("/fund/bank/asides/<int:aside_id>/decision")
@requires(Action.FUND_RECONCILE)
@recently
def decide_aside(aside_id: int) -> BaseResponse:
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    line_id = _aside(aside_id)
    try:
        verdict, answer = forms.decision(request.form)
    except Invalid as error:
        return _page(line_id, kept(request.form), error.fields)
    said = f"{money_rules.VERDICT_NAMES[verdict]}。"
    return _done(line_id, lambda: service.decide_aside(aside_id, verdict, answer, by_id, now), said)


@bp.post("/fund/bank/asides/<int:aside_id>/ending")
@requires(Action.FUND_RECONCILE)
@recently
def end_aside(aside_id: int) -> BaseResponse:
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    return _reason(_aside(aside_id), lambda reason: service.end_aside(aside_id, reason, by_id, now), "已撤销，这一行等着重新对。")
