"""双50小时 as data: versions of requirements, which of them holds from when, and what a branch confirmed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, stored
from app.hours.rules import HourKind
from app.people.rules import StageKind
from app.requirements.rules import ChoiceVerdict

OPEN = text("decided_at IS NULL")


class RequirementSet(Base):
    """A version of the rule: A 阶段制 and B 学习＋服务制 are shipped, local ones are drafts until two people put them into force.

    Once published neither it nor its requirements change (the database refuses); what is to change becomes the next version.
    `family_id` is the first version, NULL on that one itself.
    """

    __tablename__ = "requirement_set"
    __table_args__ = (Index("uq_requirement_set_family", "family_id", "version", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    family_id: Mapped[int | None] = mapped_column(ForeignKey("requirement_set.id"))
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("requirement_set.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: shipped
    made_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]  # of a draft that nobody wants


class Requirement(Base):
    """So many minutes of one kind while in one stage. `honour_minutes` is the most 补录时长 that may count."""

    __tablename__ = "requirement"
    __table_args__ = (
        UniqueConstraint("set_id", "stage", "kind"),
        CheckConstraint("minutes_needed > 0 AND honour_minutes >= 0", name="minutes"),
        CheckConstraint("window_days IS NULL OR window_days > 0", name="window_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("requirement_set.id"))
    stage: Mapped[StageKind]
    kind: Mapped[HourKind]
    minutes_needed: Mapped[int]
    honour_minutes: Mapped[int]
    window_days: Mapped[int | None]


class RequirementChoice(Base):
    """A version is to hold from a day: asked by one, confirmed by another. On a day the one of the latest `valid_from` holds.

    Once decided it never changes (the database refuses). NULL people: it was shipped so.
    """

    __tablename__ = "requirement_choice"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint("verdict = 'withdrawn' OR decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
        Index("uq_requirement_choice_open", "set_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("requirement_set.id"))
    valid_from: Mapped[date]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[ChoiceVerdict | None] = mapped_column(stored(ChoiceVerdict))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class ConfirmedPack(Base):
    """凭证包: what a branch confirmed of one stage of one person, frozen. Append-only.

    `content` is the canonical JSON of packs.py, `digest` its SHA-256 in hex: whatever the ledger or the rule come to later, the
    printed page, the PDF and the xlsx are made from `content`. `nth` counts the confirmations of one stage: the next one needs
    the one before to be withdrawn (a trigger).
    """

    __tablename__ = "confirmed_pack"
    __table_args__ = (
        UniqueConstraint("person_id", "stage", "began_on", "nth"),
        CheckConstraint("nth > 0", name="nth"),
        CheckConstraint("confirmed_by_id <> person_id", name="two_people"),
        CheckConstraint("length(digest) = 64", name="digest"),
        Index("ix_confirmed_pack_unit", "unit_id", "confirmed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the home branch then
    stage: Mapped[StageKind]
    began_on: Mapped[date]
    nth: Mapped[int]
    set_id: Mapped[int] = mapped_column(ForeignKey("requirement_set.id"))
    reached_on: Mapped[date]
    confirmed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class PackWithdrawal(Base):
    """A confirmation no longer stands: by somebody else than who confirmed and whom it is about (a trigger). Append-only."""

    __tablename__ = "pack_withdrawal"
    __table_args__ = (UniqueConstraint("pack_id"), CheckConstraint("reason <> ''", name="reason"))

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("confirmed_pack.id"))
    withdrawn_at: Mapped[datetime]
    withdrawn_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))
