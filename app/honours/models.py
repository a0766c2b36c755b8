"""Kinds of honours, honours and their way, revocations, and consent to show them in public."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.honours.rules import Giver, Verdict
from app.points.rules import SchemeKind
from app.publicity.rules import Reach

WAITS = text("ended_at IS NULL")
UNDECIDED = text("decided_at IS NULL")
STANDS = text("granted_on IS NOT NULL AND revoked_on IS NULL")
AGREED = text("withdrawn_at IS NULL")
TWO = "decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))"
DECIDED = "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)"


class HonourKind(Base):
    """Kept by administrators. Retired kinds are proposed no more; what was granted stands."""

    __tablename__ = "honour_kind"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("(rule_code IS NULL) = (scheme_kind IS NULL)", name="rule"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)
    words: Mapped[str] = mapped_column(String(200))
    giver: Mapped[Giver]
    reach: Mapped[Reach]
    scheme_kind: Mapped[SchemeKind | None]
    rule_code: Mapped[str | None] = mapped_column(String(30))
    retired_on: Mapped[date | None]


class Honour(Base):
    """One honour of one person. `title` is the kind's name as it was. `ended_at`: granted, refused, withdrawn, or an objection upheld.

    The database refuses the maker and the person as deciders, a second decision, and `revoked_on` without an approved revocation.
    """

    __tablename__ = "honour"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("verdict <> 'refused' OR answer <> ''", name="answer"),
        CheckConstraint(DECIDED, name="decided"),
        CheckConstraint("made_by_id <> person_id", name="not_ones_own"),
        CheckConstraint(TWO, name="two_people"),
        CheckConstraint("granted_on IS NULL OR (verdict = 'approved' AND ended_at IS NOT NULL)", name="granted_after_approval"),
        CheckConstraint("verdict IS NULL OR verdict = 'approved' OR ended_at IS NOT NULL", name="ended"),
        CheckConstraint("revoked_on IS NULL OR revoked_on >= granted_on", name="revoked"),
        Index("uq_honour_open", "kind_id", "person_id", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
        Index("ix_honour_person", "person_id"),
        Index("ix_honour_unit", "unit_id", "ended_at"),
        Index("ix_honour_granted", "granted_on", sqlite_where=STANDS, postgresql_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("honour_kind.id"))
    title: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # home when proposed: its members see the publicity, its deciders decide
    reason: Mapped[str] = mapped_column(String(300))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None]
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    ended_at: Mapped[datetime | None]
    granted_on: Mapped[date | None]
    revoked_on: Mapped[date | None]


class HonourRevocation(Base):
    """Somebody asks that an honour be taken back, another decides; one open an honour."""

    __tablename__ = "honour_revocation"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("verdict <> 'refused' OR answer <> ''", name="answer"),
        CheckConstraint(DECIDED, name="decided"),
        CheckConstraint("made_by_id <> person_id", name="not_ones_own"),
        CheckConstraint(TWO, name="two_people"),
        Index("uq_honour_revocation_open", "honour_id", unique=True, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # the honour's, so that the database can refuse them
    reason: Mapped[str] = mapped_column(String(300))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None]
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class HonourConsent(Base):
    """Their own yes to this honour on the public page, each by itself, with when it was taken back (个人信息保护法 Art. 25)."""

    __tablename__ = "honour_consent"
    __table_args__ = (Index("uq_honour_consent", "honour_id", unique=True, sqlite_where=AGREED, postgresql_where=AGREED),)

    id: Mapped[int] = mapped_column(primary_key=True)
    honour_id: Mapped[int] = mapped_column(ForeignKey("honour.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
