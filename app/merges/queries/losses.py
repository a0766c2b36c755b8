"""In numbers what two records lose by being one: time that counts once, and points above a cap. All else is added up.

Reckoned from the ledgers without writing, however much is on record; a property compares it with what merges did.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity
from app.core.db import db
from app.crediting.evening import shortfalls
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind, PeriodKind, SourceKind, period
from app.merges.own_rules import Pair
from app.points.cap_queries import caps_on
from app.points.models import PointEntry, PointRule, PointScheme
from app.points.rules import PointPosting, SchemeKind


@dataclass(frozen=True)
class Overlap:
    """Minutes of a spell that count once only."""

    on: date
    title: str
    kind: HourKind
    hour_class: HourClass
    minutes: int


@dataclass(frozen=True)
class Capped:
    """A rule in a period of its cap (or of all time): what both have together, and what stands afterwards; hundredths.

    `overlapping`: of the difference, what was given for spells that do not count any more. `cap` where the rule has one.
    """

    scheme: SchemeKind
    rule: str
    span: str
    both: int
    after: int
    overlapping: int
    cap: int | None

    @property
    def less(self) -> int:
        """Negative where fewer points are taken off."""
        return self.both - self.after


@dataclass(frozen=True)
class Losses:
    overlaps: tuple[Overlap, ...]
    points: tuple[Capped, ...]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.overlaps)

    def of_scheme(self, scheme: SchemeKind) -> int:
        return sum(one.less for one in self.points if one.scheme is scheme)


def losses(pair: Pair, overlapping: Collection[int]) -> Losses:
    """`overlapping`: the spells of who goes that will not count (queries.rows.plan). Eight queries at most."""
    return Losses(tuple(_overlaps(overlapping)), tuple(_points(pair, frozenset(overlapping))))


def _overlaps(attendance_ids: Collection[int]) -> list[Overlap]:
    if not attendance_ids:
        return []
    e, reversal = HourEntry, aliased(HourEntry)
    found = db.session.execute(
        select(e.served_on, func.coalesce(Activity.title, "以前的服务"), e.kind, e.hour_class, e.minutes)
        .outerjoin(reversal, reversal.reverses_id == e.id)
        .outerjoin(Activity, Activity.id == e.activity_id)
        .where(e.source_kind == SourceKind.ATTENDANCE, e.source_id.in_(attendance_ids), e.reverses_id.is_(None), reversal.id.is_(None))
        .order_by(e.served_on, e.id)
    )
    return [Overlap(*row) for row in found]


Key = tuple[SchemeKind, str, str]  # scheme, code of the rule, period


def _points(pair: Pair, overlapping: frozenset[int]) -> list[Capped]:
    going = _standing(pair.goes_id)
    again = [_posting(one, pair.stays_id) for one in going if not _clashes(one, overlapping)]
    rules, newest = _rules() if going else ({}, {})

    def key(scheme: SchemeKind, rule_id: int, day: date) -> Key:
        kind = rules[rule_id].cap_period
        return scheme, rules[rule_id].code, period(PeriodKind(kind), day).key if kind else "all"

    have, gone, after = Counter[Key](), Counter[Key](), Counter[Key]()
    for entry in going:
        if _clashes(entry, overlapping):
            gone[key(entry.scheme_kind, entry.rule_id, _day(entry))] += entry.points
    for person_id, scheme, rule_id, day, points in _given(pair) if going else ():
        at = key(scheme, rule_id, day)
        have[at] += points
        after[at] += points if person_id == pair.stays_id else 0
    for one in again:
        after[key(one.scheme_kind, one.rule_id, one.caps_on)] += one.points
    for one, of, more in shortfalls(again, posted=False):
        after[key(of.scheme_kind, of.rule.id, one.caps_on)] += more
    return [
        Capped(at[0], newest[at[:2]].name, at[2], have[at], after[at], gone[at], newest[at[:2]].cap)
        for at in sorted(have, key=lambda at: (at[0].value, at[2], at[1]))
        if have[at] != after[at]
    ]


def _rules() -> tuple[dict[int, PointRule], dict[tuple[SchemeKind, str], PointRule]]:
    """All by id; of each scheme and code, which the versions share, the newest."""
    found = db.session.execute(select(PointRule, PointScheme.kind).join(PointScheme, PointScheme.id == PointRule.scheme_id))
    rows = [(rule, kind) for rule, kind in found.all()]
    rows.sort(key=lambda row: row[0].id)
    return {rule.id: rule for rule, _ in rows}, {(kind, rule.code): rule for rule, kind in rows}


def _clashes(entry: PointEntry, overlapping: frozenset[int]) -> bool:
    return entry.source_kind == SourceKind.ATTENDANCE and entry.source_id in overlapping


def _standing(person_id: int) -> Sequence[PointEntry]:
    """What moves: what evened a cap does not, it follows from the rest."""
    e, reversal = PointEntry, aliased(PointEntry)
    found = select(e).outerjoin(reversal, reversal.reverses_id == e.id)
    mine = (e.person_id == person_id, e.reverses_id.is_(None), reversal.id.is_(None), e.source_kind != SourceKind.EVENED)
    return db.session.scalars(found.where(*mine).order_by(e.id)).all()


def _day(entry: PointEntry) -> date:
    return entry.cap_on or entry.counted_on or entry.served_on


def _given(pair: Pair) -> list[tuple[int, SchemeKind, int, date, int]]:
    """Person, scheme, rule, day whose cap it falls under, hundredths: all of both, reversals and what evened among them."""
    e, day = PointEntry, caps_on(PointEntry)
    sums = (
        select(e.person_id, e.scheme_kind, e.rule_id, day, func.sum(e.points))
        .where(e.person_id.in_([pair.stays_id, pair.goes_id]))
        .group_by(e.person_id, e.scheme_kind, e.rule_id, day)
    )
    return [(person_id, scheme, rule_id, on, int(points)) for person_id, scheme, rule_id, on, points in db.session.execute(sums)]


def _posting(entry: PointEntry, person_id: int) -> PointPosting:
    same = {one.name: getattr(entry, one.name) for one in fields(PointPosting)}
    return PointPosting(**same | {"person_id": person_id})
