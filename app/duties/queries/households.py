"""Reading 户联系: which households a member keeps in touch with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.duties.models import HouseholdContact
from app.people.models import Membership, Person, Place
from app.people.queries import holds_on
from app.people.rules import MembershipKind


@dataclass(frozen=True)
class HouseholdRow:
    id: int
    person_id: int
    place_name: str
    household: str
    since: date


def households_of(person_ids: Collection[int]) -> dict[int, list[HouseholdRow]]:
    """person id → the households they keep in touch with now; one query."""
    rows = db.session.execute(
        select(HouseholdContact.id, HouseholdContact.person_id, Place.name, HouseholdContact.household, HouseholdContact.valid_from)
        .join(Place, Place.id == HouseholdContact.place_id)
        .where(HouseholdContact.person_id.in_(person_ids), HouseholdContact.valid_to.is_(None))
        .order_by(Place.name, HouseholdContact.household, HouseholdContact.id)
    )
    found: dict[int, list[HouseholdRow]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(HouseholdRow(*row))
    return found


@dataclass(frozen=True)
class Contact:
    """One household contact with where its member is at home today."""

    id: int
    person_id: int
    name: str
    home_id: int | None
    household: str


def contact(contact_id: int, day: date) -> Contact | None:
    """One that stands; None when it was closed."""
    row = db.session.execute(
        select(HouseholdContact.id, Person.id, Person.name, Membership.unit_id, HouseholdContact.household)
        .join(Person, Person.id == HouseholdContact.person_id)
        .outerjoin(
            Membership,
            (Membership.person_id == Person.id) & (Membership.kind == MembershipKind.HOME) & holds_on(Membership, day),
        )
        .where(HouseholdContact.id == contact_id, HouseholdContact.valid_to.is_(None))
    ).one_or_none()
    return Contact(*row) if row else None
