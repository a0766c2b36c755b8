"""Terms that end soon or have ended without a word: for the work list, and for telling their holders."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.duties.models import Post, PostTerm
from app.duties.rules import DUE_SOON, RISES, PostKind
from app.people.models import Person, Place, Unit
from app.worklist.turns import turn_of


def _due(today: date) -> ColumnElement[bool]:
    return and_(PostTerm.valid_to.is_(None), PostTerm.due_on <= today + DUE_SOON)


def _waiting(actor: Actor, today: date) -> ColumnElement[bool]:
    risen = PostTerm.due_on < today - RISES
    return and_(_due(today), turn_of(Post.unit_id, actor.roots(Action.POST_MANAGE), Action.POST_MANAGE, today, risen))


def due_count(actor: Actor, today: date) -> int:
    if not actor.may(Action.POST_MANAGE):
        return 0
    query = select(func.count()).select_from(PostTerm).join(Post, Post.id == PostTerm.post_id).where(_waiting(actor, today))
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class DueTerm:
    term_id: int
    post_id: int
    kind: PostKind
    title: str
    unit_name: str
    place_name: str | None
    name: str
    since: date
    due_on: date


def due(actor: Actor, today: date) -> list[DueTerm]:
    """What waits for this actor, the longest over first."""
    if not actor.may(Action.POST_MANAGE):
        return []
    query: Any = (
        select(PostTerm.id, Post.id, Post.kind, Post.title, Unit.name, Place.name, Person.name, PostTerm.valid_from, PostTerm.due_on)
        .join(Post, Post.id == PostTerm.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .join(Person, Person.id == PostTerm.person_id)
        .outerjoin(Place, Place.id == Post.place_id)
        .where(_waiting(actor, today))
        .order_by(PostTerm.due_on, PostTerm.id)
    )
    return [DueTerm(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Untold:
    """A term that ends soon, of whose end the holder has not been told."""

    term_id: int
    person_id: int
    title: str
    due_on: date


def untold(today: date) -> list[Untold]:
    query: Any = (
        select(PostTerm.id, PostTerm.person_id, Post.title, PostTerm.due_on)
        .join(Post, Post.id == PostTerm.post_id)
        .where(_due(today), PostTerm.noticed_on.is_(None))
        .order_by(PostTerm.id)
    )
    return [Untold(*row) for row in db.session.execute(query)]
