"""Writing to the trees of units and places, and taking it back, where `people` offers no verb for it. Inside a write transaction.

Taking back is not history: what a batch brought by mistake goes as if it had never been, while nothing later rests on it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select, update

from app.audit import service as audit
from app.core.db import Base, db, writing
from app.core.errors import Conflict
from app.people.models import PlaceUnit
from app.people.queries.trees import UNITS, Tree
from app.people.service import trees
from app.registers.models import RegisterRow
from app.registers.rules import RowVerdict
from app.registers.staged import MOVED_ON, Job

WORDS = {
    "membership": "有了成员", "post": "有了岗位", "role_grant": "有人在那里有职责", "activity": "办了活动", "hour_entry": "有了时长",
    "unit_parent": "下面有了组织", "place_parent": "里面有了地点", "place_unit": "对应了别的", "household_contact": "有了户联系",
}  # fmt: skip


def made_by(batch_id: int, references: Iterable[int | None]) -> dict[int, int]:
    """The records that earlier rows of a batch made, by the negative of the row's number, as far as they are referred to."""
    numbers = [-one for one in references if one is not None and one < 0]
    rows = select(RegisterRow.number, RegisterRow.target_id).where(
        RegisterRow.batch_id == batch_id, RegisterRow.number.in_(numbers), RegisterRow.target_id.is_not(None)
    )
    return {-number: target for number, target in db.session.execute(rows) if target is not None}


def the_record(reference: int, made: dict[int, int]) -> int:
    """An id as it is; a planned one as the record that it became."""
    if reference < 0 and reference not in made:
        raise Conflict(MOVED_ON)
    return made.get(reference, reference)


def resolved(reference: int | None, made: dict[int, int]) -> int | None:
    return None if reference is None else the_record(reference, made)


def since(tree: Tree, node_id: int | None) -> date | None:
    """From when what stands above a node is as it is: nothing below it can hang there earlier."""
    if node_id is None:
        return None
    lines = tree.lines
    return db.session.scalar(select(func.max(lines.valid_from)).where(tree.own(lines) == node_id, lines.valid_to.is_(None)))


def parent_of(tree: Tree, node_id: int) -> int | None:
    return trees.parent_of(tree, node_id)


def parent_since(tree: Tree, node_id: int) -> date | None:
    parents = tree.parents
    return db.session.scalar(select(parents.valid_from).where(tree.own(parents) == node_id, parents.valid_to.is_(None)))


def begin_on(tree: Tree, node_id: int, day: date) -> date:
    """When it was founded: a fact of its own, which may lie before the first day that its parent is known for. Returns what was."""
    writing()
    node, lines = tree.node, tree.lines
    before: date = db.session.execute(select(node.opened_on).where(node.id == node_id)).scalar_one()
    if before != day:
        own = select(func.min(lines.id)).where(tree.own(lines) == node_id, lines.depth == 0, lines.valid_from == before)
        db.session.execute(update(node).where(node.id == node_id).values(opened_on=day))
        db.session.execute(update(lines).where(lines.id == own.scalar_subquery()).values(valid_from=day))
    return before


def untie(pairs: Collection[tuple[int, int]]) -> None:
    for place, unit in pairs:
        db.session.execute(delete(PlaceUnit).where(PlaceUnit.place_id == place, PlaceUnit.unit_id == unit, PlaceUnit.valid_to.is_(None)))


def erase(tree: Tree, node_id: int, job: Job) -> None:
    """A node that a batch made; what has come to rest on it makes the database refuse."""
    writing()
    trees.lock(tree)
    db.session.execute(delete(tree.lines).where(tree.own(tree.lines) == node_id))
    db.session.execute(delete(tree.parents).where(tree.own(tree.parents) == node_id))
    db.session.execute(delete(tree.node).where(tree.node.id == node_id))
    subject = tree.key.removesuffix("_id")
    audit.record(job.actor_id, f"{subject}.register_undo", subject, node_id, batch=job.batch_id)


def reopen(tree: Tree, node_id: int, closed_on: date, actor_id: int | None) -> None:
    """As it was before it was closed on that day. Raises Conflict when its parent has been closed since."""
    writing()
    trees.lock(tree)
    node, parents, lines = tree.node, tree.parents, tree.lines
    closed = update(node).where(node.id == node_id, node.closed_on == closed_on).values(closed_on=None).returning(node.id)
    if not db.session.execute(closed).all():
        raise Conflict(MOVED_ON)
    last = select(func.max(parents.id)).where(tree.own(parents) == node_id, parents.valid_to == closed_on)
    db.session.execute(update(parents).where(parents.id == last.scalar_subquery()).values(valid_to=None))
    parent_id = trees.parent_of(tree, node_id)
    above = [node_id, *db.session.scalars(select(lines.ancestor_id).where(tree.own(lines) == parent_id, lines.valid_to.is_(None)))]
    newest = (
        select(func.max(lines.id))
        .where(tree.own(lines) == node_id, lines.valid_to == closed_on, lines.ancestor_id.in_(above))
        .group_by(lines.ancestor_id)
    )
    db.session.execute(update(lines).where(lines.id.in_(list(db.session.scalars(newest)))).values(valid_to=None))
    if tree is UNITS:
        ended = update(PlaceUnit).where(PlaceUnit.unit_id == node_id, PlaceUnit.valid_to == closed_on)
        db.session.execute(ended.values(valid_to=None))
    subject = tree.key.removesuffix("_id")
    audit.record(actor_id, f"{subject}.reopening", subject, node_id, closed_on=closed_on.isoformat())


def rests(tree: Tree, batch_id: int) -> list[str]:
    """What has come to rest on the records that a batch made, in words; empty when nothing did."""
    made = select(RegisterRow.target_id).where(
        RegisterRow.batch_id == batch_id, RegisterRow.verdict == RowVerdict.NEW, RegisterRow.written_at.is_not(None)
    )
    said: dict[str, int] = {}
    for table, column in naming(tree.node.__table__):
        if table in (tree.lines.__table__, PlaceUnit.__table__) or (table is tree.parents.__table__ and column.name == tree.key):
            continue
        count = select(func.count(func.distinct(column))).where(column.in_(made))
        if table is tree.parents.__table__:
            count = count.where(table.c[tree.key].not_in(made), table.c.valid_to.is_(None))
        if found := db.session.scalar(count):
            words = WORDS.get(table.name, "有了后来的记录")
            said[words] = max(said.get(words, 0), found)
    return [f"{count} 个{tree.word}{words}" for words, count in said.items()]


def naming(target: Any, but: Sequence[str] = ("register_batch",)) -> list[tuple[Table, ColumnElement[Any]]]:
    """Every column of every table that names a row of `target`, also of features added later."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in but
        for column in table.columns
        if any(key.column.table is target for key in column.foreign_keys)
    ]
