"""Reading the organisation tree. Scopes are sets of root units; everything below them is in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select

from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.models import Unit, UnitAncestry
from app.people.queries.dated import holds_on
from app.people.rules import UnitKind


def below(roots: Collection[int], day: date) -> Select[int]:
    """A subselect of the ids of all units in the subtrees of `roots` on `day`, the roots included."""
    return select(UnitAncestry.unit_id).where(UnitAncestry.ancestor_id.in_(roots), holds_on(UnitAncestry, day))


def is_below(unit_id: int, roots: Collection[int], day: date) -> bool:
    """Whether a unit lies in one of the subtrees."""
    if not roots:
        return False
    found = select(UnitAncestry.id).where(UnitAncestry.unit_id == unit_id, UnitAncestry.ancestor_id.in_(roots), holds_on(UnitAncestry, day))
    return db.session.scalar(found.limit(1)) is not None


@dataclass(frozen=True)
class UnitRow:
    id: int
    name: str
    kind: UnitKind


def unit(unit_id: int) -> UnitRow | None:
    row = db.session.execute(select(Unit.id, Unit.name, Unit.kind).where(Unit.id == unit_id)).one_or_none()
    return UnitRow(*row) if row else None


def units_below(roots: Collection[int], day: date, kinds: Collection[UnitKind] | None = None) -> list[UnitRow]:
    """Units in scope, by id; narrowed to `kinds` where given."""
    if not roots:
        return []
    query = select(Unit.id, Unit.name, Unit.kind).where(Unit.id.in_(below(roots, day)), Unit.closed_on.is_(None)).order_by(Unit.id)
    if kinds is not None:
        query = query.where(Unit.kind.in_(kinds))
    return [UnitRow(*row) for row in db.session.execute(query)]


def ancestor_of_kind(unit_id: int, kind: UnitKind, day: date) -> UnitRow | None:
    """The nearest unit of a kind above (or at) a unit: a branch's community."""
    row = db.session.execute(
        select(Unit.id, Unit.name, Unit.kind)
        .join(UnitAncestry, UnitAncestry.ancestor_id == Unit.id)
        .where(UnitAncestry.unit_id == unit_id, Unit.kind == kind, holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth)
        .limit(1)
    ).one_or_none()
    return UnitRow(*row) if row else None


def root_unit() -> UnitRow | None:
    """The subdistrict, once it exists."""
    row = db.session.execute(select(Unit.id, Unit.name, Unit.kind).where(Unit.kind == UnitKind.SUBDISTRICT).limit(1)).one_or_none()
    return UnitRow(*row) if row else None


def is_the_whole(roots: Collection[int]) -> ColumnElement[bool]:
    """The subdistrict is one of these units."""
    return select(Unit.id).where(Unit.kind == UnitKind.SUBDISTRICT, Unit.id.in_(roots)).exists()


def governs(actor: Actor, action: Action) -> bool:
    """`action` is theirs in the whole subdistrict; one query, none where it is theirs nowhere."""
    roots = actor.roots(action)
    return bool(roots) and bool(db.session.scalar(select(is_the_whole(roots))))


def of_the_subdistrict(actor: Actor, action: Action) -> Actor:
    """The actor, where `action` is theirs in the whole subdistrict: for a rule that is one for everybody. Raises NotFound otherwise."""
    if not governs(actor, action):
        raise NotFound
    return actor


def communities_of(unit_ids: Collection[int], day: date) -> dict[int, int]:
    """unit id → the community above it; one query, units without one are left out."""
    rows = db.session.execute(
        select(UnitAncestry.unit_id, Unit.id)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id.in_(unit_ids), Unit.kind == UnitKind.COMMUNITY, holds_on(UnitAncestry, day))
    )
    return dict(rows.all())
