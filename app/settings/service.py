"""Changing settings. Called inside a write transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.settings import queries
from app.settings.models import Setting


def put(key: str, value: dict[str, Any], actor_id: int | None, now: datetime) -> None:
    """Nothing when it is the same already."""
    writing()
    before = db.session.scalar(select(Setting.value).where(Setting.key == key))
    if before == value:
        return
    row = {"value": value, "changed_at": now, "changed_by_id": actor_id}
    db.session.execute(upsert(Setting).values(key=key, **row).on_conflict_do_update(index_elements=[Setting.key], set_=row))
    db.session.info.pop(queries.READ, None)
    audit.record(actor_id, "setting", "setting", None, key=key, before=before, after=value)
