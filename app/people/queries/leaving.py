"""Which part of the tree somebody leaves when they change branch."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.people.models import Unit, UnitAncestry
from app.people.queries.dated import holds_on
from app.people.rules import BRANCH_KINDS, UnitKind

Change = tuple[int, int | None]
"""From a unit to another; None: it is not known yet where they go, so everything that may be left."""


def left_behind(from_id: int, to_id: int | None, day: date) -> frozenset[int]:
    return left_by([(from_id, to_id)], day)[from_id, to_id]


def left_by(changes: Collection[Change], day: date) -> dict[Change, frozenset[int]]:
    """The units that a transfer leaves: the old one, the 党支部 and 党总支 around it that do not hold the new one, and all below them.

    From one 党小组 to another of the same branch the branch stays; communities and what is above are never left by a transfer.
    Two queries, however many changes.
    """
    above = _above({unit_id for change in changes for unit_id in change if unit_id is not None}, day)
    tops = {change: _top(change, above) for change in changes}
    below: dict[int, set[int]] = {}
    reach = select(UnitAncestry.ancestor_id, UnitAncestry.unit_id).where(holds_on(UnitAncestry, day))
    for top, unit_id in db.session.execute(reach.where(UnitAncestry.ancestor_id.in_({top for top in tops.values() if top is not None}))):
        below.setdefault(top, set()).add(unit_id)
    return {change: frozenset(below.get(top, ())) if top is not None else frozenset() for change, top in tops.items()}


def _above(unit_ids: Collection[int], day: date) -> dict[int, list[tuple[int, UnitKind]]]:
    """Each unit itself and what is above it, upward."""
    found: dict[int, list[tuple[int, UnitKind]]] = {}
    upward = (
        select(UnitAncestry.unit_id, UnitAncestry.ancestor_id, Unit.kind)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id.in_(unit_ids), holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.unit_id, UnitAncestry.depth)
    )
    for unit_id, ancestor_id, kind in db.session.execute(upward):
        found.setdefault(unit_id, []).append((ancestor_id, kind))
    return found


def _top(change: Change, above: dict[int, list[tuple[int, UnitKind]]]) -> int | None:
    from_id, to_id = change
    kept = {ancestor_id for ancestor_id, _ in above.get(to_id, ())} if to_id is not None else set()
    top = None
    for ancestor_id, kind in above.get(from_id, ()):
        if ancestor_id in kept or (ancestor_id != from_id and kind not in BRANCH_KINDS):
            break
        top = ancestor_id
    return top
