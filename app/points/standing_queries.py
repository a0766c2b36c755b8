"""What standings are made of: versions with their parts, sums of the ledger by rule, vetoes. However many people, the same statements."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, exists, func, select, text, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.db import db
from app.points.models import PointBand, PointEntry, PointPersonTotal, PointRule, PointScheme
from app.points.queries import RULE_COLUMNS
from app.points.rules import Per, Rule, SchemeKind
from app.points.standings import Band, Version

MANY = 1000  # above so many people everybody's rows are read: one range of an index instead of a list


def among(column: InstrumentedAttribute[int], person_ids: Collection[int]) -> ColumnElement[bool]:
    return column.in_(person_ids) if len(person_ids) <= MANY else true()


def version_on(kind: SchemeKind, day: date) -> Version | None:
    """The version in force on a day with its rules and bands; three statements."""
    s = PointScheme
    found = db.session.execute(
        select(s.id, s.kind, s.version, s.exempt_age).where(s.kind == kind, s.valid_from <= day).order_by(s.valid_from.desc()).limit(1)
    ).one_or_none()
    if found is None:
        return None
    rules = db.session.execute(select(*RULE_COLUMNS).where(PointRule.scheme_id == found.id).order_by(PointRule.id))
    bands = select(PointBand.least, PointBand.name).where(PointBand.scheme_id == found.id).order_by(PointBand.least.desc())
    return Version(
        found.id,
        found.kind,
        found.version,
        tuple(Rule(*row) for row in rules),
        tuple(Band(*row) for row in db.session.execute(bands)),
        found.exempt_age,
    )


Sums = dict[tuple[int, str], list[tuple[str, Per, int]]]


def sums_by_rule(person_ids: Collection[int], kind: SchemeKind, periods: Collection[str]) -> Sums:
    """(person, period) → (rule code, what it is about, hundredths), from the totals."""
    t = PointPersonTotal
    found: Sums = {}
    for person_id, key, code, per, points in db.session.execute(
        select(t.person_id, t.period, PointRule.code, PointRule.per, func.sum(t.points))
        .join(PointRule, PointRule.id == t.rule_id)
        .where(t.period.in_(periods), t.scheme_kind == kind, among(t.person_id, person_ids))
        .group_by(t.person_id, t.period, PointRule.code, PointRule.per)
        .order_by(t.person_id, func.min(PointRule.id))
    ):
        found.setdefault((person_id, key), []).append((code, per, int(points)))
    return found


def vetoed(person_ids: Collection[int], kind: SchemeKind, first: date, last: date) -> set[int]:
    """Who has a veto that counts in these days and that nothing took back by their end: afterwards they are closed, vetoed."""
    reversal, e = aliased(PointEntry), PointEntry
    lifted = exists().where(reversal.reverses_id == e.id, func.coalesce(reversal.counted_on, reversal.served_on) <= last)
    by_hand = text("point_entry.source_kind = 'manual'")  # as the index says it
    found = (
        select(e.person_id)
        .join(PointRule, PointRule.id == e.rule_id)
        .where(by_hand, e.scheme_kind == kind, e.reverses_id.is_(None), PointRule.per == Per.VETO)
        .where(among(e.person_id, person_ids), func.coalesce(e.counted_on, e.served_on).between(first, last), ~lifted)
    )
    return set(db.session.scalars(found))


def rules_by_code() -> dict[tuple[SchemeKind, str], list[tuple[date, Rule]]]:
    """Each rule as it was in every version, the newest first, with the day that its version began; one statement."""
    found: dict[tuple[SchemeKind, str], list[tuple[date, Rule]]] = {}
    rows = db.session.execute(
        select(PointScheme.kind, PointScheme.valid_from, *RULE_COLUMNS)
        .join(PointScheme, PointScheme.id == PointRule.scheme_id)
        .order_by(PointScheme.valid_from.desc(), PointRule.id)
    )
    for kind, since, *columns in rows:
        rule = Rule(*columns)
        found.setdefault((kind, rule.code), []).append((since, rule))
    return found
