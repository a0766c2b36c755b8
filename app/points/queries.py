"""Reading points: which rules hold, what was given and why."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Date, and_, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from app.core.db import db, rows
from app.hours.models import HourEntry
from app.hours.rules import SourceKind
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


RULE_COLUMNS = (
    PointRule.id,
    PointRule.per,
    PointRule.amount,
    PointRule.activity_kind,
    PointRule.hour_kind,
    PointRule.counts_honour,
    PointRule.cap,
    PointRule.cap_period,
    PointRule.code,
    PointRule.name,
    PointRule.note,
)


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
        *RULE_COLUMNS,
    )
    .join(_newest_scheme, (_newest_scheme.c.kind == PointScheme.kind) & (_newest_scheme.c.since == PointScheme.valid_from))
    .join(PointRule, PointRule.scheme_id == PointScheme.id)
    .order_by(PointScheme.id, PointRule.id)
)


@dataclass(frozen=True)
class Kin:
    """A rule, with the version it belongs to."""

    rule: Rule
    scheme_id: int
    scheme_kind: SchemeKind


def kin(rule_ids: Collection[int]) -> list[Kin]:
    """These rules and those of the same code in other versions, the oldest version first."""
    r, asked, asked_of = PointRule, aliased(PointRule), aliased(PointScheme)
    named = select(asked_of.kind, asked.code).distinct().join_from(asked, asked_of, asked_of.id == asked.scheme_id)
    codes = named.where(asked.id.in_(rule_ids)).subquery()
    found = db.session.execute(
        select(*RULE_COLUMNS, PointScheme.id, PointScheme.kind)
        .join_from(r, PointScheme, PointScheme.id == r.scheme_id)
        .join(codes, (codes.c.kind == PointScheme.kind) & (codes.c.code == r.code))
        .order_by(PointScheme.valid_from, r.id)
    )
    return [Kin(Rule(*columns), scheme_id, kind) for *columns, scheme_id, kind in map(tuple, found)]


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
    rule_id: int
    rule_code: str
    rule_note: str
    counts_honour: bool
    source_kind: SourceKind
    source_id: int
    cap_on: date | None  # of an earlier period whose cap holds, not that of the one it counts in
    minutes: int | None = None  # that stand in the ledger of hours for the same source, where they do

    @property
    def rule(self) -> Rule:
        code, name, note = self.rule_code, self.rule_name, self.rule_note
        return Rule(self.rule_id, self.per, self.amount, None, None, self.counts_honour, self.cap, self.cap_period, code, name, note)


_TakenBack = aliased(HourEntry)
_OF_THE_SAME_SOURCE = and_(
    HourEntry.source_kind == PointEntry.source_kind,
    HourEntry.source_id == PointEntry.source_id,
    HourEntry.reverses_id.is_(None),
    PointEntry.reverses_id.is_(None),
    ~exists().where(_TakenBack.reverses_id == HourEntry.id),
)


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
            PointRule.id,
            PointRule.code,
            PointRule.note,
            PointRule.counts_honour,
            PointEntry.source_kind,
            PointEntry.source_id,
            PointEntry.cap_on,
            HourEntry.minutes,
        )
        .join(PointRule, PointRule.id == PointEntry.rule_id)
        .join(PointScheme, PointScheme.id == PointEntry.scheme_id)
        .outerjoin(reversal, reversal.reverses_id == PointEntry.id)
        .outerjoin(HourEntry, _OF_THE_SAME_SOURCE)
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
