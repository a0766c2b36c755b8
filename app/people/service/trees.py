"""Changing a tree, of units or of places. Every change takes the tree's lock first, so that what is checked still holds.

Parents and their closure are closed and begun set-wise, from a day on; what was before stays as it was.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, delete, func, insert, literal, select, text, update
from sqlalchemy.orm import aliased

from app.audit import service as audit
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import full_day
from app.people.models import PlaceUnit
from app.people.queries import trees
from app.people.queries.trees import Tree


def lock(tree: Tree) -> None:
    """One at a time changes a tree: SQLite has one writer, on PostgreSQL the same lock as the table's own trigger takes."""
    writing()
    if not is_sqlite():
        db.session.execute(text("SELECT pg_advisory_xact_lock(7013, :number)"), {"number": tree.number})


def found(tree: Tree, node_id: int) -> Any:
    """Its row (id, name, kind, opened_on, closed_on); what is closed does not change any more."""
    node = tree.node
    row = db.session.execute(select(node.id, node.name, node.kind, node.opened_on, node.closed_on).where(node.id == node_id)).one_or_none()
    if row is None:
        raise NotFound
    if row.closed_on is not None:
        raise Conflict(f"“{row.name}”已经{'撤销' if tree is trees.UNITS else '停用'}，不能再改。")
    return row


def refuse_twin(tree: Tree, parent_id: int | None, name: str, but: int | None = None) -> None:
    """Siblings have names of their own."""
    node, parents = tree.node, tree.parents
    twins = (
        select(node.id)
        .outerjoin(parents, and_(tree.own(parents) == node.id, parents.valid_to.is_(None)))
        .where(parents.parent_id.is_not_distinct_from(parent_id), node.name == name, node.closed_on.is_(None), node.id != (but or 0))
    )
    if db.session.scalar(twins.limit(1)) is not None:
        raise Invalid({"name": f"这里已经有“{name}”了"})


def create(tree: Tree, kind: StrEnum, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new node with its parent and its lines. Raises Invalid for a name its siblings have, or a day before its parent stood so."""
    lock(tree)
    parent = found(tree, parent_id) if parent_id is not None else None
    if fault := tree.fault(kind, parent.kind if parent else None):
        raise Invalid({"kind": fault})
    refuse_twin(tree, parent_id, name)
    if parent_id is not None:
        _not_before(tree, parent_id, opened_on)
    node, parents, lines = tree.node, tree.parents, tree.lines
    node_id: int = db.session.execute(insert(node).values(kind=kind, name=name, opened_on=opened_on).returning(node.id)).scalar_one()
    db.session.execute(insert(lines).values({tree.key: node_id, "ancestor_id": node_id, "depth": 0, "valid_from": opened_on}))
    if parent_id is not None:
        db.session.execute(insert(parents).values({tree.key: node_id, "parent_id": parent_id, "valid_from": opened_on}))
        _begin_lines(tree, node_id, parent_id, opened_on)
    note(tree, "", node_id, actor_id, name=name, kind=kind.value, parent=parent_id)
    return node_id


def _not_before(tree: Tree, parent_id: int, day: date) -> None:
    lines = tree.lines
    since = db.session.scalar(select(func.max(lines.valid_from)).where(tree.own(lines) == parent_id, lines.valid_to.is_(None)))
    if since and day < since:
        raise Invalid({"opened_on": f"上级从{full_day(since)}起才是现在这样，日子不能写得更早"})


def rename(tree: Tree, node_id: int, name: str, on: date, actor_id: int | None) -> None:
    """Another name from `on`; the one before is kept to be found by, also when it held for no day. Nothing when it is called so already.

    Raises Invalid for a day before the present name began, or before there was anything to be called.
    """
    lock(tree)
    row = found(tree, node_id)
    if row.name == name:
        return
    refuse_twin(tree, parent_of(tree, node_id), name, but=node_id)
    names, last = tree.names, trees.last_name(tree, node_id)
    since = last.until if last else row.opened_on
    if on < since:
        raise Invalid({"on": f"{full_day(since)}{'才改成现在这个名字' if last else '才有它'}，日子最早写这一天"})
    db.session.execute(insert(names).values({tree.key: node_id, "name": row.name, "valid_from": since, "valid_to": on}))
    db.session.execute(update(tree.node).where(tree.node.id == node_id).values(name=name))
    note(tree, "name", node_id, actor_id, before=row.name, after=name, on=on.isoformat())


def correct_name(tree: Tree, node_id: int, name: str, on: date | None, actor_id: int | None) -> None:
    """The present name, or the day from which it holds, was written wrongly; the history then says what is right, the audit both.

    With the name of before, the last renaming never was. `on` counts only where there was one. Raises Invalid for a day
    before the name of before began.
    """
    lock(tree)
    row, last, names = found(tree, node_id), trees.last_name(tree, node_id), tree.names
    day = on or (last.until if last else None)
    if row.name == name and (last is None or day == last.until):
        return
    refuse_twin(tree, parent_of(tree, node_id), name, but=node_id)
    if last is not None and day is not None:
        if name == last.name:
            db.session.execute(delete(names).where(names.id == last.id))
        elif day < last.since:
            raise Invalid({"on": f"那时还不叫“{last.name}”，日子最早写{full_day(last.since)}"})
        else:
            db.session.execute(update(names).where(names.id == last.id).values(valid_to=day))
    db.session.execute(update(tree.node).where(tree.node.id == node_id).values(name=name))
    days = {"was": last.until.isoformat(), "on": day.isoformat()} if last and day else {}
    note(tree, "name_correction", node_id, actor_id, before=row.name, after=name, **days)


def parent_of(tree: Tree, node_id: int) -> int | None:
    parents = tree.parents
    return db.session.scalar(select(parents.parent_id).where(tree.own(parents) == node_id, parents.valid_to.is_(None)))


def move(tree: Tree, node_id: int, parent_id: int, on: date, today: date, actor_id: int | None) -> None:
    """From `on` the node and all below it lie under another parent. Nothing when it lies there already; raises Conflict for a circle.

    A day in the past is taken only when nothing above or below has changed since; the future is not.
    """
    lock(tree)
    row, parent = found(tree, node_id), found(tree, parent_id)
    if fault := tree.fault(row.kind, parent.kind):
        raise Invalid({"parent": fault})
    before = parent_of(tree, row.id)
    if before is None:
        raise Conflict(f"“{row.name}”是最上面一级，不能移动。")
    if before == parent.id:
        return
    lines = tree.lines
    inside = select(lines.id).where(lines.ancestor_id == row.id, tree.own(lines) == parent.id, lines.valid_to.is_(None))
    if db.session.scalar(inside) is not None:
        raise Conflict(f"“{parent.name}”就在“{row.name}”下面，不能反过来。刚才也许有人移动过，请看一眼现在的位置。")
    refuse_twin(tree, parent.id, row.name)
    if on > today:
        raise Invalid({"on": "不能写今天以后的日子"})
    earliest = trees.last_change(tree, row.id, [parent.id])
    if earliest and on < earliest:
        raise Invalid({"on": f"{full_day(earliest)}这里的上下级有过变动，日子最早写这一天"})
    parents = tree.parents
    db.session.execute(update(parents).where(tree.own(parents) == row.id, parents.valid_to.is_(None)).values(valid_to=on))
    db.session.execute(insert(parents).values({tree.key: row.id, "parent_id": parent.id, "valid_from": on}))
    _end_lines(tree, row.id, on)
    _begin_lines(tree, row.id, parent.id, on)
    note(tree, "move", row.id, actor_id, before=before, after=parent.id, on=on.isoformat())


def _end_lines(tree: Tree, node_id: int, on: date) -> None:
    """Lines from the subtree to what stood above it end, in one statement; those that then hold on no day go."""
    lines, up, down = tree.lines, aliased(tree.lines), aliased(tree.lines)
    above = select(up.ancestor_id).where(tree.own(up) == node_id, up.depth > 0, up.valid_to.is_(None))
    below = select(tree.own(down)).where(down.ancestor_id == node_id, down.valid_to.is_(None))
    crossing = and_(lines.valid_to.is_(None), lines.ancestor_id.in_(above), tree.own(lines).in_(below))
    db.session.execute(update(lines).where(crossing).values(valid_to=on).execution_options(synchronize_session=False))
    _drop_empty(tree, on)


def _drop_empty(tree: Tree, on: date) -> None:
    lines = tree.lines
    empty = delete(lines).where(lines.valid_to == on, lines.valid_from == on, lines.depth > 0)
    db.session.execute(empty.execution_options(synchronize_session=False))


def _begin_lines(tree: Tree, node_id: int, parent_id: int, on: date) -> None:
    """Everything at and below the node × everything at and above its new parent, in one statement."""
    lines, up, down = tree.lines, aliased(tree.lines), aliased(tree.lines)
    pairs = (
        select(tree.own(down), up.ancestor_id, down.depth + up.depth + 1, literal(on))
        .select_from(down)
        .join(up, tree.own(up) == parent_id)
        .where(down.ancestor_id == node_id, down.valid_to.is_(None), up.valid_to.is_(None))
    )
    db.session.execute(insert(lines).from_select([tree.key, "ancestor_id", "depth", "valid_from"], pairs))


def below_of(tree: Tree, node_id: int) -> int:
    """How many open ones hang directly below."""
    return db.session.scalar(select(func.count()).select_from(trees.children(tree, node_id).subquery())) or 0


def close(tree: Tree, row: Any, on: date, actor_id: int | None) -> None:
    """The node, its parent, its lines and its ties to the other tree end; lines that then hold on no day go."""
    node = tree.node
    db.session.execute(update(node).where(node.id == row.id).values(closed_on=on))
    for table in (tree.parents, tree.lines, PlaceUnit):
        db.session.execute(update(table).where(tree.own(table) == row.id, table.valid_to.is_(None)).values(valid_to=on))
    _drop_empty(tree, on)
    note(tree, "close", row.id, actor_id, name=row.name, on=on.isoformat())


def hold(tree: Tree, node_id: int) -> None:
    """The node's row, so that nobody joins while it is being closed."""
    if not is_sqlite():
        db.session.execute(select(tree.node.id).where(tree.node.id == node_id).with_for_update())


def note(tree: Tree, what: str, node_id: int, actor_id: int | None, **facts: Any) -> None:
    kind = tree.key.removesuffix("_id")
    audit.record(actor_id, f"{kind}.{what}" if what else kind, kind, node_id, **facts)
