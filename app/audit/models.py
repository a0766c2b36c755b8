"""Who did what: append-only, beside the ledgers."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId


class AuditEvent(Base):
    """One write (or one look at a person's or a branch's detail). `actor_id` is NULL for commands and for visitors.

    `detail` holds ids and figures, before and after; no phone numbers, no secrets. What is personal in it is encrypted: see personal.py.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "at", "id"),
        Index("ix_audit_event_actor", "actor_id", "at", "id"),
        Index("ix_audit_event_action", "action", "at", "id"),
        Index("ix_audit_event_subject", "subject", "subject_id", "at", "id"),
        Index("ix_audit_event_request", "request_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    detail: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(String(12))


class PersonKey(Base):
    """The key under which what is personal about somebody stands in audit rows, itself wrapped under one from outside the database.

    Destroyed when they are erased, for good: the database takes none for them again. `wrapped_by` says which outer key fits.
    """

    __tablename__ = "person_key"
    __table_args__ = (
        CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
        CheckConstraint("(wrapped IS NULL) = (wrapped_by IS NULL)", name="wrapped_by"),
        Index("ix_person_key_wrapped_by", "wrapped_by", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    wrapped: Mapped[str | None] = mapped_column(String(120))
    wrapped_by: Mapped[str | None] = mapped_column(String(12))
    destroyed_at: Mapped[datetime | None]
