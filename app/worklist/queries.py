"""Reading notices. Those that say the same of the same page stand in one line, with how many there are, until they are read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.core.db import db
from app.worklist.models import Notice

ONE = "有一位"  # "有一位党员到灯湖社区党委报到" of 26 is "有 26 位党员到灯湖社区党委报到"


@dataclass(frozen=True)
class NoticeRow:
    """One line. `many` notices were sent with these words to this page; `made_at` is when the last of them was."""

    id: int
    text: str
    url: str
    made_at: datetime
    read: bool
    many: int = 1

    @property
    def words(self) -> str:
        return together(self.text, self.many)


def together(text: str, many: int) -> str:
    """What so many equal notices say: in their own words where they speak of one person, else with how many there are."""
    if many == 1:
        return text
    return text.replace(ONE, f"有 {many:,} 位", 1) if ONE in text else f"{text}（{many:,} 次）"


def notices(person_id: int, limit: int = 100) -> list[NoticeRow]:
    """Someone's notices, newest first; what was read together stays together. One query."""
    newest = func.max(Notice.id)
    rows = db.session.execute(
        select(newest, Notice.text, Notice.url, func.max(Notice.made_at), Notice.read_at, func.count())
        .where(Notice.person_id == person_id)
        .group_by(Notice.text, Notice.url, Notice.read_at)
        .order_by(newest.desc())
        .limit(limit)
    )
    return [NoticeRow(last, text, url, made_at, read_at is not None, many) for last, text, url, made_at, read_at, many in rows]
