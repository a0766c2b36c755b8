"""Reading notices."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.db import db
from app.worklist.models import Notice


@dataclass(frozen=True)
class NoticeRow:
    id: int
    text: str
    url: str
    made_at: datetime
    read: bool


def notices(person_id: int, limit: int = 100) -> list[NoticeRow]:
    """Someone's notices, newest first."""
    rows = db.session.execute(
        select(Notice.id, Notice.text, Notice.url, Notice.made_at, Notice.read_at)
        .where(Notice.person_id == person_id)
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    return [NoticeRow(row.id, row.text, row.url, row.made_at, row.read_at is not None) for row in rows]
