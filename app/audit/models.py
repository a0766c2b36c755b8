"""Who did what: append-only, beside the ledgers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId


class AuditEvent(Base):
    """One write (or one look at a person's or a branch's detail). `actor_id` is NULL for commands and for visitors.

    `detail` holds ids and figures, before and after; no phone numbers, no secrets.
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
