"""Recording who did what. Called inside the transaction of the write that it records."""

from typing import Any

from sqlalchemy import insert

from app.audit.models import AuditEvent
from app.core import clock, trace
from app.core.db import db


def record(actor_id: int | None, action: str, subject: str, subject_id: int | None, **detail: Any) -> None:
    """`action` is a noun of what came to be ("activity.publication"); `detail` must be JSON."""
    db.session.execute(
        insert(AuditEvent).values(
            at=clock.now(),
            actor_id=actor_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            detail=detail,
            request_id=trace.request_id.get(),
        )
    )
