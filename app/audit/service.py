"""Recording who did what. Called inside the transaction of the write that it records."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert

from app.audit.models import AuditEvent
from app.core import clock, trace
from app.core.db import db


def record(actor_id: int | None, action: str, subject: str, subject_id: int | None, **detail: Any) -> None:
    """`action` is a noun of what came to be ("activity.publication"); `detail` must be JSON."""
    record_all(actor_id, [(action, subject, subject_id, detail)])


def record_all(actor_id: int | None, events: Iterable[tuple[str, str, int | None, dict[str, Any]]]) -> None:
    """`record` for many (action, subject, subject_id, detail), in one statement."""
    common: dict[str, Any] = {"at": clock.now(), "actor_id": actor_id, "request_id": trace.request_id.get()}
    rows = [
        common | {"action": action, "subject": subject, "subject_id": subject_id, "detail": detail}
        for action, subject, subject_id, detail in events
    ]
    if rows:
        db.session.execute(insert(AuditEvent), rows)
