"""Reading points: which rules hold, what was given and why."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import aliased

from app.core.db import db, rows
from app.points.models import PointEntry, PointPersonTotal, PointRule, PointScheme
from app.points.rules import CapPeriod, Per, Rule, SchemeKind


@dataclass(frozen=True)
class Scheme:
    id: int
    kind: SchemeKind
    version: str
    valid_from: date
    source: str
    rules: tuple[Rule, ...]

    @property
    def base(self) -> int:
        """The base score, in hundredths."""
        return sum(rule.amount for rule in self.rules if rule.per is Per.BASE)


def schemes_on(day: date) -> dict[SchemeKind, Scheme]:
    """The version of each scheme in force on a day, with its rules; one query."""
    schemes: dict[SchemeKind, Scheme] = {}
    for scheme_id, kind, version, valid_from, source, *columns in rows(_IN_FORCE, day=day):
        known = schemes.get(kind) or Scheme(scheme_id, kind, version, valid_from, source, ())
        schemes[kind] = replace(known, rules=(*known.rules, Rule(*columns)))
    return schemes


_newest_scheme = (
    select(PointScheme.kind, func.max(PointScheme.valid_from).label("since"))
    .where(PointScheme.valid_from <= bindparam("day", type_=Date))
    .group_by(PointScheme.kind)
    .subquery()
)
_IN_FORCE = (
    select(
        PointScheme.id,
        PointScheme.kind,
        PointScheme.version,
        PointScheme.valid_from,
        PointScheme.source,
        PointRule.id,
        PointRule.per,
        PointRule.amount,
        PointRule.activity_kind,
        PointRule.hour_kind,
        PointRule.counts_honour,
        PointRule.cap,
        PointRule.cap_period,
    )
    .join(_newest_scheme, (_newest_scheme.c.kind == PointScheme.kind) & (_newest_scheme.c.since == PointScheme.valid_from))
    .join(PointRule, PointRule.scheme_id == PointScheme.id)
    .order_by(PointScheme.id, PointRule.id)
)


def used(person_ids: Collection[int], rule_ids: Collection[int], periods: Collection[str]) -> dict[tuple[int, int, str], int]:
    """What rules gave so far: (person, rule, period key) → hundredths."""
    given = rows(_USED, person_ids=list(person_ids), rule_ids=list(rule_ids), periods=list(periods))
    return {(person_id, rule_id, period): points for person_id, rule_id, period, points in given}


_USED = select(PointPersonTotal.person_id, PointPersonTotal.rule_id, PointPersonTotal.period, PointPersonTotal.points).where(
    PointPersonTotal.person_id.in_(bindparam("person_ids", expanding=True)),
    PointPersonTotal.rule_id.in_(bindparam("rule_ids", expanding=True)),
    PointPersonTotal.period.in_(bindparam("periods", expanding=True)),
)


def capped_rules(rule_ids: Collection[int]) -> dict[int, Rule]:
    """Those of the rules that have a cap."""
    r = PointRule
    found = db.session.execute(
        select(r.id, r.per, r.amount, r.activity_kind, r.hour_kind, r.counts_honour, r.cap, r.cap_period).where(
            r.id.in_(rule_ids), r.cap.is_not(None)
        )
    )
    return {row[0]: Rule(*row) for row in found}


def wanted_and_given(person_id: int, rule_id: int, first: date, last: date) -> tuple[int, int]:
    """Of the entries that count from `first` to `last`: what the rule gave before its cap, and what it gave, reversals among them."""
    sums = select(func.coalesce(func.sum(PointEntry.wanted), 0), func.coalesce(func.sum(PointEntry.points), 0))
    counts = func.coalesce(PointEntry.counted_on, PointEntry.served_on)
    row = db.session.execute(
        sums.where(PointEntry.person_id == person_id, PointEntry.rule_id == rule_id, counts.between(first, last))
    ).one()
    return int(row[0]), int(row[1])


def totals(person_ids: Collection[int], scheme: SchemeKind, period: str) -> dict[int, int]:
    """Hundredths by person in one period, without any base score; one query."""
    sums = db.session.execute(
        select(PointPersonTotal.person_id, func.sum(PointPersonTotal.points))
        .where(
            PointPersonTotal.person_id.in_(person_ids),
            PointPersonTotal.scheme_kind == scheme,
            PointPersonTotal.period == period,
        )
        .group_by(PointPersonTotal.person_id)
    )
    return {person_id: int(points) for person_id, points in sums}


def totals_by_rule(person_ids: Collection[int], scheme: SchemeKind, period: str) -> dict[int, list[tuple[str, int, bool]]]:
    """Each person's rules in one period: (name, hundredths, at its yearly cap); one query."""
    parts = db.session.execute(
        select(PointPersonTotal.person_id, PointRule.name, PointPersonTotal.points, PointRule.cap, PointRule.cap_period)
        .join(PointRule, PointRule.id == PointPersonTotal.rule_id)
        .where(
            PointPersonTotal.person_id.in_(person_ids),
            PointPersonTotal.scheme_kind == scheme,
            PointPersonTotal.period == period,
        )
        .order_by(PointPersonTotal.person_id, PointRule.id)
    )
    found: dict[int, list[tuple[str, int, bool]]] = {}
    for person_id, name, points, cap, cap_period in parts:
        full = cap is not None and cap_period is CapPeriod.YEAR and points >= cap
        found.setdefault(person_id, []).append((name, points, full))
    return found


@dataclass(frozen=True)
class Why:
    """One entry and all that explains it."""

    id: int
    served_on: date
    booked_at: datetime
    activity_id: int | None
    rule_name: str
    scheme_version: str
    per: Per
    amount: int
    cap: int | None
    cap_period: CapPeriod | None
    wanted: int
    points: int
    made_by_id: int | None
    approved_by_id: int | None
    reason: str
    reverses_id: int | None
    was_reversed: bool
    counted_on: date | None  # where the month of the service was closed when it was booked


def why(person_id: int, scheme: SchemeKind, first: date, last: date) -> list[Why]:
    """Every entry of a scheme that counts in [first, last], newest first, reversals among them."""
    reversal = aliased(PointEntry)
    counts = func.coalesce(PointEntry.counted_on, PointEntry.served_on)
    entries = db.session.execute(
        select(
            PointEntry.id,
            PointEntry.served_on,
            PointEntry.booked_at,
            PointEntry.activity_id,
            PointRule.name,
            PointScheme.version,
            PointRule.per,
            PointRule.amount,
            PointRule.cap,
            PointRule.cap_period,
            PointEntry.wanted,
            PointEntry.points,
            PointEntry.made_by_id,
            PointEntry.approved_by_id,
            PointEntry.reason,
            PointEntry.reverses_id,
            reversal.id.is_not(None),
            PointEntry.counted_on,
        )
        .join(PointRule, PointRule.id == PointEntry.rule_id)
        .join(PointScheme, PointScheme.id == PointEntry.scheme_id)
        .outerjoin(reversal, reversal.reverses_id == PointEntry.id)
        .where(
            PointEntry.person_id == person_id,
            PointEntry.scheme_kind == scheme,
            counts.between(first, last),
        )
        .order_by(PointEntry.served_on.desc(), PointEntry.id.desc())
    )
    return [Why(*tuple(row)) for row in entries]


def standing_sources(source_kind: str, source_ids: Collection[int]) -> list[PointEntry]:
    """The unreversed originals of the sources."""
    reversal = aliased(PointEntry)
    query = (
        select(PointEntry)
        .outerjoin(reversal, reversal.reverses_id == PointEntry.id)
        .where(
            PointEntry.source_kind == source_kind,
            PointEntry.source_id.in_(source_ids),
            PointEntry.reverses_id.is_(None),
            reversal.id.is_(None),
        )
        .order_by(PointEntry.id)
    )
    return list(db.session.scalars(query))


def generations(source_kind: str, source_ids: Collection[int]) -> dict[int, int]:
    """The next generation of each source that gave points before."""
    return {source_id: newest + 1 for source_id, newest in rows(_NEWEST, source_kind=source_kind, source_ids=list(source_ids))}


_NEWEST = (
    select(PointEntry.source_id, func.max(PointEntry.generation))
    .where(
        PointEntry.source_kind == bindparam("source_kind"),
        PointEntry.source_id.in_(bindparam("source_ids", expanding=True)),
        PointEntry.reverses_id.is_(None),
    )
    .group_by(PointEntry.source_id)
)
