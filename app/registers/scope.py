"""What a register is read against: who may touch which units, and both trees as they stand. A few queries for any number of rows."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from sqlalchemy import select

from app.core.db import db
from app.people import queries as people
from app.people.models import PlaceUnit
from app.people.queries import trees
from app.registers.tree import Node, Tree


@dataclass(frozen=True)
class Scope:
    """`reach` are the units that may be touched, None for all (the command line); `tops` those that the rights are granted for.

    `plain` are the units whose people go out with whole phones and birth dates; None: all.
    """

    reach: frozenset[int] | None
    tops: frozenset[int]
    root_id: int | None  # the batch belongs to it
    today: date
    plain: frozenset[int] | None = None

    def holds(self, unit_id: int | None) -> bool:
        return self.reach is None or (unit_id is not None and (unit_id < 0 or unit_id in self.reach))

    def shows(self, unit_id: int | None) -> bool:
        """Phones and birth dates of the people at home there go out whole."""
        return self.plain is None or unit_id in self.plain


def scope_of(tops: Collection[int], today: date) -> Scope:
    """Below the units of somebody's rights."""
    roots = frozenset(tops)
    root_id = next((root for root in sorted(roots) if not people.is_below(root, roots - {root}, today)), None)
    return Scope(frozenset(db.session.scalars(people.below(roots, today))), roots, root_id, today)


def shown_to(scope: Scope, editing: Collection[int]) -> Scope:
    """The same, with phones and birth dates whole only below the units where somebody may edit people."""
    plain = frozenset(db.session.scalars(people.below(frozenset(editing), scope.today)))
    covered = scope.reach is not None and scope.reach <= plain
    return scope if covered else replace(scope, plain=plain)


def whole_scope(today: date) -> Scope:
    root = people.root_unit()
    return Scope(None, frozenset(), root.id if root else None, today)


def _whole_tree(tables: trees.Tree) -> Tree:
    """All of a tree, closed ones too, each under its last parent."""
    node, above = tables.node, tables.parents
    parents: dict[int, int] = dict(
        db.session.execute(select(tables.own(above), above.parent_id).order_by(above.valid_from, above.id)).all()
    )
    rows = db.session.execute(select(node.id, node.name, node.kind, node.opened_on, node.closed_on).order_by(node.id))
    return Tree(Node(id_, name, kind.value, parents.get(id_), opened, closed) for id_, name, kind, opened, closed in rows)


unit_tree = partial(_whole_tree, trees.UNITS)
place_tree = partial(_whole_tree, trees.PLACES)


def ties() -> set[tuple[int, int]]:
    """(place, unit) of every standing tie."""
    return {
        (place, unit)
        for place, unit in db.session.execute(select(PlaceUnit.place_id, PlaceUnit.unit_id).where(PlaceUnit.valid_to.is_(None)))
    }


def placed_in_reach(scope: Scope, tied: set[tuple[int, int]], places: Tree) -> frozenset[int] | None:
    """Places that hang together with the units of the reach: those tied to one, and all that lies in them. None: all."""
    if scope.reach is None or any(top == scope.root_id for top in _roots_of_all(scope)):
        return None
    own = {place for place, unit in tied if unit in scope.reach}
    return frozenset(id_ for id_ in places.nodes if any(node.id in own for node in places.path(id_)))


def _roots_of_all(scope: Scope) -> list[int]:
    root = people.root_unit()
    return [root.id] if root and root.id in scope.tops else []
