"""Which part of the tree somebody leaves when they change branch."""

from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.people.models import Unit, UnitAncestry
from app.people.queries.dated import holds_on
from app.people.queries.units import below
from app.people.rules import BRANCH_KINDS


def left_behind(from_id: int, to_id: int | None, day: date) -> list[int]:
    """The units that a transfer leaves: the old one, the 党支部 and 党总支 around it that do not hold the new one, and all below them.

    From one 党小组 to another of the same branch the branch stays; communities and what is above are never left by a transfer.
    `to_id` None: it is not known yet where they go, so everything that may be left.
    """
    upward = (
        select(UnitAncestry.ancestor_id, Unit.kind)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id == from_id, holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth)
    )
    new = select(UnitAncestry.ancestor_id).where(UnitAncestry.unit_id == to_id, holds_on(UnitAncestry, day))
    kept = set(db.session.scalars(new)) if to_id is not None else set()
    top = None
    for ancestor_id, kind in db.session.execute(upward):
        if ancestor_id in kept or (ancestor_id != from_id and kind not in BRANCH_KINDS):
            break
        top = ancestor_id
    return sorted(db.session.scalars(below([top], day))) if top is not None else []
