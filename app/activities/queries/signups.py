"""Reading sign-ups: who holds a seat, who waits and at which place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift, ShiftPosition, Signup
from app.activities.queries.activities import activity, last_end, open_condition
from app.activities.queries.rows import Clash, NextSignup, SignupRow
from app.core.db import db
from app.people.models import Person, Phone
from app.people.queries import agreed, holds_on
from app.people.rules import ConsentKind

Wishes = dict[int | None, int]  # position (None: any, or the shift has none) → how many wait for it


def waiting_wishes(activity_id: int) -> dict[int, Wishes]:
    """How many wait for what, by shift; shifts where nobody waits are absent."""
    query = (
        select(Signup.shift_id, Signup.position_id, func.count())
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Shift.activity_id == activity_id, Signup.seated_at.is_(None), Signup.withdrawn_at.is_(None))
        .group_by(Signup.shift_id, Signup.position_id)
    )
    found: dict[int, Wishes] = {}
    for shift_id, position_id, count in db.session.execute(query):
        found.setdefault(shift_id, {})[position_id] = count
    return found


def waiting_counts(activity_id: int) -> dict[int, int]:
    """How many wait for a seat, by shift; shifts where nobody waits are absent."""
    return {shift_id: sum(wishes.values()) for shift_id, wishes in waiting_wishes(activity_id).items()}


def signed_up_shifts(person_id: int, activity_id: int) -> frozenset[int]:
    """The shifts of an activity that the person holds a seat in."""
    query = (
        select(Signup.shift_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Shift.activity_id == activity_id,
            Signup.person_id == person_id,
            Signup.withdrawn_at.is_(None),
            Signup.seated_at.is_not(None),
        )
    )
    return frozenset(db.session.execute(query).scalars())


def _signups() -> Select[*tuple[Any, ...]]:
    """Standing sign-ups with how many stand before them on the same waiting list, themselves included.

    Who waits for one position stands behind those who came before for it or for any, who waits for any behind all of the shift.
    """
    ahead = aliased(Signup)
    same = or_(Signup.position_id.is_(None), ahead.position_id.is_(None), ahead.position_id == Signup.position_id)
    place = (
        select(func.count())
        .where(ahead.shift_id == Signup.shift_id, ahead.seated_at.is_(None), ahead.withdrawn_at.is_(None), ahead.id <= Signup.id, same)
        .correlate(Signup)
        .scalar_subquery()
    )
    return (
        select(
            Signup.id,
            Signup.person_id,
            Signup.shift_id,
            Shift.activity_id,
            Shift.name,
            Shift.starts_at,
            last_end,
            Signup.seated_at,
            place,
            Signup.position_id,
            ShiftPosition.name,
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .outerjoin(ShiftPosition, ShiftPosition.id == Signup.position_id)
        .where(Signup.withdrawn_at.is_(None))
    )


def _signup_rows(query: Select[*tuple[Any, ...]]) -> list[SignupRow]:
    return [
        SignupRow(
            id=row[0],
            person_id=row[1],
            shift_id=row[2],
            activity_id=row[3],
            shift_name=row[4],
            starts_at=row[5],
            ends_at=row[6],
            position=None if row[7] else row[8],
            position_id=row[9],
            position_name=row[10],
        )
        for row in db.session.execute(query)
    ]


def signups_of(person_id: int, activity_ids: Collection[int]) -> list[SignupRow]:
    """The person's standing sign-ups in these activities, by start."""
    if not activity_ids:
        return []
    query = _signups().where(Signup.person_id == person_id, Shift.activity_id.in_(activity_ids))
    return _signup_rows(query.order_by(Shift.starts_at, Shift.id))


def signup(signup_id: int) -> SignupRow | None:
    """A standing sign-up."""
    found = _signup_rows(_signups().where(Signup.id == signup_id))
    return found[0] if found else None


def left_before(signup_id: int, person_id: int | None = None) -> int | None:
    """The activity of a sign-up (of the person's) that was withdrawn; None for all others."""
    query = (
        select(Shift.activity_id).join(Signup, Signup.shift_id == Shift.id).where(Signup.id == signup_id, Signup.withdrawn_at.is_not(None))
    )
    return db.session.scalar(query.where(Signup.person_id == person_id) if person_id else query)


def signups_in(activity_id: int) -> list[SignupRow]:
    """Everyone's standing sign-ups of an activity: seats first, then the waiting list in its order."""
    query = _signups().where(Shift.activity_id == activity_id)
    return _signup_rows(query.order_by(Shift.starts_at, Shift.id, Signup.seated_at.is_(None), Signup.id))


def next_signup(person_id: int, now: datetime) -> NextSignup | None:
    """The nearest shift that the person signed up for and that is not over."""
    query = (
        _signups()
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Signup.person_id == person_id, last_end > now, open_condition())
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    )
    found = _signup_rows(query)
    row = activity(found[0].activity_id) if found else None
    return NextSignup(found[0], row) if row else None


def clashes(person_id: int, activity_id: int) -> list[Clash]:
    """For each shift of an activity: the person's other sign-ups whose times overlap with it."""
    own = aliased(Shift)
    query = (
        select(Shift.id, Activity.title, own.name, own.starts_at, func.coalesce(own.extended_to, own.ends_at))
        .join(own, and_(own.id != Shift.id, own.starts_at < last_end, func.coalesce(own.extended_to, own.ends_at) > Shift.starts_at))
        .join(Signup, and_(Signup.shift_id == own.id, Signup.person_id == person_id, Signup.withdrawn_at.is_(None)))
        .join(Activity, Activity.id == own.activity_id)
        .where(Shift.activity_id == activity_id, Activity.cancelled_at.is_(None))
        .order_by(Shift.id, own.starts_at)
    )
    return [Clash(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class NameRow:
    """For organisers only. `phone` where the person agreed to be contacted (组织者可以联系我)."""

    name: str
    confirmed: bool
    phone: str | None


def names_of(person_ids: Collection[int], day: date) -> dict[int, NameRow]:
    """Two queries, however many people."""
    if not person_ids:
        return {}
    query = select(Phone.person_id, func.min(Phone.number)).where(
        Phone.person_id.in_(agreed(ConsentKind.CONTACT, day)), Phone.person_id.in_(person_ids), holds_on(Phone, day)
    )
    numbers = {row[0]: row[1] for row in db.session.execute(query.group_by(Phone.person_id))}
    people = db.session.execute(select(Person.id, Person.name, Person.confirmed_at).where(Person.id.in_(person_ids)))
    return {row.id: NameRow(row.name, row.confirmed_at is not None, numbers.get(row.id)) for row in people}
