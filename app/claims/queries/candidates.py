"""Whom one may name: those who signed up, home members of one's units, and anyone told by name and phone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, func, literal, select

from app.activities.models import Signup
from app.checkin.queries import records
from app.claims.models import Claim
from app.claims.rules import MAX_NAMES
from app.core.db import db
from app.people.models import Membership, Person, Phone, Unit
from app.people.queries import below, holds_on, units_below
from app.people.rules import MembershipKind

RECORDED, PENDING = "已到", "已报"


@dataclass(frozen=True)
class Candidate:
    """`state` is empty for somebody who can be ticked; else the word why not: 已到, 已报 (in a list that waits)."""

    person_id: int
    name: str
    state: str = ""


@dataclass(frozen=True)
class Group:
    """`size` counts all of it; where it is more than can be named at once, `people` is empty and one chooses a smaller unit."""

    name: str
    size: int
    people: tuple[Candidate, ...]
    unit_id: int | None = None


@dataclass(frozen=True)
class UnitChoice:
    id: int
    name: str
    size: int


def unavailable(shift_id: int) -> dict[int, str]:
    """Who can not be named at this shift: recorded already, or waiting in another list. Two queries."""
    waiting = select(Claim.person_id).where(Claim.open_shift_id == shift_id)
    return dict.fromkeys(db.session.execute(waiting).scalars(), PENDING) | dict.fromkeys(records.recorded(shift_id), RECORDED)


def units_with_members(roots: Collection[int], day: date) -> list[UnitChoice]:
    """Units in scope that are somebody's home branch, with how many; by id."""
    rows = db.session.execute(
        select(Unit.id, Unit.name, func.count())
        .join(Membership, Membership.unit_id == Unit.id)
        .where(Unit.id.in_(below(roots, day)), Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
        .group_by(Unit.id, Unit.name)
        .order_by(Unit.id)
    )
    return [UnitChoice(*row) for row in rows]


def groups(shift_id: int, unit_id: int, roots: Collection[int], day: date) -> list[Group]:
    """Those who signed up first, then home members below the unit as far as they lie in scope, by unit; six queries."""
    states = unavailable(shift_id)
    signed_up = db.session.execute(
        select(Person.id, Person.name)
        .join(Signup, Signup.person_id == Person.id)
        .where(Signup.shift_id == shift_id, Signup.withdrawn_at.is_(None), Signup.seated_at.is_not(None), Person.confirmed_at.is_not(None))
        .order_by(Person.name, Person.id)
    ).all()
    seen = {person_id for person_id, _ in signed_up}
    found = [_group("报了名的", signed_up, states)] if signed_up else []
    units = units_below([unit_id], day)
    own = Membership.unit_id.in_([unit.id for unit in units]), Membership.unit_id.in_(below(roots, day))
    home = and_(*own, Membership.kind == MembershipKind.HOME, holds_on(Membership, day), Person.confirmed_at.is_not(None))
    size = db.session.scalar(select(func.count()).select_from(Membership).join(Person).where(home)) or 0
    if size > MAX_NAMES:
        return [*found, Group(next(unit.name for unit in units if unit.id == unit_id), size, ())]
    members = db.session.execute(
        select(Membership.unit_id, Person.id, Person.name).join(Person).where(home).order_by(Membership.unit_id)
    ).all()
    for unit in units:
        people = [(row.id, row.name) for row in members if row.unit_id == unit.id and row.id not in seen]
        if people:
            found.append(replace(_group(unit.name, people, states), unit_id=unit.id))
    return found


def _group(name: str, rows: Iterable[tuple[int, str]], states: dict[int, str]) -> Group:
    by_sound = sorted(rows, key=lambda row: (row[1].encode("gb18030"), row[0]))  # common characters stand there by pinyin
    people = tuple(Candidate(person_id, known_as, states.get(person_id, "")) for person_id, known_as in by_sound)
    return Group(name, len(people), people)


def names_of(person_ids: Collection[int]) -> list[Candidate]:
    """By name."""
    rows = db.session.execute(select(Person.id, Person.name, literal("")).where(Person.id.in_(person_ids)).order_by(Person.name, Person.id))
    return [Candidate(*row) for row in rows]


def find_person(name: str, tail: str, day: date) -> list[int]:
    """Confirmed persons by whole name and the last four digits of a phone."""
    rows = db.session.execute(
        select(Person.id)
        .distinct()
        .join(Phone, Phone.person_id == Person.id)
        .where(Person.name == name, Person.confirmed_at.is_not(None), Phone.number.endswith(tail, autoescape=True), holds_on(Phone, day))
    )
    return list(rows.scalars())


def signers(signup_ids: Collection[int]) -> list[int]:
    """Whose sign-ups these are, in the order given."""
    found = dict(db.session.execute(select(Signup.id, Signup.person_id).where(Signup.id.in_(signup_ids))).all()) if signup_ids else {}
    return [found[one] for one in signup_ids if one in found]
