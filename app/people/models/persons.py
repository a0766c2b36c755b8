"""Persons, and what holds of them from one day to another: phones, memberships, stages, consents."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.people.models.trees import DATED, OPEN
from app.people.rules import ConsentKind, DepartureReason, Gender, GivenHow, MembershipKind, Origin, Relation, StageKind

BECAME = text("became_id IS NOT NULL")
GONE = text("erased_at IS NOT NULL")


class Person(Base):
    """One human, once. `confirmed_at` is when a branch, an organiser or a roster said who this is."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_became_id", "became_id", sqlite_where=BECAME, postgresql_where=BECAME),
        Index("ix_person_erased_at", "erased_at", sqlite_where=GONE, postgresql_where=GONE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    gender: Mapped[Gender | None]
    birth_date: Mapped[date | None]
    origin: Mapped[Origin]
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    recorded_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    became_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # a walk-in who turned out to be somebody known
    initials: Mapped[str] = mapped_column(String(40), default="", server_default="", index=True)  # 何嘉怡 → hjy, for searching
    minor_until: Mapped[date | None]  # said to be under 14, the birth date not known; see rules.minor_until
    erased_at: Mapped[datetime | None]  # nothing that tells who this was is left (feature rights); the database keeps it so


class Phone(Base):
    """A dated contact. Couples share one, some have none; only the login phone of an account is unique."""

    __tablename__ = "phone"
    __table_args__ = (
        Index("uq_phone_open", "person_id", "number", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_phone_number", "number"),
        Index("ix_phone_person", "person_id"),
        CheckConstraint(DATED, name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


ONE_HOME = text("valid_to IS NULL AND kind = 'home'")
ONE_REPORT = text("valid_to IS NULL AND kind = 'reported'")


class Membership(Base):
    """组织关系, 报到, 队员 …: person and unit, with dates. At most one home branch and one community reported in to at a time."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("uq_membership_home", "person_id", unique=True, sqlite_where=ONE_HOME, postgresql_where=ONE_HOME),
        Index("uq_membership_reported", "person_id", unique=True, sqlite_where=ONE_REPORT, postgresql_where=ONE_REPORT),
        Index("uq_membership_open", "person_id", "unit_id", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_membership_unit", "unit_id", "kind", "valid_to"),
        Index("ix_membership_person", "person_id"),
        CheckConstraint(DATED, name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[MembershipKind]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


STANDS = text("taken_back_on IS NULL")


class Departure(Base):
    """Somebody left a branch, as it was recorded: for another one (`to_id`), or for a reason that is kept inside.

    `ended` is what ended with it, to be given back where it is taken back: [holding, id, the end that it had, may stay].
    """

    __tablename__ = "departure"
    __table_args__ = (
        Index("uq_departure_stands", "membership_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_departure_from", "from_id", "recorded_on"),
        Index("ix_departure_person", "person_id"),
        CheckConstraint("(to_id IS NULL) = (reason IS NOT NULL)", name="whither"),
        CheckConstraint("left_on <= recorded_on", name="dated"),
        CheckConstraint("(taken_back_on IS NULL) = (taken_back_by_id IS NULL)", name="taken_back"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[DepartureReason | None]
    note: Mapped[str] = mapped_column(String(100), default="", server_default="")
    left_on: Mapped[date]
    ended: Mapped[list[Any]]
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_back_on: Mapped[date | None]
    taken_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Stage(Base):
    """发展阶段: each with the day it began, which opens the 双50 window. The latest one holds."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "began_on"),
        Index("ix_stage_kind", "kind", "began_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[StageKind]
    began_on: Mapped[date]


GIVEN = text("withdrawn_at IS NULL")


class Consent(Base):
    """A dated yes to one use of one's data. Withdrawing closes it; giving again is a new row."""

    __tablename__ = "consent"
    __table_args__ = (Index("uq_consent_given", "person_id", "kind", unique=True, sqlite_where=GIVEN, postgresql_where=GIVEN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ConsentKind]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class GuardianConsent(Base):
    """A guardian agreed that the child's record may be kept (个人信息保护法 Art. 31). Withdrawing closes it."""

    __tablename__ = "guardian_consent"
    __table_args__ = (Index("uq_guardian_consent_given", "person_id", unique=True, sqlite_where=GIVEN, postgresql_where=GIVEN),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    guardian_name: Mapped[str] = mapped_column(String(40))
    guardian_phone: Mapped[str] = mapped_column(String(20))
    relation: Mapped[Relation]
    given_how: Mapped[GivenHow]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
