"""Reading people: who somebody is, their phones, what they agreed to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.db import db, rows
from app.people.models import Consent, Membership, Person, Phone, Unit
from app.people.queries.dated import holds_on
from app.people.rules import ConsentKind, Gender, MembershipKind


def in_order() -> tuple[ColumnElement[Any], ...]:
    """How people are listed: by first letter, then surname, so that all 陈 stand together, then by the other initials."""
    letter, surname = (literal_column(f"substr(person.{column}, 1, 1)", String) for column in ("initials", "name"))
    return letter, surname, Person.initials.expression, Person.id.expression


@dataclass(frozen=True)
class PersonRow:
    """`home_*` is the home branch of today; `confirmed` says that somebody knows who this is."""

    id: int
    name: str
    gender: Gender | None
    birth_date: date | None
    confirmed: bool
    home_id: int | None
    home_name: str | None


def person(person_id: int, day: date) -> PersonRow | None:
    row = db.session.execute(
        select(Person.id, Person.name, Person.gender, Person.birth_date, Person.confirmed_at, Unit.id, Unit.name)
        .outerjoin(
            Membership,
            and_(Membership.person_id == Person.id, Membership.kind == MembershipKind.HOME, holds_on(Membership, day)),
        )
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(Person.id == person_id)
    ).one_or_none()
    return PersonRow(row[0], row[1], row[2], row[3], row[4] is not None, row[5], row[6]) if row else None


def who_now(person_id: int) -> int:
    """The person a walk-in turned out to be, else the same."""
    return db.session.scalar(select(Person.became_id).where(Person.id == person_id)) or person_id


def being(column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | ColumnElement[int]) -> ScalarSelect[int]:
    """`who_now` of a column, within a query: of a row that stays with the record that it was written for."""
    one = aliased(Person)
    return select(func.coalesce(one.became_id, one.id)).where(one.id == column).correlate_except(one).scalar_subquery()


def records_of(person_id: int) -> Select[int]:
    """Ids: the person's own record, and those that turned out to be theirs. Sealed rows stay with the record that they were written for."""
    return select(Person.id).where(or_(Person.id == person_id, Person.became_id == person_id))


def record_ids(person_id: int) -> list[int]:
    """`records_of`, read; in order."""
    return sorted(db.session.scalars(records_of(person_id)))


def phones_of(person_ids: Collection[int], day: date) -> dict[int, str]:
    """One number of each, the first recorded; one query, people without one are left out."""
    found = db.session.execute(
        select(Phone.person_id, Phone.number).where(Phone.person_id.in_(person_ids), holds_on(Phone, day)).order_by(Phone.id.desc())
    )
    return dict(found.all())


def is_confirmed(person_id: int) -> bool:
    """Whether somebody has said who this is."""
    return db.session.scalar(select(Person.confirmed_at).where(Person.id == person_id)) is not None


def confirmed_among(person_ids: Collection[int]) -> set[int]:
    """Those of whom somebody has said who they are; one query."""
    return {person_id for (person_id,) in rows(_CONFIRMED, person_ids=list(person_ids))}


_CONFIRMED = select(Person.id).where(Person.id.in_(bindparam("person_ids", expanding=True)), Person.confirmed_at.is_not(None))


def phones(person_id: int, day: date) -> list[str]:
    found = db.session.execute(select(Phone.number).where(Phone.person_id == person_id, holds_on(Phone, day)).order_by(Phone.id))
    return list(found.scalars())


def has_consented(person_id: int, kind: ConsentKind) -> bool:
    found = select(Consent.id).where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
    return db.session.scalar(found) is not None


def consents(person_id: int) -> frozenset[ConsentKind]:
    return frozenset(
        db.session.execute(select(Consent.kind).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))).scalars()
    )
