"""Reading what falls under a cap.

An entry falls under the cap of the period that it counts in. What takes back, evens or corrects an entry of a period that is closed by
then counts today, and falls under the cap of that period still: so no cap is filled or emptied by another month's mistakes.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Date, bindparam, cast, exists, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from app.core.db import db, rows
from app.hours.rules import PeriodKind
from app.hours.totals import period_key
from app.points.models import PointEntry, PointPersonTotal, PointRule
from app.points.rules import PointPosting, SchemeKind, cap_spans


def used(person_ids: Collection[int], periods: Collection[str]) -> dict[tuple[int, SchemeKind, str, str], int]:
    """What rules gave so far under the caps of these periods, in whichever version: (person, scheme, rule code, period key) → hundredths.

    The totals, without what counts there and falls under the cap of an earlier period.
    """
    given: dict[tuple[int, SchemeKind, str, str], int] = {}
    for person_id, kind, code, total_of, counts_on, cap_on, points in rows(_USED, person_ids=list(person_ids), periods=list(periods)):
        for key, part in ((total_of, points),) if cap_on is None else _moved(counts_on, cap_on, points):
            if key in periods:
                given[person_id, kind, code, key] = given.get((person_id, kind, code, key), 0) + part
    return given


def _moved(counts_on: date, cap_on: date, points: int) -> Iterator[tuple[str, int]]:
    """From the periods that an entry counts in to those whose caps it falls under."""
    for counted, capped in zip(cap_spans(counts_on).values(), cap_spans(cap_on).values(), strict=True):
        if counted != capped:
            yield counted, -points
            yield capped, points


_PEOPLE: BindParameter[int] = bindparam("person_ids", expanding=True)
_TOTAL, _NO_DAY = PointPersonTotal, cast(null(), Date)
_USED: CompoundSelect[Any] = union_all(
    select(_TOTAL.person_id, _TOTAL.scheme_kind, PointRule.code, _TOTAL.period, _NO_DAY, _NO_DAY, _TOTAL.points)
    .join(PointRule, PointRule.id == _TOTAL.rule_id)
    .where(_TOTAL.person_id.in_(_PEOPLE), _TOTAL.period.in_(bindparam("periods", expanding=True))),
    select(
        PointEntry.person_id,
        PointEntry.scheme_kind,
        PointRule.code,
        literal(""),
        PointEntry.counted_on,
        PointEntry.cap_on,
        PointEntry.points,
    )
    .join(PointRule, PointRule.id == PointEntry.rule_id)
    .where(PointEntry.person_id.in_(_PEOPLE), PointEntry.cap_on.is_not(None)),
)


def caps_on(entry: Any) -> ColumnElement[date]:
    """`PointPosting.caps_on`, by the database."""
    return func.coalesce(entry.cap_on, entry.counted_on, entry.served_on)


Wants = dict[tuple[int, int, str], tuple[int, int]]


def by_month(person_ids: Collection[int], rule_ids: Collection[int], first: date, last: date) -> Wants:
    """(person, rule, month) → what the rule gave before its cap and what it gave, reversals among them; by the months whose caps hold."""
    e = PointEntry
    month = period_key(PeriodKind.MONTH, caps_on(e))
    sums = (
        select(e.person_id, e.rule_id, month, func.sum(e.wanted), func.sum(e.points))
        .where(e.person_id.in_(person_ids), e.rule_id.in_(rule_ids), caps_on(e).between(first, last))
        .group_by(e.person_id, e.rule_id, month)
    )
    return {(person_id, rule_id, key): (int(want), int(have)) for person_id, rule_id, key, want, have in db.session.execute(sums)}


def entry_ids(postings: Collection[PointPosting]) -> dict[tuple[int, str, int, int, bool], int]:
    """The ids of what was posted, by `PointPosting.key`; one query."""
    e = PointEntry
    of = {one.source_kind for one in postings}, {one.source_id for one in postings}, {one.rule_id for one in postings}
    found = db.session.execute(
        select(e.rule_id, e.source_kind, e.source_id, e.generation, e.reverses_id.is_not(None), e.id).where(
            e.source_kind.in_(of[0]), e.source_id.in_(of[1]), e.rule_id.in_(of[2])
        )
    )
    return {(rule_id, kind.value, source, generation, back): one for rule_id, kind, source, generation, back, one in found}


def cap_days(source_kind: str, source_ids: Collection[int]) -> dict[int, date]:
    """Of sources that gave points before, a day of the period whose cap their newest generation fell under. Asks nothing about none."""
    if not source_ids:
        return {}
    e, later = PointEntry, aliased(PointEntry)
    newer = exists().where(
        later.source_kind == e.source_kind, later.source_id == e.source_id, later.generation > e.generation, later.reverses_id.is_(None)
    )
    found = select(e.source_id, caps_on(e)).where(
        e.source_kind == source_kind, e.source_id.in_(source_ids), e.reverses_id.is_(None), ~newer
    )
    return dict(db.session.execute(found).all())
