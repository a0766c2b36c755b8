"""待我处理 and notices. Features register what waits for a decision; nothing about it is stored twice."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, cast

from sqlalchemy import Integer, Select, bindparam, delete, func, insert, select, update

from app.accounts import telling
from app.core import clock
from app.core.actor import Actor
from app.core.db import db, writing
from app.people.queries import being
from app.worklist import counting
from app.worklist.counting import Stated
from app.worklist.models import Notice


@dataclass(frozen=True)
class WorkItem:
    """One thing that waits for this actor's decision.

    `template` is a fragment of the feature that shows it with its evidence and its buttons, given `item.subject`.
    `key` is unique ("claim-12"). `since` is when it began to wait.
    """

    key: str
    group: str  # 补录, 待核实, 未签退 …
    since: datetime
    template: str
    subject: object
    risen: str = ""  # 已等 7 天，原来该…处理: it came up from a unit below


Counting: TypeAlias = Select[int] | int | None


@dataclass(frozen=True)
class Source:
    """A feature's answer to "what waits for this actor?".

    `count` is one cheap query (None where nothing can wait), or the number that it came to. Where `stated`, it is made of nothing but
    the actor's id and roots, the minute and settings: then it is asked in one with those of the other features, see counting.
    """

    group: str
    count: Callable[[Actor], Counting]
    items: Callable[[Actor], list[WorkItem]]
    stated: bool = False


_sources: list[Source] = []


def register(source: Source) -> None:
    """Called when a feature's views are imported; a second registration of the same group replaces the first."""
    _sources[:] = [known for known in _sources if known.group != source.group] + [source]


def sources() -> tuple[Source, ...]:
    return tuple(_sources)


@dataclass(frozen=True)
class Waiting:
    """What waits for an actor: `groups` with their counts, and the items of the chosen group (of all without one)."""

    groups: list[tuple[str, int]]
    items: list[WorkItem]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.groups)


def _counted(actor: Actor) -> list[int]:
    """Of each source how many wait; one query for all that is stated."""
    told = iter(counting.numbers([cast("Stated", one.count) for one in _sources if one.stated], actor))
    return [next(told) if one.stated else number(one.count(actor)) for one in _sources]


def number(counted: Counting) -> int:
    return int((db.session.scalar(counted) if isinstance(counted, Select) else counted) or 0)


def waiting(actor: Actor, group: str | None = None) -> Waiting:
    """Longest waiting first. Groups with nothing in them are left out; an unknown one means all."""
    open_sources = [(source, count) for source, count in zip(_sources, _counted(actor), strict=True) if count]
    chosen = [source for source, _ in open_sources if source.group == group] or [source for source, _ in open_sources]
    items = sorted((item for source in chosen for item in source.items(actor)), key=lambda item: item.since)
    return Waiting([(source.group, count) for source, count in open_sources], items)


@dataclass(frozen=True)
class Badges:
    unread: int
    work: int


notice_line = Notice.__table__.c.text.concat(Notice.__table__.c.url)  # what stands in one line, see queries; an address begins with "/"
_UNREAD = (
    select(func.count(notice_line.distinct()))
    .select_from(Notice.__table__)
    .where(Notice.__table__.c.person_id == bindparam("person_id"), Notice.__table__.c.read_at.is_(None))
)


def badge_counts(actor: Actor) -> Badges:
    """Numbers for the bell, as lines to read, and for 待办; volunteers without a role cost one query."""
    unread = db.session.connection().execute(_UNREAD, {"person_id": actor.person_id}).scalar_one()
    return Badges(unread, sum(_counted(actor)) if actor.grants else 0)


_NOTICE = insert(Notice).values(person_id=being(bindparam("who", type_=Integer)))


def notify(person_id: int, text: str, url: str) -> None:
    """One line for one person, in the transaction of what it tells about. A former record's is for who they are now."""
    notify_all({person_id: text}, url)


def notify_all(texts: Mapping[int, str], url: str, about_id: int | None = None) -> None:
    """`notify` for many in one statement: person id → their line. `about_id`: whom it is about, see Notice."""
    writing()
    now = clock.now()
    if texts:
        line = {"url": url, "made_at": now, "about_id": about_id}
        db.session.execute(_NOTICE, [{"who": who, "text": text, **line} for who, text in sorted(texts.items())])


telling.through(notify_all)


def withdraw(person_ids: Collection[int], url: str, texts: Collection[str]) -> None:
    """What was told these people of that page in these words holds no longer."""
    writing()
    db.session.execute(delete(Notice).where(Notice.person_id.in_(person_ids), Notice.url == url, Notice.text.in_(texts)))


def read_all(person_id: int) -> None:
    writing()
    db.session.execute(update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None)).values(read_at=clock.now()))
