"""Recording who did what. Called inside the transaction of the write that it records."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.audit import keys
from app.audit.models import AuditEvent
from app.audit.personal import about_whom
from app.core import clock, trace
from app.core.db import db


def record(actor_id: int | None, action: str, subject: str, subject_id: int | None, **detail: Any) -> None:
    """`action` is a noun of what came to be ("activity.publication"); `detail` must be JSON.

    What is personal in it (personal.py) is encrypted under the key of the person it is about: the detail's `person`, else the subject
    where that is a person. Who writes a reason about somebody says the `person`.
    """
    _write(actor_id, [(action, subject, subject_id, about_whom(subject, subject_id, detail), detail)])


def record_all(actor_id: int | None, events: Iterable[tuple[str, str, int | None, dict[str, Any]]]) -> None:
    """`record` for many (action, subject, subject_id, detail), in one statement."""
    _write(actor_id, [(action, subject, id_, about_whom(subject, id_, detail), detail) for action, subject, id_, detail in events])


def _write(actor_id: int | None, events: list[tuple[str, str, int | None, int | None, dict[str, Any]]]) -> None:
    common: dict[str, Any] = {"at": clock.now(), "actor_id": actor_id, "request_id": trace.request_id.get()}
    closed = keys.close_details([(action, whose, detail) for action, _, _, whose, detail in events], common["at"])
    rows = [
        common | {"action": action, "subject": subject, "subject_id": subject_id, "detail": detail}
        for (action, subject, subject_id, _, _), detail in zip(events, closed, strict=True)
    ]
    if rows:
        db.session.execute(insert(AuditEvent), rows)


def destroy_key(person_id: int, now: datetime) -> None:
    """Erasure: what audit rows hold that is personal about this person can not be read any more, by nobody, for good.

    The rows stay as they were written and every seal over them still verifies. Idempotent; inside a write transaction.
    """
    keys.destroy_key(person_id, now)
