"""What both trees share: one description of each, and the reads that are the same for units and for places."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core.db import db
from app.people.models import (
    Place,
    PlaceAncestry,
    PlaceName,
    PlaceParent,
    PlaceUnit,
    Unit,
    UnitAncestry,
    UnitName,
    UnitParent,
)
from app.people.story import Called, Past, Tied, Under
from app.people.tree_rules import Circle, Edge, Life, Line, closure, joined, place_fault, unit_fault


@dataclass(frozen=True)
class Tree:
    """The tables of one tree. `key` is the column of the node in the other three; `number` its part of the advisory lock.

    `fault` says why a kind may not hang under another (None: under nothing).
    """

    node: Any
    parents: Any
    lines: Any
    names: Any
    key: str
    number: int
    word: str
    fault: Callable[[Any, Any], str | None]

    def own(self, table: Any) -> Any:
        return getattr(table, self.key)


UNITS = Tree(Unit, UnitParent, UnitAncestry, UnitName, "unit_id", 1, "组织", unit_fault)
PLACES = Tree(Place, PlaceParent, PlaceAncestry, PlaceName, "place_id", 2, "地点", place_fault)


def on_day(table: Any, day: date) -> ColumnElement[bool]:
    return and_(table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to > day))


@dataclass(frozen=True)
class Step:
    """A unit or place on a path, called as it was called on the day asked for."""

    id: int
    name: str
    kind: Any


def path_on(tree: Tree, node_id: int, day: date) -> tuple[Step, ...]:
    """From the top down to the node itself, with the parents and the names of that day; empty when it did not exist. One query."""
    node, lines, names = tree.node, tree.lines, tree.names
    rows = db.session.execute(
        select(node.id, func.coalesce(names.name, node.name), node.kind)
        .join(lines, lines.ancestor_id == node.id)
        .outerjoin(names, and_(tree.own(names) == node.id, names.valid_from <= day, names.valid_to > day))
        .where(tree.own(lines) == node_id, on_day(lines, day))
        .order_by(lines.depth.desc())
    )
    return tuple(Step(*row) for row in rows)


def unit_path_on(unit_id: int, day: date) -> tuple[Step, ...]:
    """在那一天，这个组织属于谁: from the 街道 down to itself, as they stood and were called that day. Empty when it did not exist."""
    return path_on(UNITS, unit_id, day)


def place_path_on(place_id: int, day: date) -> tuple[Step, ...]:
    """Where a place lay on a day, from the 社区 down to itself."""
    return path_on(PLACES, place_id, day)


def paths_of(tree: Tree, node_ids: Collection[int], day: date) -> dict[int, list[str]]:
    """What stands above each of many, from the top, without the top of all; one query."""
    lines = tree.lines
    rows = db.session.execute(
        select(tree.own(lines), tree.node.name)
        .join(tree.node, tree.node.id == lines.ancestor_id)
        .where(tree.own(lines).in_(node_ids), lines.depth > 0, on_day(lines, day))
        .order_by(lines.depth.desc())
    )
    found: dict[int, list[str]] = {}
    for node_id, name in rows:
        found.setdefault(node_id, []).append(name)
    return found


def subtree(tree: Tree, roots: Collection[int], day: date) -> Select[int]:
    """Ids of everything at and below `roots` on a day."""
    return select(tree.own(tree.lines)).where(tree.lines.ancestor_id.in_(roots), on_day(tree.lines, day))


def children(tree: Tree, node_id: int) -> Select[int]:
    """Ids of what hangs directly below today and is not closed."""
    parents = tree.parents
    return select(tree.own(parents)).where(parents.parent_id == node_id, parents.valid_to.is_(None))


def past(tree: Tree, node_id: int) -> Past | None:
    """All that is known of its past; four queries."""
    node, parents, names = tree.node, tree.parents, tree.names
    own = db.session.execute(select(node.name, node.opened_on, node.closed_on).where(node.id == node_id)).one_or_none()
    if own is None:
        return None
    name, opened_on, closed_on = own
    under = db.session.execute(
        select(parents.parent_id, func.coalesce(names.name, node.name), parents.valid_from, parents.valid_to)
        .join(node, node.id == parents.parent_id)
        .outerjoin(names, and_(tree.own(names) == node.id, names.valid_from <= parents.valid_from, names.valid_to > parents.valid_from))
        .where(tree.own(parents) == node_id)
        .order_by(parents.valid_from, parents.id)
    )
    called = db.session.execute(
        select(names.name, names.valid_from, names.valid_to).where(tree.own(names) == node_id).order_by(names.valid_from, names.id)
    )
    other, mine = (Place, PlaceUnit.unit_id) if tree is UNITS else (Unit, PlaceUnit.place_id)
    theirs = PlaceUnit.place_id if tree is UNITS else PlaceUnit.unit_id
    tied = db.session.execute(
        select(theirs, other.name, PlaceUnit.valid_from, PlaceUnit.valid_to)
        .join(other, other.id == theirs)
        .where(mine == node_id)
        .order_by(PlaceUnit.valid_from, PlaceUnit.id)
    )
    return Past(
        opened_on,
        closed_on,
        name,
        tuple(Under(*row) for row in under),
        tuple(Called(*row) for row in called),
        tuple(Tied(*row) for row in tied),
    )


@dataclass(frozen=True)
class LastName:
    """What it was called before the present name: on the days in [since, until)."""

    id: int
    name: str
    since: date
    until: date


def last_name(tree: Tree, node_id: int) -> LastName | None:
    names = tree.names
    query = select(names.id, names.name, names.valid_from, names.valid_to).where(tree.own(names) == node_id)
    row = db.session.execute(query.order_by(names.valid_to.desc(), names.id.desc()).limit(1)).one_or_none()
    return LastName(*row) if row else None


def last_change(tree: Tree, node_id: int, others: Collection[int] = ()) -> date | None:
    """The last day on which anything above or below the node, or above the others, came or went. One query."""
    lines = tree.lines
    concerned = or_(lines.ancestor_id == node_id, tree.own(lines).in_([node_id, *others]))
    came, went = db.session.execute(select(func.max(lines.valid_from), func.max(lines.valid_to)).where(concerned)).one()
    return max((day for day in (came, went) if day is not None), default=None)


def kept_lines(tree: Tree) -> set[Line]:
    lines = tree.lines
    rows = db.session.execute(select(tree.own(lines), lines.ancestor_id, lines.depth, lines.valid_from, lines.valid_to))
    return joined(Line(*row) for row in rows)


def due_lines(tree: Tree) -> set[Line]:
    """The closure as the dated parents give it. Raises Circle."""
    parents, node = tree.parents, tree.node
    edges = db.session.execute(select(tree.own(parents), parents.parent_id, parents.valid_from, parents.valid_to))
    lives = db.session.execute(select(node.id, node.opened_on, node.closed_on))
    return closure([Life(*row) for row in lives], [Edge(*row) for row in edges])


def disagreements() -> list[str]:
    """Where the kept closure of either tree is not what its dated parents give, and what hangs nowhere; empty when all is well."""
    faults: list[str] = []
    for tree in (UNITS, PLACES):
        try:
            due, kept = due_lines(tree), kept_lines(tree)
        except Circle as circle:
            faults.append(f"{tree.word} {circle.node}：绕成了一圈")
            continue
        wrong = sorted({line.node for line in due ^ kept})
        faults += [f"{tree.word} {node}：上下级的汇总与记录不符" for node in wrong]
        faults += [f"{tree.word} {node}：没有上级" for node in _orphans(tree)]
    return faults


def _orphans(tree: Tree) -> list[int]:
    """Open ones that hang nowhere although their kind must, or under something closed."""
    node, parents = tree.node, tree.parents
    above = tree.node.__table__.alias("above")
    top = "subdistrict" if tree is UNITS else "community"
    rows = db.session.execute(
        select(node.id)
        .outerjoin(parents, and_(tree.own(parents) == node.id, parents.valid_to.is_(None)))
        .outerjoin(above, above.c.id == parents.parent_id)
        .where(node.closed_on.is_(None), node.kind != top, or_(above.c.id.is_(None), above.c.closed_on.is_not(None)))
        .order_by(node.id)
    )
    return list(rows.scalars())
