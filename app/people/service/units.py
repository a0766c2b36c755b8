"""The organisation tree: new units, other names, other parents, an end. Called inside a write transaction."""

from datetime import date

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid
from app.people import queries
from app.people.models import (
    Unit,
    UnitAncestry,
    UnitParent,
)
from app.people.rules import UnitKind


def create_unit(kind: UnitKind, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new unit under `parent_id`; only the subdistrict has none. Raises Invalid for a name its siblings have."""
    writing()
    if parent_id is None and queries.root_unit() is not None:
        raise Conflict("街道已经建好了，新的组织请建在它下面。")
    if parent_id is not None:
        twin = (
            select(Unit.id)
            .join(UnitParent, UnitParent.unit_id == Unit.id)
            .where(UnitParent.parent_id == parent_id, UnitParent.valid_to.is_(None), Unit.name == name, Unit.closed_on.is_(None))
        )
        if db.session.scalar(twin) is not None:
            raise Invalid({"name": f"这里已经有“{name}”了"})
    unit_id: int = db.session.execute(insert(Unit).values(kind=kind, name=name, opened_on=opened_on).returning(Unit.id)).scalar_one()
    if parent_id is not None:
        db.session.execute(insert(UnitParent).values(unit_id=unit_id, parent_id=parent_id, valid_from=opened_on))
        above = select(UnitAncestry.ancestor_id, UnitAncestry.depth).where(
            UnitAncestry.unit_id == parent_id, UnitAncestry.valid_to.is_(None)
        )
        lines = [
            {"unit_id": unit_id, "ancestor_id": ancestor, "depth": depth + 1, "valid_from": opened_on}
            for ancestor, depth in db.session.execute(above)
        ]
    else:
        lines = []
    db.session.execute(insert(UnitAncestry), [*lines, {"unit_id": unit_id, "ancestor_id": unit_id, "depth": 0, "valid_from": opened_on}])
    audit.record(actor_id, "unit", "unit", unit_id, name=name, kind=kind.value, parent=parent_id)
    return unit_id


def rename_unit(unit_id: int, name: str, actor_id: int) -> None:
    writing()
    before = db.session.scalar(select(Unit.name).where(Unit.id == unit_id))
    if before != name:
        db.session.execute(update(Unit).where(Unit.id == unit_id).values(name=name))
        audit.record(actor_id, "unit.name", "unit", unit_id, before=before, after=name)
