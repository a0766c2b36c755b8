"""Activities, their shifts, and who signed up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.rules import ActivityKind, CodeWay
from app.core.db import Base


class Activity(Base):
    """Its state is derived from the dated facts: published_at, cancelled_at, closed_at.

    `code` is the short code people type and the poster's address (/c/<code>). `served_count` is 服务人次, asked at closing.
    """

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("served_count IS NULL OR served_count >= 0", name="served_count"),
        CheckConstraint("closed_at IS NULL OR (closed_by_id IS NOT NULL AND served_count IS NOT NULL)", name="closed"),
        Index("ix_activity_published", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    kind: Mapped[ActivityKind]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    place_text: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    risk_note: Mapped[str] = mapped_column(String(300), default="")
    code_way: Mapped[CodeWay]
    contact_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    served_count: Mapped[int | None]


class Shift(Base):
    """班次. `taken` is kept by the same statement that takes a seat, so that capacity holds in any race."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("break_minutes >= 0", name="break_minutes"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="capacity"),
        CheckConstraint("extended_to IS NULL OR extended_to > ends_at", name="extended_to"),
        Index("ix_shift_activity", "activity_id", "starts_at"),
        Index("ix_shift_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    name: Mapped[str] = mapped_column(String(30))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    extended_to: Mapped[datetime | None]  # the organiser let it run on
    break_minutes: Mapped[int]
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")


ACTIVE = text("withdrawn_at IS NULL")


class Signup(Base):
    """报名. With a seat (`seated_at`) or on the waiting list; withdrawn by a date, never deleted."""

    __tablename__ = "signup"
    __table_args__ = (
        Index("uq_signup_active", "shift_id", "person_id", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        Index("ix_signup_person", "person_id", "withdrawn_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    seated_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
