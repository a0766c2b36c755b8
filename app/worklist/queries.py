"""Reading notices. Those that say the same of the same page stand in one line, with how many there are, until they are read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.core.db import db
from app.people.models import Membership, Person
from app.people.queries import below, holds_on
from app.people.rules import HOMES, MembershipKind
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
    names: tuple[str, ...] = ()  # whom it is about, as far as the reader may see them: NAMED of them

    @property
    def words(self) -> str:
        return together(self.text, self.many)


def together(text: str, many: int) -> str:
    """What so many equal notices say: in their own words where they speak of one person, else with how many there are."""
    if many == 1:
        return text
    return text.replace(ONE, f"有\u00a0{many:,}\u00a0位", 1) if ONE in text else f"{text}（{many:,} 次）"


NAMED = 5


def notices(person_id: int, limit: int = 100, *, roots: Collection[int] = (), day: date | None = None) -> list[NoticeRow]:
    """Someone's notices, newest first; what was read together stays together. Two queries.

    `roots`: below which they may read persons on `day`; without them nobody is named.
    """
    newest = func.max(Notice.id)
    rows = db.session.execute(
        select(newest, Notice.text, Notice.url, func.max(Notice.made_at), Notice.read_at, func.count())
        .where(Notice.person_id == person_id)
        .group_by(Notice.text, Notice.url, Notice.read_at)
        .order_by(newest.desc())
        .limit(limit)
    )
    names = _names(person_id, roots, day) if roots and day else {}
    return [
        NoticeRow(last, text, url, made_at, read_at is not None, many, tuple(names.get((text, url, read_at), ())[:NAMED]))
        for last, text, url, made_at, read_at, many in rows
    ]


Line = tuple[str, str, datetime | None]


def _names(person_id: int, roots: Collection[int], day: date) -> dict[Line, list[str]]:
    """Whom each line is about, the latest first: those who belong to, or have reported in to, a unit below `roots` today."""
    seen = (
        select(Membership.id)
        .where(
            Membership.person_id == Person.id,
            Membership.kind.in_((*HOMES, MembershipKind.REPORTED)),
            holds_on(Membership, day),
            Membership.unit_id.in_(below(roots, day)),
        )
        .exists()
    )
    rows = db.session.execute(
        select(Notice.text, Notice.url, Notice.read_at, Person.name)
        .join(Person, Person.id == Notice.about_id)
        .where(Notice.person_id == person_id, seen)
        .order_by(Notice.id.desc())
        .limit(1000)
    )
    found: dict[Line, list[str]] = {}
    for text, url, read_at, name in rows:
        names = found.setdefault((text, url, read_at), [])
        if name not in names:
            names.append(name)
    return found
