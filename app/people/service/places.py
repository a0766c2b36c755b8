"""The tree of places and their ties to units. Called inside a write transaction."""

from datetime import date
from functools import partial

from sqlalchemy import insert, select, update

from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.people.models import PlaceUnit
from app.people.queries.trees import PLACES, UNITS
from app.people.rules import PlaceKind
from app.people.service import trees
from app.people.tree_rules import tie_fault


def create_place(kind: PlaceKind, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new place inside `parent_id`; a 社区 has none. Raises Invalid for a name its siblings have."""
    return trees.create(PLACES, kind, name, parent_id, opened_on, actor_id)


rename_place = partial(trees.rename, PLACES)
correct_place_name = partial(trees.correct_name, PLACES)
move_place = partial(trees.move, PLACES)


def inside_place(place_id: int) -> list[str]:
    """What has to be settled before a place can be closed, in words; empty when it can be."""
    inside = trees.below_of(PLACES, place_id)
    return [f"里面还有 {inside} 处地点，请先移走或停用"] if inside else []


def close_place(place_id: int, on: date, actor_id: int | None) -> None:
    """It ends; its ties to units end with it. Raises Conflict while something open lies inside."""
    trees.lock(PLACES)
    place = trees.found(PLACES, place_id)
    if reasons := inside_place(place_id):
        raise Conflict(f"还不能停用“{place.name}”：{reasons[0]}。")
    trees.close(PLACES, place, on, actor_id)


def tie_place(place_id: int, unit_id: int, from_day: date, actor_id: int | None) -> None:
    """支部建在小区上. Nothing when they are tied already."""
    trees.lock(UNITS)
    trees.lock(PLACES)
    place, unit = trees.found(PLACES, place_id), trees.found(UNITS, unit_id)
    if fault := tie_fault(unit.kind, place.kind):
        raise Invalid({"place": fault})
    if from_day < max(place.opened_on, unit.opened_on):
        raise Invalid({"on": "日子不能早于组织和地点开始的那天"})
    tied = select(PlaceUnit.id).where(PlaceUnit.place_id == place_id, PlaceUnit.unit_id == unit_id, PlaceUnit.valid_to.is_(None))
    if db.session.scalar(tied) is None:
        db.session.execute(insert(PlaceUnit).values(place_id=place_id, unit_id=unit_id, valid_from=from_day))
        trees.note(PLACES, "unit", place_id, actor_id, unit=unit_id)


def untie_place(place_id: int, unit_id: int, on: date, actor_id: int | None) -> None:
    """The tie ends on a day. Nothing when there is none."""
    trees.lock(UNITS)
    trees.lock(PLACES)
    ended = (
        update(PlaceUnit)
        .where(PlaceUnit.place_id == place_id, PlaceUnit.unit_id == unit_id, PlaceUnit.valid_to.is_(None))
        .values(valid_to=on)
        .returning(PlaceUnit.id)
    )
    if db.session.execute(ended).all():
        trees.note(PLACES, "unit.end", place_id, actor_id, unit=unit_id, on=on.isoformat())
