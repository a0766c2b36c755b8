"""What scans that come through a queue depend on: who may send them, who is meant, and what is recorded already."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.accounts.models import Account, AccountSession
from app.activities.models import Shift, Signup
from app.checkin.models import Attendance, Helper, Scan
from app.checkin.queries.scans import visitors
from app.checkin.rules import LEAVE_AFTER
from app.core.db import db
from app.people.models import Membership, Person, Phone
from app.people.queries import below, holds_on


@dataclass(frozen=True)
class Bearer:
    """Whose session it is. `ended_at` is when it was revoked, or else when it ends by itself."""

    person_id: int
    token_hash: str
    ended_at: datetime


def bearer(session_id: int) -> Bearer | None:
    """A session, also one that has ended."""
    row = db.session.execute(
        select(Account.person_id, AccountSession.token_hash, AccountSession.revoked_at, AccountSession.expires_at)
        .join(Account, Account.id == AccountSession.account_id)
        .where(AccountSession.id == session_id)
    ).one_or_none()
    return Bearer(row[0], row[1], min(row[2], row[3]) if row[2] else row[3]) if row else None


@dataclass(frozen=True)
class Term:
    """From when until when somebody works a door as a helper."""

    since: datetime
    until: datetime


def helper_term(person_id: int, activity_id: int) -> Term | None:
    since, ends, extended = db.session.execute(
        select(func.min(Helper.made_at), func.max(Shift.ends_at), func.max(Shift.extended_to))
        .join(Shift, Shift.id == Helper.shift_id)
        .where(Helper.person_id == person_id, Shift.activity_id == activity_id)
    ).one()
    return Term(since, max(ends, extended or ends) + LEAVE_AFTER) if since else None


def recorded_scans(scan_ids: Collection[UUID]) -> dict[UUID, str]:
    """scan id → the digest of its content, for those that arrived before; one query."""
    found = db.session.execute(select(Scan.id, Scan.content).where(Scan.id.in_(scan_ids)))
    return dict(found.all())


def named_at(activity_id: int, name: str, tail: str, roots: Collection[int], day: date) -> list[int]:
    """Persons by full name and the last four digits of a phone: signed up or already here, or in the scope below `roots`.

    Nobody else is found, so that a door tells nothing about people who have nothing to do with it.
    """
    if len(tail) != 4 or not tail.isascii() or not tail.isdigit() or not name:
        return []
    shifts = select(Shift.id).where(Shift.activity_id == activity_id)
    signed_up = select(Signup.id).where(Signup.person_id == Person.id, Signup.shift_id.in_(shifts), Signup.withdrawn_at.is_(None))
    here = select(Attendance.id).where(Attendance.person_id == Person.id, Attendance.shift_id.in_(shifts))
    meant: list[ColumnElement[bool]] = [signed_up.exists(), here.exists()]
    if roots:
        unit = Membership.unit_id.in_(below(roots, day))
        scope = select(Membership.id).where(Membership.person_id == Person.id, unit, holds_on(Membership, day))
        meant.append(and_(Person.confirmed_at.is_not(None), scope.exists()))
    reached = select(Phone.id).where(Phone.person_id == Person.id, holds_on(Phone, day), Phone.number.endswith(tail, autoescape=True))
    found = select(Person.id).where(Person.name == name, Person.became_id.is_(None), reached.exists(), or_(*meant))
    return list(db.session.scalars(found.order_by(Person.id).limit(2)))


@dataclass(frozen=True)
class Counts:
    """A door's figures: people at shifts, how many of them have a seat there, seats taken, still in, gone again, and visitors."""

    arrived: int
    signed_up: int
    expected: int
    inside: int
    left: int
    visitors: int


def counts(activity_id: int) -> Counts:
    """Three queries, however many came. A check-in that was undone has not come."""
    shifts = select(Shift.id).where(Shift.activity_id == activity_id)
    came = (
        select(Attendance.shift_id, Attendance.person_id, func.count().filter(Attendance.out_at.is_(None)).label("open"))
        .where(Attendance.shift_id.in_(shifts), Attendance.excluded_at.is_(None))
        .group_by(Attendance.shift_id, Attendance.person_id)
        .subquery()
    )
    seat = and_(Signup.shift_id == came.c.shift_id, Signup.person_id == came.c.person_id, Signup.withdrawn_at.is_(None))
    arrived, seated, inside = db.session.execute(
        select(func.count(), func.count(Signup.seated_at), func.count().filter(came.c.open > 0)).select_from(came).outerjoin(Signup, seat)
    ).one()
    expected = db.session.scalar(select(func.sum(Shift.taken)).where(Shift.activity_id == activity_id)) or 0
    return Counts(arrived, seated, expected, inside, arrived - inside, visitors(activity_id))
