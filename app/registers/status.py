"""Reading batches: what a preview shows, and how far writing is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.core.permissions import Action
from app.people import queries as people
from app.people.models import Person, Unit
from app.registers.models import RegisterBatch, RegisterRow
from app.registers.rules import RIGHTS, TWO_PEOPLE, RegisterKind, RowVerdict
from app.registers.service import TO_WRITE
from app.sheets import batches
from app.sheets.batches import Batches

B, R = RegisterBatch, RegisterRow
Maker, Approver, Asker = aliased(Person), aliased(Person), aliased(Person)


@dataclass(frozen=True, kw_only=True)
class Batch(batches.Batch):
    """`made_by_id` and `undo_asked_by_id` are who they are now."""

    kind: RegisterKind
    made_by_id: int | None
    approved_by: str | None
    undo_asked_by: str | None
    undo_asked_by_id: int | None

    @property
    def writes(self) -> int:
        return self.fresh + self.changed

    @property
    def needs_approval(self) -> bool:
        """What two people have to bring waits for the second."""
        return self.kind in TWO_PEOPLE and self.is_preview and self.cleared_at is None and self.writes > 0


def _now(one: type[Person]) -> ColumnElement[int | None]:
    return func.coalesce(one.became_id, one.id)


def _batches() -> Select[*tuple[Any, ...]]:
    names = (
        Unit.name.label("unit_name"),
        Maker.name.label("made_by"),
        Approver.name.label("approved_by"),
        Asker.name.label("undo_asked_by"),
    )
    return (
        select(*batches.columns(B), *names, B.kind, _now(Maker).label("made_by_id"), _now(Asker).label("undo_asked_by_id"))
        .outerjoin(Unit, Unit.id == B.unit_id)
        .outerjoin(Maker, Maker.id == B.made_by_id)
        .outerjoin(Approver, Approver.id == B.approved_by_id)
        .outerjoin(Asker, Asker.id == B.undo_asked_by_id)
    )


BATCHES = Batches(RegisterBatch, Batch, _batches)
batch = BATCHES.one


Roots = Callable[[Action], frozenset[int]]


def _seen(roots: Roots, day: date) -> ColumnElement[bool]:
    """Each kind within the units that its own right is granted for."""
    groups: dict[Action, list[RegisterKind]] = {}
    for kind in RegisterKind:
        groups.setdefault(RIGHTS[kind].read, []).append(kind)
    return or_(*(B.kind.in_(kinds) & B.unit_id.in_(people.below(roots(action), day)) for action, kinds in groups.items()))


def batch_in_scope(batch_id: int, roots: Roots, day: date) -> Batch | None:
    """Found where its kind may be read."""
    return next(iter(BATCHES.found(B.id == batch_id, _seen(roots, day))), None)


def recent(roots: Roots, day: date) -> list[Batch]:
    """Batches in scope, newest first; previews that were cleared are left out."""
    kept = or_(B.cleared_at.is_(None), B.applied_at.is_not(None))
    return BATCHES.found(_seen(roots, day), kept, most=30)


def _waits(roots: Roots, person_id: int, day: date) -> ColumnElement[bool] | None:
    """What two people have to bring or take back, where this person may be the second; None where they may be of nothing."""
    brought = and_(
        B.started_at.is_(None), B.cleared_at.is_(None), B.fresh > 0, or_(B.made_by_id.is_(None), people.being(B.made_by_id) != person_id)
    )
    to_go = and_(B.undone_at.is_(None), people.being(B.undo_asked_by_id) != person_id)
    mine = [(kind, roots(RIGHTS[kind].approve)) for kind in sorted(TWO_PEOPLE)]
    there = [and_(B.kind == kind, B.unit_id.in_(people.below(units, day))) for kind, units in mine if units]
    return and_(B.staged_at.is_not(None), or_(*there), or_(brought, to_go)) if there else None


def waiting(roots: Roots, person_id: int, day: date) -> list[Batch]:
    """The oldest first."""
    waits = _waits(roots, person_id, day)
    return BATCHES.found(waits)[::-1] if waits is not None else []


def waiting_count(roots: Roots, person_id: int, day: date) -> Select[int] | None:
    waits = _waits(roots, person_id, day)
    return select(func.count()).select_from(B).where(waits) if waits is not None else None


@dataclass(frozen=True)
class RowView:
    """`changes` are (column, before, after), `reasons` (column, as sent, why not)."""

    number: int
    verdict: RowVerdict
    subject: str
    changes: list[tuple[str, str, str]]
    reasons: list[tuple[str, str, str]]


def rows(batch_id: int, verdict: RowVerdict, *, after: int = 0, most: int = 100) -> list[RowView]:
    """Rows of one verdict in the order of the sheet."""
    query = select(R.number, R.verdict, R.subject, R.changes, R.reasons).where(R.batch_id == batch_id, R.verdict == verdict)
    found = db.session.execute(query.order_by(R.number).offset(after).limit(most))
    return [
        RowView(number, kind, subject, [(*c,) for c in changes], [(*r,) for r in reasons])
        for number, kind, subject, changes, reasons in found
    ]


def refused_rows(batch_id: int) -> list[tuple[int, list[Any], list[tuple[str, str]]]]:
    """For the corrected sheet: row number, its cells as sent, and (column, reason) of every fault."""
    query = select(R.number, R.raw, R.reasons).where(R.batch_id == batch_id, R.verdict == RowVerdict.REFUSED).order_by(R.number)
    found = db.session.execute(query)
    return [(number, list(raw or []), [(column, reason) for column, _, reason in reasons]) for number, raw, reasons in found]


@dataclass(frozen=True)
class Progress:
    done: int
    whole: int


def progress(batch_id: int) -> Progress:
    counted = select(func.count(R.written_at), func.count()).where(R.batch_id == batch_id, R.verdict.in_(TO_WRITE))
    done, whole = db.session.execute(counted).one()
    return Progress(done, whole)


def to_write(batch_id: int) -> list[int]:
    """Places of rows not written yet, in the order of writing."""
    query = select(R.place).where(R.batch_id == batch_id, R.verdict.in_(TO_WRITE), R.written_at.is_(None))
    return list(db.session.scalars(query.order_by(R.place)))


def written(batch_id: int) -> list[int]:
    query = select(R.place).where(R.batch_id == batch_id, R.written_at.is_not(None))
    return list(db.session.scalars(query.order_by(R.place)))
