"""What the pages of both trees show, within what the actor may see. The number of queries does not grow with the trees.

Units are seen below the actor's roots. A place is seen where it, or what it lies in, is tied to a unit below them;
who holds the whole subdistrict sees all places.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from app.core.db import db
from app.people.models import Membership, PlaceUnit, UnitAncestry
from app.people.name_rules import natural
from app.people.queries.directory import holds_all
from app.people.queries.trees import PLACES, UNITS, Tree, on_day, paths_of, subtree
from app.people.rules import UnitKind
from app.people.tree_rules import counted

PAGE = 50
SORTED = 3000  # of so many names the order of their numbers is made here


@dataclass(frozen=True)
class Node:
    id: int
    name: str
    kind: Any
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Row:
    """One line of a tree. `members` at and below a unit (None for places); `below` what hangs directly under it."""

    id: int
    name: str
    kind: Any
    members: int | None
    below: int
    above: str = ""  # 灯湖社区党委, 锦园党总支: for lists that are not a tree
    closed_on: date | None = None


@dataclass(frozen=True)
class Listed:
    rows: list[Row]
    more: bool


@dataclass(frozen=True)
class TieRow:
    id: int
    name: str
    kind: Any
    since: date


def node(tree: Tree, node_id: int) -> Node | None:
    table = tree.node
    row = db.session.execute(
        select(table.id, table.name, table.kind, table.opened_on, table.closed_on).where(table.id == node_id)
    ).one_or_none()
    return Node(*row) if row else None


def seen(tree: Tree, node_id: int, roots: Collection[int], today: date) -> Node | None:
    """The node where the actor may see it; what is closed as it stood on its last day."""
    found = node(tree, node_id)
    return found if found and within(tree, found, roots, today) else None


def within(tree: Tree, found: Node, roots: Collection[int], today: date) -> bool:
    if not roots:
        return False
    day = min(today, found.closed_on - timedelta(1)) if found.closed_on else today
    return db.session.scalar(select(tree.node.id).where(tree.node.id == found.id, _scope(tree, roots, day))) is not None


def _scope(tree: Tree, roots: Collection[int], day: date) -> ColumnElement[bool]:
    if holds_all(roots):
        return true()
    if tree is UNITS:
        return tree.node.id.in_(subtree(UNITS, roots, day))  # type: ignore[no-any-return]  # a Tree holds either model
    return tree.node.id.in_(subtree(PLACES, db.session.scalars(_tied(roots, day)).all(), day))  # type: ignore[no-any-return]  # a Tree holds either model


def _was_seen(tree: Tree, roots: Collection[int], day: date) -> ColumnElement[bool]:
    """Of what is closed: where it stood on its last day; a place by what it, or what it lay in, was tied to then."""
    if holds_all(roots):
        return true()
    node, lines = tree.node, tree.lines
    last = and_(lines.valid_from < node.closed_on, or_(lines.valid_to.is_(None), lines.valid_to >= node.closed_on))
    if tree is UNITS:
        inside = lines.ancestor_id.in_(roots)
    else:
        then = and_(PlaceUnit.valid_from < node.closed_on, or_(PlaceUnit.valid_to.is_(None), PlaceUnit.valid_to >= node.closed_on))
        tied = select(PlaceUnit.id).where(PlaceUnit.place_id == lines.ancestor_id, then, PlaceUnit.unit_id.in_(subtree(UNITS, roots, day)))
        inside = tied.correlate(lines, node).exists()
    return select(lines.id).where(tree.own(lines) == node.id, last, inside).correlate(node).exists()


def _tied(roots: Collection[int], day: date) -> Any:
    return select(PlaceUnit.place_id).where(PlaceUnit.unit_id.in_(subtree(UNITS, roots, day)), on_day(PlaceUnit, day)).distinct()


def tops(tree: Tree, roots: Collection[int], day: date) -> list[Row]:
    """Where the actor's part of the tree begins: what lies in nothing else that they see."""
    table, lines = tree.node, tree.lines
    if tree is PLACES and holds_all(roots):
        parents = tree.parents
        lonely = table.id.not_in(select(tree.own(parents)).where(parents.valid_to.is_(None)))
        return _rows(tree, and_(lonely, table.closed_on.is_(None)), day)
    begin = set(roots if tree is UNITS else db.session.scalars(_tied(roots, day)))
    inner = select(tree.own(lines)).where(lines.ancestor_id.in_(begin), tree.own(lines).in_(begin), lines.depth > 0, on_day(lines, day))
    return _rows(tree, and_(table.id.in_(begin - set(db.session.scalars(inner))), table.closed_on.is_(None)), day)


def children(tree: Tree, node_id: int, day: date) -> list[Row]:
    """What hangs directly below, with how many each holds; three queries."""
    parents = tree.parents
    return _rows(tree, tree.node.id.in_(select(tree.own(parents)).where(parents.parent_id == node_id, parents.valid_to.is_(None))), day)


def _rows(tree: Tree, condition: ColumnElement[bool], day: date) -> list[Row]:
    table = tree.node
    found = db.session.execute(select(table.id, table.name, table.kind, table.closed_on).where(condition).order_by(table.id)).all()
    return _counted(tree, sorted(found, key=lambda row: natural(row.name)), day)


def _counted(tree: Tree, found: list[Any], day: date, above: dict[int, list[str]] | None = None) -> list[Row]:
    ids = [row.id for row in found]
    parents = tree.parents
    below: dict[int, int] = dict(
        db.session.execute(
            select(parents.parent_id, func.count())
            .where(parents.parent_id.in_(ids), parents.valid_to.is_(None))
            .group_by(parents.parent_id)
        ).all()
    )
    people = members({row.id: row.kind for row in found}, day) if tree is UNITS else {}
    return [
        Row(row.id, row.name, row.kind, people.get(row.id), below.get(row.id, 0), _above(tree, above, row.id), row.closed_on)
        for row in found
    ]


def _above(tree: Tree, paths: dict[int, list[str]] | None, node_id: int) -> str:
    """灯湖社区党委，锦园党总支: without the 街道, which stands above all units."""
    path = (paths or {}).get(node_id, [])
    return "，".join(path[1:] if tree is UNITS else path)


def members(kinds: dict[int, UnitKind], day: date) -> dict[int, int]:
    """unit id → people at and below it, of the membership that its kind counts; one query."""
    rows = db.session.execute(
        select(UnitAncestry.ancestor_id, Membership.kind, func.count(func.distinct(Membership.person_id)))
        .join(Membership, Membership.unit_id == UnitAncestry.unit_id)
        .where(UnitAncestry.ancestor_id.in_(kinds), on_day(UnitAncestry, day), on_day(Membership, day))
        .group_by(UnitAncestry.ancestor_id, Membership.kind)
    ).all()
    counts = dict.fromkeys(kinds, 0)
    counts.update({unit_id: count for unit_id, kind, count in rows if kind is counted(kinds[unit_id])})
    return counts


def search(
    tree: Tree, roots: Collection[int], day: date, words: str = "", *, kind: Any = None, under: int | None = None, page: int = 1
) -> Listed:
    """By name, today's or an earlier one, and by kind; fifty a page, with what each hangs under. By name also what is closed, last."""
    table, names = tree.node, tree.names
    stands = and_(table.closed_on.is_(None), _scope(tree, roots, day))
    seen_once = or_(stands, and_(table.closed_on.is_not(None), _was_seen(tree, roots, day))) if words and under is None else stands
    query = select(table.id, table.name, table.kind, table.closed_on).where(seen_once)
    if words:
        like = f"%{words.translate({ord(sign): '!' + sign for sign in '!%_'})}%"
        once = select(tree.own(names)).where(names.name.like(like, escape="!"))
        query = query.where(or_(table.name.like(like, escape="!"), table.id.in_(once)))
    if kind is not None:
        query = query.where(table.kind == kind)
    if under is not None:
        query = query.where(table.id.in_(subtree(tree, [under], day)), table.id != under)
    query, begin = query.order_by(table.closed_on.is_not(None), table.id), (page - 1) * PAGE
    found = list(db.session.execute(query.limit(SORTED + 1)))
    if len(found) > SORTED:  # doorways by the thousand, not units: as they were recorded
        found = list(db.session.execute(query.offset(begin).limit(PAGE + 1)))
    else:
        found = sorted(found, key=lambda row: (row.closed_on is not None, natural(row.name)))[begin : begin + PAGE + 1]
    shown = found[:PAGE]
    return Listed(_counted(tree, shown, day, paths_of(tree, [row.id for row in shown], day)), len(found) > PAGE)


def places_to(
    tree: Tree,
    node_id: int | None,
    kinds: Collection[Any],
    roots: Collection[int],
    day: date,
    words: str,
    but: Collection[int] = (),
    most: int = 40,
) -> Listed:
    """What something may be moved under or tied to: of the kinds, in scope, not itself nor anything below it, nor `but`."""
    table, lines = tree.node, tree.lines
    query = select(table.id, table.name, table.kind).where(
        table.closed_on.is_(None), table.kind.in_(kinds), table.id.not_in(but), _scope(tree, roots, day)
    )
    if node_id is not None:
        query = query.where(table.id.not_in(select(tree.own(lines)).where(lines.ancestor_id == node_id, lines.valid_to.is_(None))))
    if words:
        like = f"%{words.translate({ord(sign): '!' + sign for sign in '!%_'})}%"
        query = query.where(table.name.like(like, escape="!"))
    found = db.session.execute(query.order_by(table.id).limit(most + 1)).all()
    shown = list(found[:most])
    above = paths_of(tree, [row.id for row in shown], day)
    return Listed([Row(row.id, row.name, row.kind, None, 0, _above(tree, above, row.id)) for row in shown], len(found) > most)


def ties(tree: Tree, node_id: int, day: date) -> list[TieRow]:
    """The other tree's nodes that it is tied to on a day."""
    own, theirs, other = (
        (PlaceUnit.unit_id, PlaceUnit.place_id, PLACES.node) if tree is UNITS else (PlaceUnit.place_id, PlaceUnit.unit_id, UNITS.node)
    )
    rows = db.session.execute(
        select(other.id, other.name, other.kind, PlaceUnit.valid_from)
        .join(other, other.id == theirs)
        .where(own == node_id, on_day(PlaceUnit, day))
        .order_by(PlaceUnit.valid_from, other.name)
    )
    return [TieRow(*row) for row in rows]
