"""A unit's own templates that stand."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.activities.models import ActivityTemplate
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import below


@dataclass(frozen=True)
class TemplateRow:
    """`shape` is a filled form without its day."""

    id: int
    name: str
    unit_id: int
    unit_name: str
    shape: dict[str, Any]
    activity_id: int
    made_at: datetime
    made_by_name: str


def standing(actor: Actor, limit: int = 40) -> list[TemplateRow]:
    """Those of the units that the actor organises for, by name."""
    roots = actor.roots(Action.ACTIVITY_MANAGE)
    return _rows(roots, clock.today(), None, limit) if roots else []


def template_to_use(actor: Actor, template_id: int) -> TemplateRow:
    """Raises NotFound for one of other units, or withdrawn."""
    roots = actor.roots(Action.ACTIVITY_MANAGE)
    found = _rows(roots, clock.today(), template_id, 1) if roots else []
    if not found:
        raise NotFound
    return found[0]


def _rows(roots: frozenset[int], day: date, template_id: int | None, limit: int) -> list[TemplateRow]:
    own = ActivityTemplate
    query = (
        select(own.id, own.name, own.unit_id, Unit.name, own.shape, own.activity_id, own.made_at, Person.name)
        .join(Unit, Unit.id == own.unit_id)
        .join(Person, Person.id == own.made_by_id)
        .where(own.withdrawn_at.is_(None), own.unit_id.in_(below(roots, day)))
        .order_by(own.name, own.id)
        .limit(limit)
    )
    if template_id is not None:
        query = query.where(own.id == template_id)
    return [TemplateRow(*row) for row in db.session.execute(query)]
