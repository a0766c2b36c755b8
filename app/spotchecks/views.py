"""抽查: everybody sees what was drawn and what came of it; the auditor announces, draws and writes, the fund answers."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.fund import rules as fund_rules
from app.fund.queries.requests import request_page
from app.fund.sections import shown_with_request
from app.people.queries.units import governs, of_the_subdistrict
from app.sheets.writing import XLSX, xlsx
from app.spotchecks import forms, parts, rules, service, tables
from app.spotchecks.queries import books, checks
from app.spotchecks.queries.checks import CheckRow, PickRow
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, requires
from app.webkit.htmx import render

bp = Blueprint("spotchecks", __name__)
parts.register()


def _may(action: Action) -> bool:
    actor = actor_or_none()
    return actor is not None and governs(actor, action)


@bp.get("/fund/checks")
@public
def index() -> Response:
    rows = checks.checks()
    return render("spotchecks/index.html", rows=rows, summary=checks.summary(rows), auditor=_may(Action.SPOT_CHECK), rules=rules)


@bp.get("/fund/checks/new")
@requires(Action.SPOT_CHECK)
def new() -> Response:
    of_the_subdistrict(current_actor(), Action.SPOT_CHECK)
    return _form({}, {})


def _form(values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render("spotchecks/new.html", status=422 if faults else 200, kept=values, faults=faults, most=rules.MOST)


@bp.post("/fund/checks")
@requires(Action.SPOT_CHECK)
def announce() -> BaseResponse:
    by_id, now = of_the_subdistrict(current_actor(), Action.SPOT_CHECK).person_id, clock.now()
    try:
        wanted = forms.announcement(request.form)
        check_id = in_transaction(lambda: service.announce(wanted, by_id, now))
    except Invalid as error:
        return _form(kept(request.form), error.fields)
    flash("已公布，种子和这段时间的账都定下来了。现在可以抽。", "yes")
    return redirect(url_for("spotchecks.show", check_id=check_id), 303)


def _check(check_id: int) -> CheckRow:
    found = checks.check(check_id)
    if found is None:
        raise NotFound
    return found


@bp.get("/fund/checks/<int:check_id>")
@public
def show(check_id: int) -> Response:
    """Reckoned again each time: whether the books and the sample are still what was announced."""
    found, picks = _check(check_id), checks.of_check(check_id)
    entries = books.population(found.first_on, found.last_on, found.last_voucher)
    again = [entry.voucher_no for _, entry in rules.sample(found.seed, entries, found.size)]
    return render(
        "spotchecks/check.html",
        check=found,
        picks=picks,
        frame=[entry.voucher_no for entry in entries],
        same_books=rules.digest(entries) == found.digest,
        same_sample=again == [pick.voucher_no for pick in picks],
        flow=books.flow(found.first_on, found.last_on, found.last_voucher),
        staff=_may(Action.FUND_READ),
        auditor=_may(Action.SPOT_CHECK),
        rules=rules,
        fund_rules=fund_rules,
    )


@bp.post("/fund/checks/<int:check_id>/drawing")
@requires(Action.SPOT_CHECK)
def draw(check_id: int) -> BaseResponse:
    by_id, now = of_the_subdistrict(current_actor(), Action.SPOT_CHECK).person_id, clock.now()
    try:
        in_transaction(lambda: service.draw(check_id, by_id, now))
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("抽好了。一笔一笔看过，写下意见。", "yes")
    return redirect(url_for("spotchecks.show", check_id=check_id), 303)


@bp.get("/fund/checks/<int:check_id>.xlsx")
@requires(Action.FUND_READ)
def sheet(check_id: int) -> Response:
    by_id = of_the_subdistrict(current_actor(), Action.FUND_READ).person_id
    found = _check(check_id)
    made = xlsx(*tables.workbook(found, checks.of_check(check_id)))
    in_transaction(lambda: service.exported(check_id, by_id, found.first_on, found.last_on))
    return attachment(made, XLSX, f"{found.number}.xlsx")


CSV = "text/csv; charset=utf-8"


@bp.get("/fund/checks/<int:check_id>/population.csv")
@public
def population(check_id: int) -> Response:
    """What could be drawn, line by line as the digest reads it: the file's own SHA-256 is the digest that was announced."""
    found = _check(check_id)
    entries = books.population(found.first_on, found.last_on, found.last_voucher)
    return attachment("".join(entry.line for entry in entries).encode(), CSV, f"{found.number}.csv")


@bp.get("/fund/checks/<int:check_id>/ranking.csv")
@public
def ranking(check_id: int) -> Response:
    """Every entry of the period by its fingerprint, the drawn ones first: what anybody gets who reckons it again."""
    found = _check(check_id)
    entries = books.population(found.first_on, found.last_on, found.last_voucher)
    lines = [
        f"{place},{entry.voucher_no},{mark},{'是' if place <= found.size else ''}\n"
        for place, (mark, entry) in enumerate(rules.ranked(found.seed, entries), 1)
    ]
    return attachment(("\ufeff名次,凭证号,指纹,抽中\n" + "".join(lines)).encode(), CSV, f"{found.number}-ranking.csv")


def _pick(pick_id: int, action: Action) -> PickRow:
    of_the_subdistrict(current_actor(), action)
    found = checks.pick(pick_id)
    if found is None:
        raise NotFound
    return found


@bp.get("/fund/checks/entries/<int:pick_id>")
@requires(Action.FUND_READ)
def entry(pick_id: int) -> Response:
    return _entry(_pick(pick_id, Action.FUND_READ), {}, {})


def _entry(pick: PickRow, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    """The drawn entry with every step and every paper behind it, what was said, and the form of whoever's turn it is."""
    actor, asked = current_actor(), request_page(pick.request_id)
    if asked is None:
        raise NotFound
    auditor, officer = governs(actor, Action.SPOT_CHECK), governs(actor, Action.FUND_MANAGE)
    refused = rules.finding_fault(pick.said, checks.handled_by(pick.request_id), actor.person_id) if auditor else ""
    siblings = checks.of_check(pick.check_id)
    return render(
        "spotchecks/entry.html",
        status=422 if faults else 200,
        pick=pick,
        asked=asked,
        row=asked.row,
        behind=[one for one in shown_with_request(asked, actor) if one[0] != parts.OF_REQUEST],
        auditor=auditor,
        refused=refused,
        answers=officer and not rules.answer_fault(pick.said, actor.person_id),
        size=len(siblings),
        following=next((one for one in siblings if one.place > pick.place and not one.notes), None),
        kept=values,
        faults=faults,
        rules=rules,
        fund_rules=fund_rules,
    )


@bp.post("/fund/checks/entries/<int:pick_id>/findings")
@requires(Action.SPOT_CHECK)
def find(pick_id: int) -> BaseResponse:
    pick, by_id, now = _pick(pick_id, Action.SPOT_CHECK), current_actor().person_id, clock.now()
    try:
        finding, words = forms.finding(request.form)
        in_transaction(lambda: service.find(pick_id, finding, words, by_id, now))
    except Invalid as error:
        return _entry(pick, kept(request.form), error.fields)
    except Refused as error:
        flash(error.message, "warn")
    else:
        waits = checks.pick(pick_id)
        flash("记下了，等基金经办人答复。" if waits and waits.turn is rules.Turn.OFFICER else "记下了。", "yes")
    return redirect(url_for("spotchecks.entry", pick_id=pick_id), 303)


@bp.post("/fund/checks/entries/<int:pick_id>/answers")
@requires(Action.FUND_MANAGE)
def answer(pick_id: int) -> BaseResponse:
    pick, by_id, now = _pick(pick_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        words = forms.answer(request.form)
        in_transaction(lambda: service.answer(pick_id, words, by_id, now))
    except Invalid as error:
        return _entry(pick, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("答复记下了，等审计再看。", "yes")
    return redirect(url_for("spotchecks.entry", pick_id=pick_id), 303)
