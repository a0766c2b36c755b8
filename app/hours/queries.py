"""Reading hours: totals for pages, entries for explanations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Subquery, bindparam, func, select, tuple_, union_all
from sqlalchemy.orm import aliased

from app.core.db import db, rows
from app.hours.closing import DEFAULT, ClosingRule, counted_on
from app.hours.models import HourEntry, HourPersonTotal
from app.hours.rules import HourClass, HourKind, SourceKind, Star, star
from app.settings import queries as settings

CLOSING = "closing"  # key of the setting
AT_ONCE = 500  # pairs in one statement
STARS = "stars"  # {"honour": false}: whether 补录时长 counts towards the star levels


@dataclass(frozen=True)
class Sums:
    """Minutes in one period. Credit and honour stand side by side and are never added up."""

    service_credit: int = 0
    service_honour: int = 0
    study_credit: int = 0
    study_honour: int = 0


def sums(person_id: int, period: str = "all") -> Sums:
    return sums_of([person_id], period).get(person_id, Sums())


def sums_of(person_ids: Collection[int], period: str) -> dict[int, Sums]:
    """Totals of many people in one period, one query. People without any are left out."""
    found: dict[int, dict[str, int]] = {}
    totals = db.session.execute(
        select(HourPersonTotal.person_id, HourPersonTotal.kind, HourPersonTotal.hour_class, HourPersonTotal.minutes).where(
            HourPersonTotal.person_id.in_(person_ids), HourPersonTotal.period == period
        )
    )
    for person_id, kind, hour_class, minutes in totals:
        found.setdefault(person_id, {})[f"{kind}_{hour_class}"] = minutes
    return {person_id: Sums(**parts) for person_id, parts in found.items()}


def of_people(keys: Collection[str], kind: HourKind) -> Subquery:
    """person_id, hour_class, minutes: what people have of a kind in periods, several rows a person.

    From the totals; single days are not kept for people, so these are read in the ledger, by index.
    """
    total, entry = HourPersonTotal, HourEntry
    days = [date.fromisoformat(key) for key in keys if len(key) == len("2026-11-21")]
    longer = [key for key in keys if len(key) != len("2026-11-21")]
    kept = select(total.person_id, total.hour_class, total.minutes).where(total.period.in_(longer), total.kind == kind)
    if not days:
        return kept.subquery()
    booked = select(entry.person_id, entry.hour_class, entry.minutes).where(entry.kind == kind)
    on_time = booked.where(entry.served_on.in_(days), entry.counted_on.is_(None))
    return union_all(kept, on_time, booked.where(entry.counted_on.in_(days))).subquery()


def over_a_day(days: Collection[tuple[int, date]], most: int) -> bool:
    """Whether any of these people served more than `most` minutes on that day, whichever month it counts in."""
    entry, pairs = HourEntry, sorted(days)
    for start in range(0, len(pairs), AT_ONCE):
        same = tuple_(entry.person_id, entry.served_on).in_(pairs[start : start + AT_ONCE])
        over = select(entry.person_id).where(same).group_by(entry.person_id, entry.served_on)
        if db.session.scalar(over.having(func.sum(entry.minutes) > most).limit(1)) is not None:
            return True
    return False


@dataclass(frozen=True)
class Standing:
    """An entry that stands: an original whose reversal, if any, is named in `reversed_reason`."""

    id: int
    activity_id: int | None
    served_on: date
    booked_at: datetime
    hour_class: HourClass
    kind: HourKind
    minutes: int
    source_kind: SourceKind
    source_id: int
    made_by_id: int | None
    approved_by_id: int | None
    reversed_reason: str | None
    booked_on: date
    organising_unit_id: int
    counted_on: date | None  # where the month of the service was closed when it was booked


def entries(person_id: int, kind: HourKind | None = None) -> list[Standing]:
    """Originals of one person, newest first, each with the reason of its reversal where it was taken back."""
    reversal = aliased(HourEntry)
    query = (
        select(
            HourEntry.id,
            HourEntry.activity_id,
            HourEntry.served_on,
            HourEntry.booked_at,
            HourEntry.hour_class,
            HourEntry.kind,
            HourEntry.minutes,
            HourEntry.source_kind,
            HourEntry.source_id,
            HourEntry.made_by_id,
            HourEntry.approved_by_id,
            reversal.reason,
            HourEntry.booked_on,
            HourEntry.organising_unit_id,
            HourEntry.counted_on,
        )
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(HourEntry.person_id == person_id, HourEntry.reverses_id.is_(None))
        .order_by(HourEntry.served_on.desc(), HourEntry.id.desc())
    )
    if kind is not None:
        query = query.where(HourEntry.kind == kind)
    return [Standing(*tuple(row)) for row in db.session.execute(query)]


def standing_sources(source_kind: SourceKind, source_ids: Collection[int]) -> list[HourEntry]:
    """The unreversed originals of the sources."""
    reversal = aliased(HourEntry)
    query = (
        select(HourEntry)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(
            HourEntry.source_kind == source_kind,
            HourEntry.source_id.in_(source_ids),
            HourEntry.reverses_id.is_(None),
            reversal.id.is_(None),
        )
        .order_by(HourEntry.id)
    )
    return list(db.session.scalars(query))


def generations(source_kind: SourceKind, source_ids: Collection[int]) -> dict[int, int]:
    """The next generation of each source that was credited before."""
    return {source_id: newest + 1 for source_id, newest in rows(_NEWEST, source_kind=source_kind, source_ids=list(source_ids))}


_NEWEST = (
    select(HourEntry.source_id, func.max(HourEntry.generation))
    .where(
        HourEntry.source_kind == bindparam("source_kind"),
        HourEntry.source_id.in_(bindparam("source_ids", expanding=True)),
        HourEntry.reverses_id.is_(None),
    )
    .group_by(HourEntry.source_id)
)


def months_of(person_id: int, keys: Collection[str], kind: HourKind = HourKind.SERVICE) -> dict[str, tuple[int, int]]:
    """Minutes by month key, (credit, honour); one query, months without any are left out."""
    totals = db.session.execute(
        select(HourPersonTotal.period, HourPersonTotal.hour_class, HourPersonTotal.minutes).where(
            HourPersonTotal.person_id == person_id, HourPersonTotal.period.in_(keys), HourPersonTotal.kind == kind
        )
    )
    found: dict[str, tuple[int, int]] = {}
    for period, hour_class, minutes in totals:
        credit, honour = found.get(period, (0, 0))
        found[period] = (minutes, honour) if hour_class is HourClass.CREDIT else (credit, minutes)
    return found


def star_of(sums: Sums) -> Star:
    """The star level of somebody with these sums of all time, by the local rule."""
    return star(sums.service_credit, sums.service_honour, with_honour=stars_with_honour())


def stars_with_honour() -> bool:
    return bool(settings.value(STARS, {"honour": False})["honour"])


def closing_rules() -> list[ClosingRule]:
    """When months close, the rule that holds longest first."""
    kept = settings.value(CLOSING, {"rules": []})["rules"]
    return [DEFAULT, *(ClosingRule(date.fromisoformat(one["since"]), one["month_day"], one["year_day"]) for one in kept)]


def late(served: Collection[date], booked_on: date) -> dict[date, date]:
    """The days whose month was closed when they are booked, each with the day it counts on. Asks nothing where that can not be."""
    doubtful = [day for day in served if (day.year, day.month) != (booked_on.year, booked_on.month)]
    if not doubtful:
        return {}
    rules, first = closing_rules(), db.session.scalar(_FIRST_BOOKED)
    return {day: later for day in doubtful if (later := counted_on(day, booked_on, first, rules))}


_FIRST_BOOKED = select(HourEntry.booked_on).order_by(HourEntry.id).limit(1)
