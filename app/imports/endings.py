"""What people hold in the branch that a batch moves them from: it ends with the move, as with a transfer, and comes back with an undo.

All of it, also what may stay: a roster can not be asked what to keep. What is shown before is read anew when it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, insert, select

from app.core.db import db
from app.core.errors import Conflict
from app.imports.models import ImportChange, ImportEnding, ImportRow, ImportUnit
from app.imports.planning import Field, Verdict
from app.people.models import Membership, Person
from app.people.queries.leaving import Change
from app.people.service.leaving import Held, Leaving, end_held, give_back, held_by, left_of

R, C, U, E = ImportRow, ImportChange, ImportUnit, ImportEnding


@dataclass(frozen=True)
class Ending:
    """One thing that ends with the move, or ended with it: 副书记／组织委员，锦园第二党支部，2026年1月1日起."""

    row: int
    name: str
    words: str


def end_with(moves: ColumnElement[bool], batch_id: int, day: date, by_id: int | None) -> None:
    """`moves`: the changes of branch that were just written, in the same transaction; as many statements for ten as for all."""
    rows, changes = _moves(moves)
    if not rows:
        return
    ending = left_of(held_by(list(rows), day), changes, day)
    if ending:
        told = [
            {"batch_id": batch_id, "row": rows[one.person_id], "person_id": one.person_id, "holding": one.holding, "held_id": one.id,
             "words": _words(one), "until": one.until}
            for one in ending
        ]  # fmt: skip
        db.session.execute(insert(E), told)
        end_held(Leaving(day, day, by_id), ending)


def give_back_of(batch_id: int, first: int, last: int, day: date, by_id: int | None) -> None:
    """The reverse, for a range of rows. Raises Conflict when something has been changed since, IntegrityError when it is taken."""
    span = and_(E.batch_id == batch_id, E.row.between(first, last))
    ended: dict[str, dict[int, date | None]] = {}
    for holding, held_id, until in db.session.execute(select(E.holding, E.held_id, E.until).where(span)):
        ended.setdefault(holding, {})[held_id] = until
    if ended:
        if not give_back(Leaving(day, day, by_id), ended):
            raise Conflict("有人原来的职责后来又改过。")
        db.session.execute(delete(E).where(span))


def endings(batch_id: int, day: date) -> list[Ending]:
    """What ended with what is written, and would end with what is not written yet, in the order of the sheet."""
    done = select(E.row, Person.name, E.words).join(Person, Person.id == E.person_id).where(E.batch_id == batch_id).order_by(E.id)
    found = [Ending(*row) for row in db.session.execute(done)]
    coming = and_(
        C.batch_id == batch_id, C.field == Field.HOME, C.target_id.is_not(None), R.verdict == Verdict.CHANGED, R.written_at.is_(None)
    )
    held = held_by(select(C.person_id).join(R, and_(R.batch_id == C.batch_id, R.row == C.row)).where(coming), day)
    if held:
        rows, changes = _moves(and_(coming, C.person_id.in_({one.person_id for one in held})))
        names: dict[int, str] = dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(rows))).all())
        found += [Ending(rows[one.person_id], names[one.person_id], _words(one)) for one in left_of(held, changes, day)]
    return sorted(found, key=lambda one: one.row)


def _moves(which: ColumnElement[bool]) -> tuple[dict[int, int], dict[int, Change]]:
    """The row of each person who leaves a branch, and from where to where. A unit that is not made yet counts as its parent."""
    query = (
        select(C.person_id, C.row, Membership.unit_id, C.batch_id, C.unit_key)
        .join(Membership, Membership.id == C.target_id)
        .join(R, and_(R.batch_id == C.batch_id, R.row == C.row))
        .where(which)
    )
    found = db.session.execute(query).all()
    units: dict[int, tuple[int | None, int | None]] = {}
    if found:
        named = select(U.key, U.unit_id, U.parent_key).where(U.batch_id == found[0].batch_id)
        units = {key: (unit_id, parent) for key, unit_id, parent in db.session.execute(named)}
    rows = {row.person_id: row.row for row in found}
    return rows, {row.person_id: (row.unit_id, _nearest(units, row.unit_key)) for row in found}


def _nearest(units: Mapping[int, tuple[int | None, int | None]], key: int | None) -> int | None:
    while key is not None:
        unit_id, key = units[key]
        if unit_id is not None:
            return unit_id
    return None


def _words(one: Held) -> str:
    return f"{one.title}，{one.words}"[:200]
