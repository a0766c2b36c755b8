"""Reading batches: what a preview shows, and how far writing is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.db import db
from app.people import queries as people
from app.people.models import Person, Unit
from app.registers.models import RegisterBatch, RegisterRow
from app.registers.rules import RegisterKind, RowVerdict
from app.registers.service import STALE, TO_WRITE, UNDO_DAYS

B, R = RegisterBatch, RegisterRow
Maker, Approver = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class Batch:
    id: int
    kind: RegisterKind
    unit_id: int | None
    unit_name: str | None
    file_name: str
    made_at: datetime
    made_by_id: int | None
    made_by: str | None
    fresh: int
    changed: int
    unchanged: int
    blank: int
    refused: int
    titles: tuple[str, ...]
    running: bool
    approved_by: str | None
    started_at: datetime | None
    applied_at: datetime | None
    undone_at: datetime | None
    cleared_at: datetime | None

    @property
    def rows(self) -> int:
        return self.fresh + self.changed + self.unchanged + self.blank + self.refused

    @property
    def writes(self) -> int:
        return self.fresh + self.changed

    @property
    def is_preview(self) -> bool:
        return self.started_at is None

    @property
    def is_half(self) -> bool:
        """Writing began and has not ended; when nobody is at it any more it wants going on or taking back."""
        return self.started_at is not None and self.applied_at is None

    @property
    def needs_approval(self) -> bool:
        """Past hours wait for a second person."""
        return self.kind is RegisterKind.HOURS and self.is_preview and self.cleared_at is None and self.writes > 0

    def undo_until(self) -> datetime | None:
        return self.applied_at + UNDO_DAYS if self.applied_at and not self.undone_at else None


def _batches() -> Select[*tuple[Any, ...]]:
    alive = and_(B.running.is_not(None), B.beat_at > clock.now() - STALE)
    return (
        select(
            B.id, B.kind, B.unit_id, Unit.name, B.file_name, B.made_at, B.made_by_id, Maker.name, B.fresh, B.changed, B.unchanged,
            B.blank, B.refused, B.titles, alive, Approver.name, B.started_at, B.applied_at, B.undone_at, B.cleared_at,
        )
        .outerjoin(Unit, Unit.id == B.unit_id)
        .outerjoin(Maker, Maker.id == B.made_by_id)
        .outerjoin(Approver, Approver.id == B.approved_by_id)
        .where(B.staged_at.is_not(None))
    )  # fmt: skip


def _batch(row: Any) -> Batch:
    values = list(row)
    values[13], values[14] = tuple(values[13]), bool(values[14])
    return Batch(*values)


def batch(batch_id: int) -> Batch:
    return _batch(db.session.execute(_batches().where(B.id == batch_id)).one())


def batch_in_scope(batch_id: int, roots: Collection[int], day: date) -> Batch | None:
    row = db.session.execute(_batches().where(B.id == batch_id, B.unit_id.in_(people.below(roots, day)))).one_or_none()
    return _batch(row) if row else None


def recent(roots: Collection[int], day: date, most: int = 30) -> list[Batch]:
    """Batches in scope, newest first; previews that were cleared are left out."""
    kept = or_(B.cleared_at.is_(None), B.applied_at.is_not(None))
    query = _batches().where(B.unit_id.in_(people.below(roots, day)), kept).order_by(B.id.desc()).limit(most)
    return [_batch(row) for row in db.session.execute(query)]


def waiting(roots: Collection[int], person_id: int, day: date) -> list[Batch]:
    """Past hours that wait for this person's yes: brought by somebody else."""
    others = or_(B.made_by_id.is_(None), B.made_by_id != person_id)
    open_ = and_(B.kind == RegisterKind.HOURS, B.started_at.is_(None), B.cleared_at.is_(None), B.fresh > 0)
    query = _batches().where(B.unit_id.in_(people.below(roots, day)), open_, others).order_by(B.id)
    return [_batch(row) for row in db.session.execute(query)]


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


def refused_rows(batch_id: int) -> list[tuple[int, list[Any], list[tuple[str, str, str]]]]:
    """For the corrected sheet: row number, its cells as sent, and what is wrong with them."""
    query = select(R.number, R.raw, R.reasons).where(R.batch_id == batch_id, R.verdict == RowVerdict.REFUSED).order_by(R.number)
    return [(number, list(raw or []), [(*r,) for r in reasons]) for number, raw, reasons in db.session.execute(query)]


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
