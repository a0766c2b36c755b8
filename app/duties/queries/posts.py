"""Reading posts and their terms."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from app.core.db import db
from app.duties.models import Post, PostTerm
from app.duties.rules import PostKind, Span, due_tone
from app.people.models import Person, Place, Unit
from app.people.queries import below


@dataclass(frozen=True)
class PostRow:
    id: int
    unit_id: int
    unit_name: str
    kind: PostKind
    title: str
    duties: str
    seats: int
    held: int
    place_id: int | None
    place_name: str | None
    opened_on: date
    closed_on: date | None

    @property
    def free(self) -> int:
        return 0 if self.closed_on else self.seats - self.held


@dataclass(frozen=True)
class TermRow:
    """Somebody's term. `ended` is the first day on which it no longer held."""

    id: int
    post_id: int
    person_id: int
    name: str
    since: date
    ended: date | None
    due_on: date | None
    note: str

    def tone(self, today: date) -> str | None:
        return None if self.ended else due_tone(self.due_on, today)


def _posts() -> Any:
    return (
        select(
            Post.id,
            Post.unit_id,
            Unit.name,
            Post.kind,
            Post.title,
            Post.duties,
            Post.seats,
            Post.held,
            Post.place_id,
            Place.name,
            Post.opened_on,
            Post.closed_on,
        )
        .join(Unit, Unit.id == Post.unit_id)
        .outerjoin(Place, Place.id == Post.place_id)
    )


def _terms() -> Any:
    return select(
        PostTerm.id,
        PostTerm.post_id,
        PostTerm.person_id,
        Person.name,
        PostTerm.valid_from,
        PostTerm.valid_to,
        PostTerm.due_on,
        PostTerm.handover_note,
    ).join(Person, Person.id == PostTerm.person_id)


def post(post_id: int) -> PostRow | None:
    row = db.session.execute(_posts().where(Post.id == post_id)).one_or_none()
    return PostRow(*row) if row else None


@dataclass(frozen=True)
class Shown:
    """Posts of one page with who holds them now, and how many there are of each kind in the whole subtree: (all, with a free seat)."""

    posts: list[PostRow]
    holders: dict[int, list[TermRow]]
    counts: dict[PostKind, tuple[int, int]]
    more: int

    @property
    def total(self) -> int:
        return sum(count for count, _ in self.counts.values())

    @property
    def free(self) -> int:
        return sum(free for _, free in self.counts.values())


def posts(unit_id: int, day: date, *, kind: PostKind | None = None, free: bool = False, limit: int | None = 60) -> Shown:
    """Open posts of a unit's subtree: by kind, unit and title. Three queries however many there are."""
    inside = (Post.unit_id.in_(below([unit_id], day)), Post.closed_on.is_(None))
    counted = db.session.execute(
        select(Post.kind, func.count(), func.count().filter(Post.held < Post.seats)).where(*inside).group_by(Post.kind)
    )
    counts = {row[0]: (row[1], row[2]) for row in counted}
    query = _posts().where(*inside)
    if kind is not None:
        query = query.where(Post.kind == kind)
    if free:
        query = query.where(Post.held < Post.seats)
    rank = case({one: place for place, one in enumerate(PostKind)}, value=Post.kind)
    found = [
        PostRow(*row) for row in db.session.execute(query.order_by(rank, Post.unit_id, Post.place_id, Post.title, Post.id).limit(limit))
    ]
    known = counts if kind is None else {kind: counts.get(kind, (0, 0))}
    total = sum(pair[1] if free else pair[0] for pair in known.values())
    return Shown(found, holders([one.id for one in found]), counts, total - len(found))


def holders(post_ids: Collection[int]) -> dict[int, list[TermRow]]:
    """post id → who holds it now, the longest first; one query."""
    found: dict[int, list[TermRow]] = {}
    if post_ids:
        held = _terms().where(PostTerm.post_id.in_(post_ids), PostTerm.valid_to.is_(None))
        for row in db.session.execute(held.order_by(PostTerm.valid_from, PostTerm.id)):
            found.setdefault(row[1], []).append(TermRow(*row))
    return found


def terms_of(post_id: int) -> list[TermRow]:
    """Everyone who ever held a post: who holds it now first, then the latest."""
    rows = db.session.execute(
        _terms().where(PostTerm.post_id == post_id).order_by(PostTerm.valid_to.is_not(None), PostTerm.valid_from.desc(), PostTerm.id.desc())
    )
    return [TermRow(*row) for row in rows]


def spans_of(post_id: int) -> list[Span]:
    rows = db.session.execute(select(PostTerm.valid_from, PostTerm.valid_to).where(PostTerm.post_id == post_id))
    return [Span(*row) for row in rows]


def term(term_id: int) -> TermRow | None:
    row = db.session.execute(_terms().where(PostTerm.id == term_id)).one_or_none()
    return TermRow(*row) if row else None


@dataclass(frozen=True)
class OwnTerm:
    """A post somebody holds or held, as they and their branch read it."""

    term_id: int
    post_id: int
    kind: PostKind
    title: str
    duties: str
    unit_name: str
    place_name: str | None
    since: date
    ended: date | None
    due_on: date | None
    note: str

    def tone(self, today: date) -> str | None:
        return None if self.ended else due_tone(self.due_on, today)


def terms_of_person(person_id: int, *, past: bool = True) -> list[OwnTerm]:
    """What somebody holds now, then what they held, the latest first."""
    query = (
        select(
            PostTerm.id,
            Post.id,
            Post.kind,
            Post.title,
            Post.duties,
            Unit.name,
            Place.name,
            PostTerm.valid_from,
            PostTerm.valid_to,
            PostTerm.due_on,
            PostTerm.handover_note,
        )
        .join(Post, Post.id == PostTerm.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .outerjoin(Place, Place.id == Post.place_id)
        .where(PostTerm.person_id == person_id)
        .order_by(PostTerm.valid_to.is_not(None), PostTerm.valid_from.desc(), PostTerm.id.desc())
    )
    if not past:
        query = query.where(PostTerm.valid_to.is_(None))
    return [OwnTerm(*row) for row in db.session.execute(query)]
