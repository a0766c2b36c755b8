"""Whose name, and whose number, may stand where: asked here and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from app.core.clock import local_date
from app.core.db import db
from app.people.models import Consent, GuardianConsent, Person, Stage
from app.people.rules import ConsentKind, GivenHow, Relation, StageKind, born_before, is_minor


def under_age(day: date) -> ColumnElement[bool]:
    """The person is under 14 on a day, by birth date or, where that is not known, by what was said."""
    said = and_(Person.minor_until.is_not(None), Person.minor_until > day)
    return case((Person.birth_date.is_not(None), Person.birth_date > born_before(day)), else_=said)


def guarded() -> ColumnElement[bool]:
    """A guardian's consent for the person stands."""
    return _guarded(GuardianConsent.withdrawn_at.is_(None))


def _guarded(standing: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(GuardianConsent.id).where(GuardianConsent.person_id == Person.id, standing).correlate(Person).exists()


def agreed(kind: ConsentKind, day: date) -> Select[int]:
    """A subselect of all who agree to one use of their name or number; children only while their guardian agrees too."""
    return (
        select(Consent.person_id)
        .join(Person, Person.id == Consent.person_id)
        .where(Consent.kind == kind, Consent.withdrawn_at.is_(None), or_(~under_age(day), guarded()))
    )


def agreed_at(kind: ConsentKind, moment: datetime) -> Select[int]:
    """`agreed` as it stood at a moment, whatever was said since: children only where their guardian agreed then too."""
    return (
        select(Consent.person_id)
        .join(Person, Person.id == Consent.person_id)
        .where(
            Consent.kind == kind, _stood(Consent, moment), or_(~under_age(local_date(moment)), _guarded(_stood(GuardianConsent, moment)))
        )
    )


def _stood(given: type[Consent] | type[GuardianConsent], moment: datetime) -> ColumnElement[bool]:
    return and_(given.given_at <= moment, or_(given.withdrawn_at.is_(None), given.withdrawn_at > moment))


def agreed_among(person_ids: Collection[int], kind: ConsentKind, day: date) -> frozenset[int]:
    """`agreed` of some; one query."""
    if not person_ids:
        return frozenset()
    return frozenset(db.session.scalars(agreed(kind, day).where(Consent.person_id.in_(person_ids))))


def needs_guardian(person_ids: Collection[int], day: date) -> frozenset[int]:
    """Those under 14 for whom no guardian's consent stands: they can not be confirmed. One query."""
    if not person_ids:
        return frozenset()
    return frozenset(db.session.scalars(select(Person.id).where(Person.id.in_(person_ids), under_age(day), ~guarded())))


@dataclass(frozen=True)
class ConsentFact:
    """One yes, and when it was taken back."""

    kind: ConsentKind
    given_at: datetime
    withdrawn_at: datetime | None


def consent_history(person_id: int) -> list[ConsentFact]:
    """Everything that somebody ever agreed to, the newest first."""
    rows = db.session.execute(
        select(Consent.kind, Consent.given_at, Consent.withdrawn_at).where(Consent.person_id == person_id).order_by(Consent.id.desc())
    )
    return [ConsentFact(*row) for row in rows]


@dataclass(frozen=True)
class GuardianRow:
    id: int
    guardian_name: str
    guardian_phone: str
    relation: Relation
    given_how: GivenHow
    recorded_by: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Minor:
    """What is known of somebody's age, and of their guardian: `standing` is the consent that holds, `past` those withdrawn.

    `may_be`: nothing is known that says that they are older. Who is neither `minor` nor that needs no guardian.
    """

    minor: bool
    may_be: bool
    birth_date: date | None
    minor_until: date | None
    standing: GuardianRow | None
    past: tuple[GuardianRow, ...]


def minor(person_id: int, day: date) -> Minor:
    """Two queries."""
    grown = select(Stage.id).where(Stage.person_id == Person.id, Stage.kind != StageKind.MASSES).correlate(Person).exists()  # 18 and over
    about = select(Person.birth_date, Person.minor_until, grown).where(Person.id == person_id)
    birth, until, older = db.session.execute(about).one()
    given = GuardianConsent
    rows = [
        GuardianRow(*row)
        for row in db.session.execute(
            select(
                given.id,
                given.guardian_name,
                given.guardian_phone,
                given.relation,
                given.given_how,
                Person.name,
                given.given_at,
                given.withdrawn_at,
            )
            .join(Person, Person.id == given.recorded_by_id)
            .where(given.person_id == person_id)
            .order_by(given.id.desc())
        )
    ]
    standing = next((row for row in rows if row.withdrawn_at is None), None)
    may_be = birth is None and until is None and not older
    return Minor(is_minor(birth, until, day), may_be, birth, until, standing, tuple(row for row in rows if row.withdrawn_at))
