"""Terms that end soon or have ended without a word: for the work list, and for telling their holders."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, type_coerce

from app.accounts.deciders import Risen, risen, turn_of
from app.core.actor import Actor
from app.core.clock import at_local, local_date
from app.core.db import UtcDateTime, db
from app.core.permissions import Action
from app.duties.models import Post, PostTerm
from app.duties.rules import DUE_SOON, PostKind
from app.people.models import Person, Place, Unit


def _due(today: date) -> ColumnElement[bool]:
    return and_(PostTerm.valid_to.is_(None), PostTerm.due_on <= today + DUE_SOON)


def _waiting(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """It rises to the units above when the term is over and nobody has done anything."""
    over = type_coerce(PostTerm.due_on, UtcDateTime)
    return and_(_due(local_date(now)), turn_of(Post.unit_id, over, actor.roots(Action.POST_MANAGE), Action.POST_MANAGE, now))


def due_count(actor: Actor, now: datetime) -> Select[int] | None:
    if not actor.may(Action.POST_MANAGE):
        return None
    return select(func.count()).select_from(PostTerm).join(Post, Post.id == PostTerm.post_id).where(_waiting(actor, now))


@dataclass(frozen=True)
class DueTerm:
    term_id: int
    post_id: int
    kind: PostKind
    title: str
    unit_id: int
    unit_name: str
    place_name: str | None
    name: str
    since: date
    due_on: date


def due(actor: Actor, now: datetime) -> list[DueTerm]:
    """What waits for this actor, the longest over first."""
    if not actor.may(Action.POST_MANAGE):
        return []
    query: Any = (
        select(
            PostTerm.id, Post.id, Post.kind, Post.title, Unit.id, Unit.name, Place.name, Person.name, PostTerm.valid_from, PostTerm.due_on
        )
        .join(Post, Post.id == PostTerm.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .join(Person, Person.id == PostTerm.person_id)
        .outerjoin(Place, Place.id == Post.place_id)
        .where(_waiting(actor, now))
        .order_by(PostTerm.due_on, PostTerm.id)
    )
    return [DueTerm(*row) for row in db.session.execute(query)]


def came_up(found: Collection[DueTerm], actor: Actor, now: datetime) -> dict[int, str]:
    """term id → whose it was to settle, of those that came up from a unit below."""
    waiting = [Risen(str(one.term_id), one.unit_id, at_local(one.due_on)) for one in found]
    words = risen(waiting, Action.POST_MANAGE, actor.roots(Action.POST_MANAGE), now)
    return {int(key): said for key, said in words.items()}


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
