"""积分: every point with rule, version, cap, source and approver, and the sum line by line; one's own, or a member's for the branch."""

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.hours.rules import PeriodKind, SourceKind, period
from app.pages.views import bp
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.points import queries as points
from app.points.queries import Why
from app.points.rules import SCHEME_NAMES, Per, SchemeKind
from app.points.standings import THAT_PERIOD, Score, cap_words, grade_words, rule_words, sum_words
from app.proxies import queries as proxies
from app.schemes.queries import proposals, scores
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render

SHOWN = 20


@dataclass(frozen=True)
class Line:
    """One line of the sum, in hundredths."""

    name: str
    points: int
    words: str = ""


def is_member(person_id: int) -> bool:
    stage = people.stage_on(person_id, clock.today())
    return stage is not None and stage.kind in PARTY_MEMBERS


def asked_year() -> int:
    this = clock.today().year
    year = request.args.get("year", this, type=int)
    return year if 2000 <= year <= this else this


@bp.get("/me/points")
@signed_in
def points_home() -> BaseResponse:
    return redirect(url_for("pages.my_points", kind=SchemeKind.VOLUNTEER.value))


@bp.get("/me/points/<kind>")
@signed_in
def my_points(kind: str) -> Response:
    """One's own points with the whole "why": 志愿积分, or 党员积分 where one is a member."""
    actor = current_actor()
    member = is_member(actor.person_id)
    chosen = SchemeKind.MEMBER if member and kind == SchemeKind.MEMBER else SchemeKind.VOLUNTEER
    other = SchemeKind.VOLUNTEER if chosen is SchemeKind.MEMBER else SchemeKind.MEMBER
    return render(
        "pages/points.html",
        own=True,
        other=url_for("pages.my_points", kind=other.value) if member else None,
        here=url_for("pages.my_points", kind=chosen.value),
        back=url_for("pages.me"),
        **points_page(actor.person_id, chosen, asked_year()),
    )


@bp.get("/branch/people/<int:person_id>/points/<kind>")
@requires(Action.PERSON_READ)
def member_points(person_id: int, kind: str) -> Response:
    """The same of a home member, for who may read their points; who looked is logged."""
    actor, today = current_actor(), clock.today()
    person = people.person(person_id, today)
    if person is None or people.sight(person_id, actor.roots(Action.PERSON_READ), today) is not people.Sight.HOME:
        raise NotFound
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))
    member = is_member(person_id)
    chosen = SchemeKind.MEMBER if member and kind == SchemeKind.MEMBER else SchemeKind.VOLUNTEER
    other = SchemeKind.VOLUNTEER if chosen is SchemeKind.MEMBER else SchemeKind.MEMBER
    return render(
        "pages/points.html",
        own=False,
        person=person,
        other=url_for("pages.member_points", person_id=person_id, kind=other.value) if member else None,
        here=url_for("pages.member_points", person_id=person_id, kind=chosen.value),
        back=url_for("pages.member_page", person_id=person_id),
        **points_page(person_id, chosen, asked_year()),
    )


def points_page(person_id: int, scheme: SchemeKind, year: int | None = None) -> dict[str, Any]:
    """What the "why" shows of a year under a scheme: the sum and its lines, and each entry with rule, version, cap, source and people."""
    today = clock.today()
    span = period(PeriodKind.YEAR, today if year is None else today.replace(year=year, month=1, day=1))
    entries = points.why(person_id, scheme, span.first, span.last)
    current = points.schemes_on(min(today, span.last))[scheme]
    score = next(iter(scores(scheme, span, person_ids=[person_id], day=today)), None)
    shown = max(SHOWN, request.args.get("shown", SHOWN, type=int))
    concerned = {who for one in entries[:shown] for who in (one.made_by_id, one.approved_by_id) if who}
    earned = sum(one.points for one in entries)
    return {
        "scheme": current,
        "scheme_name": SCHEME_NAMES[scheme],
        "member": scheme is SchemeKind.MEMBER,
        "year": span.first.year,
        "this_year": today.year,
        "entries": entries[:shown],
        "number": len(entries),
        "more": shown + SHOWN if len(entries) > shown else None,
        "titles": activities.activities_by_id({entry.activity_id for entry in entries[:shown] if entry.activity_id}),
        "names": proxies.names(concerned),
        "score": score,
        "lines": sum_lines(score, entries, current) if score else [],
        "total": score.total if score else earned,
        "by_hand": [one for one in proposals.of_person(person_id, approved=True) if one.exempts or one.revokes_id],
        "rule_words": rule_words,
        "cap_words": cap_words,
        "THAT_PERIOD": THAT_PERIOD,
        "sum_words": sum_words,
        "grade_words": grade_words,
        "SourceKind": SourceKind,
        "Per": Per,
    }


def sum_lines(score: Score, entries: list[Why], scheme: points.Scheme) -> list[Line]:
    """底分, what was carried over, and every rule that gave something; together they are the total, unless a veto makes it zero."""
    known = {rule.code: rule for rule in scheme.rules}
    lines = [Line("底分", score.base, "参加考核的每年都有")] if score.base else []
    carry = next((rule for rule in scheme.rules if rule.per is Per.CARRY), None)
    if carry is not None and score.carried:
        lines.append(Line("上年结转", score.carried, rule_words(carry)))
    for code, given in score.by_rule.items():
        rule = known.get(code) or next(one.rule for one in entries if one.rule_code == code)
        if rule.per is not Per.VETO:
            lines.append(Line(rule.name, given, rule_words(rule)))
    return lines
