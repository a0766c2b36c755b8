"""One person's own facts with their dates: phones, memberships and stages, those of before too."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.core.db import db
from app.people.models import Membership, Person, Phone, Stage, Unit
from app.people.rules import Gender, MembershipKind, StageKind


@dataclass(frozen=True)
class ProfileRow:
    """What the profile form holds."""

    id: int
    name: str
    gender: Gender | None
    birth_date: date | None
    note: str


def profile(person_id: int) -> ProfileRow | None:
    row = db.session.execute(select(Person.id, Person.name, Person.gender, Person.birth_date, Person.note).where(Person.id == person_id))
    found = row.one_or_none()
    return ProfileRow(*found) if found else None


@dataclass(frozen=True)
class PhoneRow:
    id: int
    number: str
    valid_from: date
    valid_to: date | None


def phone_history(person_id: int) -> list[PhoneRow]:
    """Standing numbers first, as they were recorded."""
    rows = db.session.execute(
        select(Phone.id, Phone.number, Phone.valid_from, Phone.valid_to)
        .where(Phone.person_id == person_id)
        .order_by(Phone.valid_to.is_not(None), Phone.id)
    )
    return [PhoneRow(*row) for row in rows]


@dataclass(frozen=True)
class MembershipRow:
    id: int
    kind: MembershipKind
    unit_id: int
    unit_name: str
    valid_from: date
    valid_to: date | None


def memberships(person_id: int) -> list[MembershipRow]:
    """All that were and are, the newest first. One that began and ended on the same day never held, and is left out."""
    rows = db.session.execute(
        select(Membership.id, Membership.kind, Unit.id, Unit.name, Membership.valid_from, Membership.valid_to)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id == person_id, func.coalesce(Membership.valid_to, date.max) > Membership.valid_from)
        .order_by(Membership.valid_from.desc(), Membership.id.desc())
    )
    return [MembershipRow(*row) for row in rows]


@dataclass(frozen=True)
class StageRow:
    id: int
    kind: StageKind
    began_on: date


def stage_history(person_id: int) -> list[StageRow]:
    """The oldest first."""
    rows = db.session.execute(
        select(Stage.id, Stage.kind, Stage.began_on).where(Stage.person_id == person_id).order_by(Stage.began_on, Stage.id)
    )
    return [StageRow(*row) for row in rows]
