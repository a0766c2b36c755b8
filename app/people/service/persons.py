"""Recording people and who they turn out to be. Called inside a write transaction; nothing here commits."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, is_sqlite, writing
from app.people import queries
from app.people.models import (
    Person,
    Phone,
)
from app.people.naming import initials
from app.people.rules import Gender, Origin


def lock_person(person_id: int) -> None:
    """Take the person's row first (persons, shifts, totals), so that two writes about one person queue up."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def lock_persons(person_ids: Collection[int]) -> None:
    """`lock_person` for many, in ascending order and in one statement."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update(key_share=True))


def record_person(
    name: str,
    origin: Origin,
    now: datetime,
    *,
    phone: str | None = None,
    gender: Gender | None = None,
    birth_date: date | None = None,
    confirmed_by_id: int | None = None,
    confirmed: bool = False,
    minor_until: date | None = None,
) -> int:
    """A new person, always: who it might also be is for people to decide, never for a matching phone."""
    writing()
    person_id: int = db.session.execute(
        insert(Person)
        .values(
            name=name,
            initials=initials(name),
            origin=origin,
            gender=gender,
            birth_date=birth_date,
            recorded_at=now,
            confirmed_at=now if confirmed else None,
            confirmed_by_id=confirmed_by_id,
            note="",
            minor_until=minor_until,
        )
        .returning(Person.id)
    ).scalar_one()
    if phone:
        db.session.execute(insert(Phone).values(person_id=person_id, number=phone, valid_from=clock.local_date(now)))
    return person_id


_followers: list[Callable[[int, datetime], None]] = []


def when_confirmed(follow: Callable[[int, datetime], None]) -> None:
    """Register what else happens when somebody is confirmed (hours that waited are credited), in the same transaction."""
    if follow not in _followers:
        _followers.append(follow)


def confirm_person(person_id: int, by_id: int, now: datetime) -> bool:
    """Somebody says who this is. False when it was said before (nothing is overwritten), and for a child whose guardian has not agreed."""
    writing()
    if queries.needs_guardian([person_id], clock.local_date(now)):
        return False
    confirming = update(Person).where(Person.id == person_id, Person.confirmed_at.is_(None)).values(confirmed_at=now, confirmed_by_id=by_id)
    done = db.session.execute(confirming.returning(Person.id)).scalar_one_or_none() is not None
    if done:
        audit.record(by_id, "person.confirmation", "person", person_id)
        for follow in _followers:
            follow(person_id, now)
    return done


def become(person_id: int, known_id: int) -> None:
    """A walk-in turned out to be somebody known; what their phone scans from now on is that person's."""
    writing()
    db.session.execute(update(Person).where(Person.id == person_id).values(became_id=known_id))


def add_phone(person_id: int, number: str, from_day: date) -> None:
    """One more contact; nothing when it is there already."""
    writing()
    known = select(Phone.id).where(Phone.person_id == person_id, Phone.number == number, Phone.valid_to.is_(None))
    if db.session.scalar(known) is None:
        db.session.execute(insert(Phone).values(person_id=person_id, number=number, valid_from=from_day))
