"""Changing rows with a note of what they were, and changing them back by it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Table, insert, select, update

from app.core.db import UtcDateTime, db, table
from app.merges.models import Merge, MergeNote
from app.merges.policies import Fate


def carry_out(merge_id: int, fates: Iterable[Fate]) -> None:
    """Ends before moves, so that who stays never has two of what there is once.

    Of particulars that a record takes over the note says only which: notes are kept for good, and a birth date is nobody's to keep twice.
    """
    changes = sorted((one for one in fates if one.goes), key=lambda one: (one.table, "person_id" in one.after, one.key))
    for one in changes:
        target = table(one.table)
        db.session.execute(update(target).where(target.c.id == one.key).values(**one.after))
    rows = [
        {"merge_id": merge_id, "table_name": one.table, "row_key": one.key, "before": _plain(one.before), "after": _plain(_said(one))}
        for one in changes
    ]
    if rows:
        db.session.execute(insert(MergeNote), rows)


TAKEN_OVER = "of who went"
PARTICULARS = frozenset({"gender", "birth_date"})


def _said(one: Fate) -> Mapping[str, Any]:
    return {name: TAKEN_OVER if name in PARTICULARS else value for name, value in one.after.items()}


def notes(merge_id: int, *tables: str) -> list[MergeNote]:
    """In the order in which they were made."""
    found = select(MergeNote).where(MergeNote.merge_id == merge_id).order_by(MergeNote.id)
    return list(db.session.scalars(found.where(MergeNote.table_name.in_(tables)) if tables else found))


def take_back(found: Iterable[MergeNote]) -> None:
    """Each column that is still as the merge left it is again as it was; what was changed since stays. Moves before ends."""
    for note in sorted(found, key=lambda one: (one.table_name, "person_id" not in one.after, one.row_key)):
        target = table(note.table_name)
        row = db.session.execute(select(target).where(target.c.id == note.row_key)).one_or_none()
        if row is None:
            continue
        now = row._mapping
        after = {name: _left(note, target, name, value) for name, value in note.after.items()}
        back = {name: value for name, value in before(note).items() if now[name] == after[name]}
        if back:
            db.session.execute(update(target).where(target.c.id == note.row_key).values(**back))


def before(note: MergeNote) -> dict[str, Any]:
    """What stood in the columns that the merge changed."""
    return {name: _typed(table(note.table_name), name, value) for name, value in note.before.items()}


def _left(note: MergeNote, target: Table, name: str, value: Any) -> Any:
    """What the merge left in a column."""
    if value != TAKEN_OVER:
        return _typed(target, name, value)
    went = select(target.c[name]).join(Merge, Merge.goes_id == target.c.id).where(Merge.id == note.merge_id)
    return db.session.scalar(went)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON can keep it."""
    return {
        name: value.isoformat() if isinstance(value, date) else value.value if isinstance(value, Enum) else value
        for name, value in values.items()
    }


def _typed(target: Table, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kind = target.c[name].type
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind.python_type is date else value
