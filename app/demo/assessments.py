"""The holidays that 公示 reckons with, and two assessments of the secretary's branch.

Last year's is locked; last quarter's is in 公示, with an objection that waits for an answer.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

from app.assessments import queries, service
from app.assessments.rules import Address, span_of
from app.core import clock
from app.core.db import in_transaction
from app.demo.people import Cast
from app.hours.closing import closes_on
from app.people.queries import stages_of
from app.people.rules import PARTY_MEMBERS
from app.points.rules import SchemeKind
from app.publicity import service as publicities
from app.publicity.rules import Said
from app.schemes.rules import Proposal
from app.schemes.service import proposals
from app.settings import queries as settings
from app.worklist import service as worklist

T = TypeVar("T")
FIXED = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))  # 元旦、劳动节、国庆节
WORK, OWN = "/work", "/me/assessments"
ADDRESS = Address("0757-86230000", "灯湖社区党群服务中心 201 室")
BONUSES = ("台风夜值守到天亮", "牵头调解楼上楼下漏水", "帮独居老人装扶手", "带头清运楼道杂物", "周末给街坊修家电")
SAID = "我 8 月那次台风后清障，名单里好像没有算"


def load(cast: Cast, now: datetime) -> None:
    """Needs a January behind it for the year, and a quarter whose books are closed."""
    today, unit = clock.local_date(now), cast.branches["锦园第二党支部"]
    in_transaction(lambda: _holidays(cast, today, now))
    if today >= date(today.year, 2, 10):
        _locked(cast, unit, today.year)
    if span := _closed_quarter(today):
        _publicised(cast, unit, span, now)


def _holidays(cast: Cast, today: date, now: datetime) -> None:
    """Of years that nobody has written down those that never move; the others an administrator adds when they are announced."""
    known = settings.holidays()
    off = {
        date(year, *day)
        for year in range(today.year - 1, today.year + 2)
        if known.unknown(date(year, 1, 1), date(year, 1, 1))
        for day in FIXED
    }
    if off:
        publicities.set_holidays(known.off | off, known.worked, cast.administrator, now)


def _at(moment: datetime, work: Callable[[], T]) -> T:
    with clock.frozen_at(moment):
        return in_transaction(work)


def _closed_quarter(today: date) -> str | None:
    keys = [f"{year}-Q{quarter}" for year in (today.year, today.year - 1) for quarter in (4, 3, 2, 1)]
    return next((key for key in keys if closes_on(span_of(key).last) <= today - timedelta(days=3)), None)


def _locked(cast: Cast, unit: int, year: int) -> None:
    """Collected and reviewed in January, publicised when the books were closed, locked at its end."""
    days = [clock.at_local(date(year, 1, day), time(10)) for day in (5, 7, 9, 13, 19, 28)]
    _bonuses(cast, unit, year - 1, days[0])
    one = _at(days[1], lambda: service.start([unit], str(year - 1), cast.administrator, WORK, days[1]))[0]
    _at(days[2], lambda: service.review(one, cast.secretary, "1 月 8 日支委会逐人审过", {}, WORK, days[2]))
    _at(days[3], lambda: service.approve(one, cast.administrator, "", WORK, days[3]))
    _at(days[4], lambda: service.publicise(one, cast.deputy, ADDRESS, _shown, days[4]))
    _at(days[5], lambda: service.lock(one, cast.administrator, OWN, days[5]))
    for person in (cast.secretary, cast.deputy, cast.administrator):
        _at(days[5], partial(worklist.read_all, person))


def _bonuses(cast: Cast, unit: int, year: int, on: datetime) -> None:
    """So that not everybody has the same: some of the members stood out, as two people say."""
    members = [one for one in cast.members[unit] if one not in (cast.secretary, cast.deputy, cast.volunteer)]
    stages = stages_of(members, date(year, 12, 1))
    party = [one for one in members if one in stages and stages[one].kind in PARTY_MEMBERS]
    given = [(person, times) for place, person in enumerate(party[:18]) for times in range(place * 5 % 13)]

    def propose() -> list[int]:
        return [
            proposals.propose(
                Proposal(one, SchemeKind.MEMBER, date(year, 1 + times, 3 + one % 24), BONUSES[(one + times) % len(BONUSES)], "bonus"),
                cast.deputy,
                WORK,
                on,
            )
            for one, times in given
        ]

    made = _at(on, propose)
    urls = {"show": WORK, "own": "/me/points?kind=member"}
    _at(on, lambda: [proposals.approve(one, cast.secretary, urls, on) for one in made])


def _publicised(cast: Cast, unit: int, span: str, now: datetime) -> None:
    before = [now - timedelta(days=days) for days in (3, 2, 1)]
    one = _at(before[0], lambda: service.start([unit], span, cast.administrator, WORK, before[0]))[0]
    _at(before[0], lambda: service.review(one, cast.secretary, "支委会审过，没有意见", {}, WORK, before[0]))
    _at(before[1], lambda: service.approve(one, cast.administrator, "", WORK, before[1]))
    shown = _at(before[2], lambda: service.publicise(one, cast.secretary, ADDRESS, _shown, before[2]))
    row = queries.assessment(one)
    if row:
        someone = next(line.person_id for line in queries.figures(row).assessed if line.person_id not in (cast.secretary, cast.deputy))
        in_transaction(lambda: publicities.object_to(shown, Said(someone, SAID, by_id=someone), None, WORK, now))


def _shown(publicity_id: int) -> str:
    return f"/publicity/{publicity_id}"
