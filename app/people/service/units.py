"""The organisation tree: new units, other names, other parents, an end. Called inside a write transaction."""

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import func, or_, select

from app.core.db import db
from app.core.errors import Conflict
from app.people import queries
from app.people.models import Membership
from app.people.queries.trees import UNITS
from app.people.rules import UnitKind
from app.people.service import trees


class Reason(str):
    """What stands in the way, in words. `about` says what it is of (members, posts …), so that a page can lead there."""

    about: str

    def __new__(cls, words: str, about: str) -> "Reason":
        made = super().__new__(cls, words)
        made.about = about
        return made


Hindrance = Callable[[int, date], str | None]
_hindrances: list[Hindrance] = []


def before_closing(hindrance: Hindrance) -> None:
    """Register what else may stand in the way of closing a unit: a feature above says it in words (还有 2 场活动没结束), or None."""
    if hindrance not in _hindrances:
        _hindrances.append(hindrance)


def create_unit(kind: UnitKind, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new unit under `parent_id`; only the subdistrict has none. Raises Invalid for a name its siblings have."""
    if parent_id is None:
        trees.lock(UNITS)
        if queries.root_unit() is not None:
            raise Conflict("街道已经建好了，新的组织请建在它下面。")
    return trees.create(UNITS, kind, name, parent_id, opened_on, actor_id)


rename_unit = partial(trees.rename, UNITS)
correct_unit_name = partial(trees.correct_name, UNITS)
move_unit = partial(trees.move, UNITS)


def in_the_way(unit_id: int, today: date) -> list[str]:
    """What has to be settled before a unit can be closed, in words; empty when it can be."""
    reasons: list[str] = []
    if below := trees.below_of(UNITS, unit_id):
        reasons.append(Reason(f"下面还有 {below} 个组织，请先移走或撤销", "below"))
    members = select(func.count(func.distinct(Membership.person_id))).where(
        Membership.unit_id == unit_id, or_(Membership.valid_to.is_(None), Membership.valid_to > today)
    )
    if people := db.session.scalar(members):
        reasons.append(Reason(f"还有 {people} 人在这里，请先把他们转到别的组织", "members"))
    return reasons + [words for hindrance in _hindrances if (words := hindrance(unit_id, today))]


def close_unit(unit_id: int, on: date, actor_id: int | None) -> None:
    """It ends; its ties to places end with it. Raises Conflict that says what stands in the way."""
    trees.lock(UNITS)
    trees.hold(UNITS, unit_id)
    unit = trees.found(UNITS, unit_id)
    if unit.kind is UnitKind.SUBDISTRICT:
        raise Conflict("街道党工委不能撤销。")
    if reasons := in_the_way(unit_id, on):
        raise Conflict(f"还不能撤销“{unit.name}”：{'；'.join(reasons)}。")
    trees.close(UNITS, unit, on, actor_id)
