"""Records in scope that may be of one person. Compared are only those that share a number, or a name together with something else."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

from sqlalchemy import Select, func, select, union

from app.core.db import db
from app.hours.models import HourPersonTotal
from app.merges.models import Merge, PersonDifference
from app.merges.rules import LEAST, Known, Likeness, likeness, sound_key, stays_better
from app.people.models import Membership, Person, Phone, Unit
from app.people.queries import below, communities_of, holds_all, holds_on
from app.people.rules import HOMES

CROWD = 60  # so many of one name in one place are no hint any more, nor so many with one number


@dataclass(frozen=True)
class Likely:
    """Two records with why they may be one; `first` is the one that would rather stay."""

    first: Known
    second: Known
    likeness: Likeness


def _in_scope(roots: Collection[int], day: date) -> Select[int]:
    """Ids of those whom an actor with these roots sees wholly (people.sight), and who were not merged."""
    ties = select(Membership.person_id).where(Membership.kind.in_(HOMES), holds_on(Membership, day))
    ours = select(Person.id).where(Person.became_id.is_(None))
    if holds_all(roots):
        return ours
    return ours.where(Person.id.in_(ties.where(Membership.unit_id.in_(below(roots, day)))))


def known(person_ids: Select[int] | Collection[int], day: date) -> dict[int, Known]:
    """Their records with numbers, units and communities; four queries."""
    people = db.session.execute(
        select(Person.id, Person.name, Person.gender, Person.birth_date, Person.confirmed_at).where(Person.id.in_(person_ids))
    ).all()
    phones: defaultdict[int, set[str]] = defaultdict(set)
    for person_id, number in db.session.execute(
        select(Phone.person_id, Phone.number).where(Phone.person_id.in_(person_ids), holds_on(Phone, day))
    ):
        phones[person_id].add(number)
    units: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, unit_id in db.session.execute(
        select(Membership.person_id, Membership.unit_id).where(Membership.person_id.in_(person_ids), holds_on(Membership, day))
    ):
        units[person_id].add(unit_id)
    above = communities_of({unit for theirs in units.values() for unit in theirs}, day)
    return {
        row[0]: Known(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4] is not None,
            frozenset(phones[row[0]]),
            frozenset(units[row[0]]),
            frozenset(above[unit] for unit in units[row[0]] if unit in above),
        )
        for row in people
    }


def likely(roots: Collection[int], day: date) -> list[Likely]:
    """All pairs in scope, the likeliest first; without those that somebody said are two, and those that wait or were merged."""
    everyone = known(_in_scope(roots, day), day)
    found = _pairs(everyone.values())
    settled = _settled()
    scored = [(one, other, likeness(everyone[one], everyone[other])) for one, other in found if (one, other) not in settled]
    return _rows(everyone, [row for row in scored if row[2].score >= LEAST])


def alike(person_id: int, roots: Collection[int], day: date) -> list[Likely]:
    """The pairs of one person, whatever was said of them before."""
    everyone = known(_in_scope(roots, day), day)
    found = [pair for pair in _pairs(everyone.values()) if person_id in pair]
    return _rows(everyone, [(one, other, likeness(everyone[one], everyone[other])) for one, other in found])


def _rows(everyone: dict[int, Known], scored: list[tuple[int, int, Likeness]]) -> list[Likely]:
    weight = weights({one for pair in scored for one in pair[:2]})
    rows = []
    for one, other, how in sorted(scored, key=lambda row: (-row[2].score, row[0], row[1])):
        stays, goes = stays_better(everyone[one], everyone[other], weight)
        rows.append(Likely(everyone[stays], everyone[goes], how))
    return rows


def weights(person_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """How much is on record of each: minutes of all time; one query."""
    if not person_ids:
        return {}
    t = HourPersonTotal
    rows = db.session.execute(
        select(t.person_id, func.sum(t.minutes)).where(t.person_id.in_(person_ids), t.period == "all").group_by(t.person_id)
    )
    return {person_id: (int(minutes),) for person_id, minutes in rows}


def _pairs(everyone: Iterable[Known]) -> set[tuple[int, int]]:
    """Candidates, (lower id, higher id): a shared number; the sound of a name, with a birth date, a unit, a community or nobody's word."""
    numbers: defaultdict[object, list[int]] = defaultdict(list)
    namesakes: defaultdict[str, list[Known]] = defaultdict(list)
    for one in everyone:
        namesakes[sound_key(one.name)].append(one)
        for number in one.phones:
            numbers[number].append(one.id)
    groups = list(numbers.values())
    for same in namesakes.values():
        if len(same) > 1:
            groups += _together(same)
    return {pair for members in groups if 1 < len(members) <= CROWD for pair in combinations(sorted(set(members)), 2)}


def _together(namesakes: Iterable[Known]) -> list[list[int]]:
    """Those of one name who have something else in common."""
    found: defaultdict[tuple[str, object], list[int]] = defaultdict(list)
    unsure, everybody = False, []
    for one in namesakes:
        everybody.append(one.id)
        unsure = unsure or not one.confirmed
        if one.birth_date:
            found["birth", one.birth_date].append(one.id)
        for unit in one.units:
            found["unit", unit].append(one.id)
        for area in one.areas:
            found["area", area].append(one.id)
    return [*found.values(), *([everybody] if unsure else [])]


def _settled() -> set[tuple[int, int]]:
    """Pairs of which somebody has said something that holds."""
    d, m = PersonDifference, Merge
    different = select(d.low_id, d.high_id).where(d.ended_at.is_(None))
    waiting = select(m.stays_id, m.goes_id).where(m.verdict.is_(None))
    return {(min(pair), max(pair)) for pair in db.session.execute(union(different, waiting))}


@dataclass(frozen=True)
class Different:
    """A pair that was said to be two people."""

    id: int
    low_id: int
    high_id: int
    low_name: str
    high_name: str
    reason: str
    said_by: str
    said_at: datetime


def differences(person_ids: Select[int] | Collection[int]) -> list[Different]:
    """Those that hold, of people in scope, the latest first; one query."""
    d = PersonDifference
    low, high, by = Person.__table__.alias("low"), Person.__table__.alias("high"), Person.__table__.alias("said_by")
    rows = db.session.execute(
        select(d.id, d.low_id, d.high_id, low.c.name, high.c.name, d.reason, by.c.name, d.said_at)
        .join(low, low.c.id == d.low_id)
        .join(high, high.c.id == d.high_id)
        .join(by, by.c.id == d.said_by_id)
        .where(d.ended_at.is_(None), d.low_id.in_(person_ids), d.high_id.in_(person_ids))
        .order_by(d.said_at.desc(), d.id.desc())
        .limit(200)
    )
    return [Different(*row) for row in rows]


def in_scope(roots: Collection[int], day: date) -> Select[int]:
    return _in_scope(roots, day)


def units_of(people: Collection[Known]) -> dict[int, str]:
    """Names of the units that these belong to; one query."""
    ids = {unit for one in people for unit in one.units}
    return dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids))).all()) if ids else {}
