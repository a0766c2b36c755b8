"""What a post can be given: the places near a unit, and the people who may hold it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from app.core.db import db
from app.duties.rules import HEADS, PostKind
from app.people.models import Membership, Person, Phone, Place, PlaceAncestry, PlaceUnit, Unit, UnitAncestry, UnitParent
from app.people.queries import UnitRow, below, holds_on
from app.people.rules import MembershipKind, PlaceKind, UnitKind

WHERE_POSTS_ARE = (PlaceKind.COMMUNITY, PlaceKind.ESTATE, PlaceKind.BUILDING)
NAMES = 300  # so many names help with typing; beyond, one types


@dataclass(frozen=True)
class PlaceChoice:
    id: int
    words: str  # 中海万锦豪园·银杏一座

    @property
    def pair(self) -> tuple[int, str]:
        """As a select wants it."""
        return self.id, self.words


def places_near(unit_id: int, day: date) -> list[PlaceChoice]:
    """The places tied to a unit, else to the nearest one above it that has any, with what lies in them. Two queries."""
    tied = db.session.execute(
        select(UnitAncestry.depth, PlaceUnit.place_id)
        .join(PlaceUnit, PlaceUnit.unit_id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id == unit_id, holds_on(UnitAncestry, day), PlaceUnit.valid_to.is_(None))
        .order_by(UnitAncestry.depth)
    ).all()
    roots = [place_id for depth, place_id in tied if depth == tied[0].depth]
    return _inside(roots)


def _inside(roots: list[int]) -> list[PlaceChoice]:
    """Everything open in the places, each named with the estate it stands in; by name."""
    rows = db.session.execute(
        select(PlaceAncestry.place_id, PlaceAncestry.depth, Place.name, Place.kind)
        .join(Place, Place.id == PlaceAncestry.ancestor_id)
        .where(
            PlaceAncestry.place_id.in_(
                select(PlaceAncestry.place_id)
                .join(Place, Place.id == PlaceAncestry.place_id)
                .where(
                    PlaceAncestry.ancestor_id.in_(roots),
                    PlaceAncestry.valid_to.is_(None),
                    Place.kind.in_(WHERE_POSTS_ARE),
                    Place.closed_on.is_(None),
                )
            ),
            PlaceAncestry.valid_to.is_(None),
            or_(PlaceAncestry.depth == 0, Place.kind == PlaceKind.ESTATE),
        )
        .order_by(PlaceAncestry.depth.desc())
    )
    words: dict[int, list[str]] = {}
    for place_id, _, name, _ in rows:
        words.setdefault(place_id, []).append(name)
    return sorted((PlaceChoice(place_id, "·".join(parts)) for place_id, parts in words.items()), key=lambda one: (one.words, one.id))


def _may_hold(kind: PostKind, unit_id: int, day: date) -> ColumnElement[bool]:
    """Home members of the unit's subtree; for heads anybody who belongs anywhere in it."""
    ties = select(Membership.person_id).where(Membership.unit_id.in_(below([unit_id], day)), holds_on(Membership, day))
    return Person.id.in_(ties if kind in HEADS else ties.where(Membership.kind == MembershipKind.HOME))


def names_for(kind: PostKind, unit_id: int, day: date) -> list[str]:
    """Names to help with typing; none where there are too many to help."""
    query = select(Person.name).distinct().where(_may_hold(kind, unit_id, day), Person.confirmed_at.is_not(None))
    found = list(db.session.scalars(query.order_by(Person.name).limit(NAMES + 1)))
    return found if len(found) <= NAMES else []


def who_may_hold(kind: PostKind, unit_id: int, name: str, tail: str, day: date) -> list[int]:
    """Confirmed persons of this name. Without the last four digits of a phone only those of the unit; for heads, with them, anybody."""
    query = select(Person.id).where(Person.name == name, Person.confirmed_at.is_not(None), Person.became_id.is_(None))
    if tail:
        number = and_(Phone.person_id == Person.id, Phone.number.endswith(tail, autoescape=True), holds_on(Phone, day))
        query = query.where(select(Phone.id).where(number).exists())
    if kind not in HEADS or not tail:
        query = query.where(_may_hold(kind, unit_id, day))
    return list(db.session.scalars(query.order_by(Person.id)))


def may_hold(kind: PostKind, unit_id: int, person_id: int, day: date) -> bool:
    """A confirmed person, and for a member's duty one at home in the unit's subtree."""
    query = select(Person.id).where(Person.id == person_id, Person.confirmed_at.is_not(None))
    if kind not in HEADS:
        query = query.where(_may_hold(kind, unit_id, day))
    return db.session.scalar(query) is not None


@dataclass(frozen=True)
class Around:
    """A unit, the one above it where that is in scope too, and those directly below."""

    unit: UnitRow
    above: UnitRow | None
    inside: list[UnitRow]


LISTED = (UnitKind.COMMUNITY, UnitKind.GENERAL_BRANCH, UnitKind.BRANCH, UnitKind.GROUP, UnitKind.NEIGHBOURS, UnitKind.SELF_GOVERNANCE)


def around(unit: UnitRow, roots: frozenset[int], day: date) -> Around:
    """Two queries."""
    inside = db.session.execute(
        select(Unit.id, Unit.name, Unit.kind)
        .join(UnitParent, UnitParent.unit_id == Unit.id)
        .where(UnitParent.parent_id == unit.id, holds_on(UnitParent, day), Unit.closed_on.is_(None), Unit.kind.in_(LISTED))
        .order_by(Unit.name)
    )
    children = [UnitRow(*row) for row in inside]
    if unit.id in roots:
        return Around(unit, None, children)
    above = db.session.execute(
        select(Unit.id, Unit.name, Unit.kind)
        .join(UnitParent, UnitParent.parent_id == Unit.id)
        .where(UnitParent.unit_id == unit.id, holds_on(UnitParent, day))
    ).one_or_none()
    return Around(unit, UnitRow(*above) if above else None, children)
