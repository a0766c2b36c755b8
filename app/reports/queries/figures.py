"""A unit's figures from totals and indexed ranges: a constant number of queries, whatever its size and however long the ledger.

Each query answers for the unit and for every unit one level below it at once, by the tree of one day.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, select, union_all
from sqlalchemy.orm import aliased

from app.activities.templates import Outcome
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal
from app.hours.rules import HourClass, HourKind, Period, PeriodKind
from app.people.models import Membership, Person, Unit, UnitAncestry
from app.people.queries import holds_on
from app.people.rules import MembershipKind
from app.reports.queries.held import ended_in, held, outcomes
from app.reports.rules import OLDEST, Below, Figures, KindLine, Month, Report, before, chart_months

Parts = dict[int, dict[str, int]]
YEARS_ONWARD = 4  # up to here it is less to read what came since than what was before


def report(unit_id: int, span: Period, now: datetime) -> Report:
    """The unit with what is below it: this period, the one before, and the months of the chart. Raises NotFound."""
    day = min(span.last, clock.local_date(now))
    earlier = before(span)
    names, since = _names(unit_id, day)
    if unit_id not in names:
        raise NotFound
    figures, kinds, outcome = _figures(unit_id, span, day, now)
    past, _, _ = _figures(unit_id, earlier, earlier.last, now)
    return Report(
        unit_id=unit_id,
        unit_name=names[unit_id],
        span=span,
        day=day,
        figures=figures.get(unit_id, Figures()),
        before=past.get(unit_id, Figures()),
        kinds=tuple(kinds),
        outcomes=outcome,
        below=tuple(Below(one, name, figures.get(one, Figures())) for one, name in names.items() if one != unit_id),
        months=tuple(_months(unit_id, chart_months(span), day)),
        since=since,
    )


def figures_of(unit_id: int, span: Period, now: datetime) -> Figures:
    """What `report` says of the unit itself, without the period before and the chart."""
    found, _, _ = _figures(unit_id, span, min(span.last, clock.local_date(now)), now)
    return found.get(unit_id, Figures())


def _names(unit_id: int, day: date) -> tuple[dict[int, str], date]:
    """The unit and those one level below it on a day, by name; and since when the unit stands."""
    rows = db.session.execute(
        select(Unit.id, Unit.name, Unit.opened_on)
        .join(UnitAncestry, UnitAncestry.unit_id == Unit.id)
        .where(UnitAncestry.ancestor_id == unit_id, UnitAncestry.depth <= 1, holds_on(UnitAncestry, day))
        .order_by(Unit.kind, Unit.id)
    ).all()
    return {row.id: row.name for row in rows}, next((row.opened_on for row in rows if row.id == unit_id), day)


def _up(unit_id: int, day: date) -> Subquery:
    """Every unit of the subtree with the one it is counted for: the unit itself, and the one below it that it belongs to."""
    top, leaf = aliased(UnitAncestry), aliased(UnitAncestry)
    return (
        select(leaf.unit_id, top.unit_id.label("top"))
        .join(leaf, and_(leaf.ancestor_id == top.unit_id, holds_on(leaf, day)))
        .where(top.ancestor_id == unit_id, top.depth <= 1, holds_on(top, day))
        .subquery()
    )


def _figures(unit_id: int, span: Period, day: date, now: datetime) -> tuple[dict[int, Figures], list[KindLine], dict[Outcome, int]]:
    """Seven queries."""
    up = _up(unit_id, day)
    parts: Parts = defaultdict(dict)
    tops = _tops(up)
    _hours(up, span, parts)
    _organised(tops, up, span, parts)
    _people(up, tops, span, day, clock.local_date(now), parts)
    ended = ended_in(span, now)
    totals, kinds = held(tops, ended, unit_id)
    for top, counted in totals.items():
        parts[top] |= counted
    return {top: Figures(**said) for top, said in parts.items()}, kinds, outcomes(up, ended, unit_id)


def _tops(up: Subquery) -> dict[int, list[int]]:
    """unit → those it is counted for."""
    found: dict[int, list[int]] = defaultdict(list)
    for unit_id, top in db.session.execute(select(up.c.unit_id, up.c.top)):
        found[unit_id].append(top)
    return found


def _hours(up: Subquery, span: Period, parts: Parts) -> None:
    """Minutes by kind and class, and how many entries stand. A reversal is an entry too: it takes itself and its original away."""
    sums = db.session.execute(
        select(up.c.top, HourUnitTotal.kind, HourUnitTotal.hour_class, func.sum(HourUnitTotal.minutes), func.sum(HourUnitTotal.entries))
        .join(up, up.c.unit_id == HourUnitTotal.unit_id)
        .where(HourUnitTotal.period == span.key)
        .group_by(up.c.top, HourUnitTotal.kind, HourUnitTotal.hour_class)
    )
    for top, kind, hour_class, minutes, entries in sums:
        parts[top][f"{kind}_{hour_class}"] = int(minutes)
        parts[top]["times"] = parts[top].get("times", 0) + int(entries)
    counted = func.coalesce(HourEntry.counted_on, HourEntry.served_on)
    reversals = (  # summed first, by the index of what is reversed: joined at once, a whole unit's entries would be read
        select(HourEntry.home_unit_id, func.count().label("many"))
        .where(HourEntry.reverses_id > 0, counted.between(span.first, span.last))  # "> 0" is a range of the index, NULLs outside it
        .group_by(HourEntry.home_unit_id)
        .subquery()
    )
    taken_back = db.session.execute(
        select(up.c.top, func.sum(reversals.c.many)).join(reversals, reversals.c.home_unit_id == up.c.unit_id).group_by(up.c.top)
    )
    for top, many in taken_back:
        parts[top]["times"] = parts[top].get("times", 0) - 2 * int(many)


def _organised(tops: dict[int, list[int]], up: Subquery, span: Period, parts: Parts) -> None:
    """Minutes of service by who organised it, whoever came: ranges of an index that holds all of it, one a unit.

    What came late is little, and read by the index of what came late, of everybody: joined with units, all of their years would be read.
    """
    e = HourEntry
    sums = select(e.organising_unit_id, e.hour_class, func.sum(e.minutes)).group_by(e.organising_unit_id, e.hour_class)
    here = e.organising_unit_id.in_(select(up.c.unit_id))
    in_time = sums.where(e.kind == HourKind.SERVICE, here, e.served_on.between(span.first, span.last), e.counted_on.is_(None))
    late = sums.where(e.kind == HourKind.SERVICE, e.counted_on.between(span.first, span.last))
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, hour_class, minutes in db.session.execute(union_all(in_time, late)):
        for top in tops.get(unit, ()):
            found[top][f"organised_{hour_class}"] += int(minutes)
    for top, counted in found.items():
        parts[top] |= counted


def _belonging(up: Subquery, day: date) -> Subquery:
    """Who is counted where: home members, and confirmed residents without a home branch, as the ledger's home unit says."""
    units = select(up.c.unit_id)
    home = select(Membership.person_id, Membership.unit_id).where(
        Membership.kind == MembershipKind.HOME, holds_on(Membership, day), Membership.unit_id.in_(units)
    )
    elsewhere = aliased(Membership)
    has_home = exists().where(elsewhere.person_id == Membership.person_id, elsewhere.kind == MembershipKind.HOME, holds_on(elsewhere, day))
    residents = (  # who lives in two communities is counted in one
        select(Membership.person_id, func.min(Membership.unit_id))
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.kind == MembershipKind.RESIDENT,
            holds_on(Membership, day),
            Membership.unit_id.in_(units),
            Person.confirmed_at.is_not(None),
            ~has_home,
        )
        .group_by(Membership.person_id)
    )
    return union_all(home, residents).subquery()


def _people(up: Subquery, tops: dict[int, list[int]], span: Period, day: date, today: date, parts: Parts) -> None:
    """Members, those of them with minutes in the period, and those of these who had none before. One query."""
    belonging = _belonging(up, day)
    active = _active(select(belonging.c.person_id), span, today)
    new = case((active.c.earlier <= 0, active.c.person_id))
    by_unit = (
        select(
            belonging.c.unit_id,
            func.count().label("members"),
            func.count(active.c.person_id).label("people"),
            func.count(new).label("newcomers"),
        )
        .outerjoin(active, active.c.person_id == belonging.c.person_id)
        .group_by(belonging.c.unit_id)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, members, people, newcomers in db.session.execute(by_unit):
        for top in tops.get(unit, ()):
            found[top].update({"members": int(members), "people": int(people), "newcomers": int(newcomers)})
    for top, counted in found.items():
        parts[top] |= counted


def _active(people: Select[int], span: Period, today: date) -> Subquery:
    """Those with minutes in the period, and how many they had before it: of the totals, whichever side of time is shorter to read."""
    total = HourPersonTotal
    if today.year - span.first.year <= YEARS_ONWARD:
        keys = ["all", *_onward(span, today)]
        earlier: ColumnElement[int] = case((total.period == "all", total.minutes), else_=-total.minutes)
    else:
        keys, earlier = _earlier(span), total.minutes.expression
    mine = func.sum(case((total.period == span.key, total.minutes), else_=0))
    before_it = func.sum(case((total.period.in_(keys), earlier), else_=0))
    return (
        select(total.person_id, before_it.label("earlier"))
        .where(total.period.in_({*keys, span.key}), total.person_id.in_(people))
        .group_by(total.person_id)
        .having(mine > 0)
        .subquery()
    )


def _onward(span: Period, today: date) -> list[str]:
    """Keys that cover everything from the period's first day on, each day once."""
    first = span.first.month if span.kind is PeriodKind.MONTH else 1
    months = [f"{span.first.year}-{month:02d}" for month in range(first, 13)]
    this_year = months if first > 1 else [str(span.first.year)]
    return [*this_year, *(str(year) for year in range(span.first.year + 1, today.year + 1))]


def _earlier(span: Period) -> list[str]:
    """Keys that cover everything before it."""
    first = span.first.month if span.kind is PeriodKind.MONTH else 1
    return [
        *(str(year) for year in range(min(2000, OLDEST), span.first.year)),
        *(f"{span.first.year}-{month:02d}" for month in range(1, first)),
    ]


def _months(unit_id: int, keys: Sequence[str], day: date) -> list[Month]:
    """Service minutes of each month, by the tree of one day."""
    up = _up(unit_id, day)
    rows: list[Any] = list(
        db.session.execute(
            select(HourUnitTotal.period, HourUnitTotal.hour_class, func.sum(HourUnitTotal.minutes))
            .join(up, and_(up.c.unit_id == HourUnitTotal.unit_id, up.c.top == unit_id))
            .where(HourUnitTotal.period.in_(keys), HourUnitTotal.kind == HourKind.SERVICE)
            .group_by(HourUnitTotal.period, HourUnitTotal.hour_class)
        )
    )
    found = {(key, hour_class): int(minutes) for key, hour_class, minutes in rows}
    return [Month(key, found.get((key, HourClass.CREDIT), 0), found.get((key, HourClass.HONOUR), 0)) for key in keys]
