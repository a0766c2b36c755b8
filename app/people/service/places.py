"""The tree of places and their ties to units. Called inside a write transaction."""

from datetime import date

from sqlalchemy import and_, insert, select

from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import Invalid
from app.people.models import (
    Place,
    PlaceAncestry,
    PlaceParent,
    PlaceUnit,
)
from app.people.rules import PlaceKind


def create_place(kind: PlaceKind, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new place inside `parent_id`; a 社区 has none. Raises Invalid for a name its siblings have."""
    writing()
    twins = (
        select(Place.id)
        .outerjoin(PlaceParent, and_(PlaceParent.place_id == Place.id, PlaceParent.valid_to.is_(None)))
        .where(PlaceParent.parent_id.is_not_distinct_from(parent_id), Place.name == name, Place.closed_on.is_(None))
    )
    if db.session.scalar(twins) is not None:
        raise Invalid({"name": f"这里已经有“{name}”了"})
    place_id: int = db.session.execute(insert(Place).values(kind=kind, name=name, opened_on=opened_on).returning(Place.id)).scalar_one()
    lines = [{"place_id": place_id, "ancestor_id": place_id, "depth": 0, "valid_from": opened_on}]
    if parent_id is not None:
        db.session.execute(insert(PlaceParent).values(place_id=place_id, parent_id=parent_id, valid_from=opened_on))
        above = select(PlaceAncestry.ancestor_id, PlaceAncestry.depth).where(
            PlaceAncestry.place_id == parent_id, PlaceAncestry.valid_to.is_(None)
        )
        lines += [
            {"place_id": place_id, "ancestor_id": ancestor, "depth": depth + 1, "valid_from": opened_on}
            for ancestor, depth in db.session.execute(above)
        ]
    db.session.execute(insert(PlaceAncestry), lines)
    audit.record(actor_id, "place", "place", place_id, name=name, kind=kind.value, parent=parent_id)
    return place_id


def tie_place(place_id: int, unit_id: int, from_day: date, actor_id: int | None) -> None:
    """支部建在小区上. Nothing when they are tied already."""
    writing()
    tied = select(PlaceUnit.id).where(PlaceUnit.place_id == place_id, PlaceUnit.unit_id == unit_id, PlaceUnit.valid_to.is_(None))
    if db.session.scalar(tied) is None:
        db.session.execute(insert(PlaceUnit).values(place_id=place_id, unit_id=unit_id, valid_from=from_day))
        audit.record(actor_id, "place.unit", "place", place_id, unit=unit_id)
