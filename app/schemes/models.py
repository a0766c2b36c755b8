"""Drafts of schemes, and what two people decide by hand about one person's points."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.rules import ActivityKind
from app.core.db import Base, stored
from app.hours.rules import HourKind
from app.points.models import SHAPE
from app.points.rules import CapPeriod, Per, SchemeKind
from app.schemes.rules import Exempts, PointVerdict

OPEN_DRAFT, OPEN_PROPOSAL = text("ended_at IS NULL"), text("decided_at IS NULL")
OPEN_ENTRY, ONCE = text("decided_at IS NULL AND rule_code IS NOT NULL"), ("person_id", "scheme_kind", "rule_code", "happened_on")
OPEN_REVOCATION = text("decided_at IS NULL AND revokes_id IS NOT NULL")
REVOKED, DATED = text("revokes_id IS NOT NULL AND verdict = 'approved'"), text("exempts IS NOT NULL")


class SchemeDraft(Base):
    """A version in the making; one open draft a scheme. `sent_at`: it waits for a second person. `scheme_id`: what was published of it."""

    __tablename__ = "scheme_draft"
    __table_args__ = (
        Index("uq_scheme_draft_open", "kind", unique=True, sqlite_where=OPEN_DRAFT, postgresql_where=OPEN_DRAFT),
        CheckConstraint("version <> '' AND source <> ''", name="words"),
        CheckConstraint("exempt_age BETWEEN 18 AND 120", name="exempt_age"),
        CheckConstraint("scheme_id IS NULL OR (ended_at IS NOT NULL AND sent_at IS NOT NULL)", name="published"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SchemeKind]
    version: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(120))
    exempt_age: Mapped[int | None]
    valid_from: Mapped[date]
    based_on_id: Mapped[int] = mapped_column(ForeignKey("point_scheme.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")  # why it came back
    ended_at: Mapped[datetime | None]  # published or dropped
    scheme_id: Mapped[int | None] = mapped_column(ForeignKey("point_scheme.id"), unique=True)
    booked_to: Mapped[int | None]  # from a day that has been: up to which person the entries since were booked anew
    booked_at: Mapped[datetime | None]  # all of them were


class SchemeDraftRule(Base):
    """As PointRule."""

    __tablename__ = "scheme_draft_rule"
    __table_args__ = (UniqueConstraint("draft_id", "code"), CheckConstraint(SHAPE, name="shape"))

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("scheme_draft.id"))
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    per: Mapped[Per]
    amount: Mapped[int]
    activity_kind: Mapped[ActivityKind | None]
    hour_kind: Mapped[HourKind | None]
    counts_honour: Mapped[bool]
    cap: Mapped[int | None]
    cap_period: Mapped[CapPeriod | None]
    note: Mapped[str] = mapped_column(String(120), default="", server_default="")


class SchemeDraftBand(Base):
    """As PointBand."""

    __tablename__ = "scheme_draft_band"
    __table_args__ = (UniqueConstraint("draft_id", "name"), CheckConstraint("name <> ''", name="name"))

    draft_id: Mapped[int] = mapped_column(ForeignKey("scheme_draft.id"), primary_key=True)
    least: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(20))


class PointProposal(Base):
    """One of three things about one person: an entry by a rule, an exemption with dates, or the taking back of one that was approved.

    Of an exemption `happened_on` and `until` are its days, both in; taken back, it ends before the day that the revocation names.
    Its maker never decides, nobody decides about themselves, and nothing changes once it is decided: the database sees to it.
    """

    __tablename__ = "point_proposal"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(CASE WHEN rule_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN exempts IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN revokes_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_thing",
        ),
        CheckConstraint("until IS NULL OR (exempts IS NOT NULL AND until >= happened_on)", name="until"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint("made_by_id <> person_id", name="not_oneself"),
        CheckConstraint("decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)", name="two_people"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> person_id", name="not_about_oneself"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
        Index("ix_point_proposal_open", "unit_id", "made_at", sqlite_where=OPEN_PROPOSAL, postgresql_where=OPEN_PROPOSAL),
        Index("ix_point_proposal_exempts", "scheme_kind", "person_id", sqlite_where=DATED, postgresql_where=DATED),
        Index("uq_point_proposal_once", *ONCE, unique=True, sqlite_where=OPEN_ENTRY, postgresql_where=OPEN_ENTRY),
        Index("uq_point_proposal_revoking", "revokes_id", unique=True, sqlite_where=OPEN_REVOCATION, postgresql_where=OPEN_REVOCATION),
        Index("uq_point_proposal_revoked", "revokes_id", unique=True, sqlite_where=REVOKED, postgresql_where=REVOKED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    scheme_kind: Mapped[SchemeKind]
    rule_code: Mapped[str | None] = mapped_column(String(30))
    exempts: Mapped[Exempts | None]
    revokes_id: Mapped[int | None] = mapped_column(ForeignKey("point_proposal.id"))
    happened_on: Mapped[date]
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    verdict: Mapped[PointVerdict | None] = mapped_column(stored(PointVerdict, "pointverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
