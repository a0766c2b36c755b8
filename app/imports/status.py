"""Reading batches: what a preview shows, and how far writing is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true

from app.core.db import db
from app.imports.models import ImportBatch, ImportChange, ImportRemark, ImportRow, ImportUnit
from app.imports.planning import FIELD_NAMES, Ask, Field, Verdict
from app.imports.rules import MEANING, Column, heading_word
from app.people import queries as people
from app.people.models import Membership, Person, Unit
from app.people.rules import MembershipKind, UnitKind
from app.sheets import batches
from app.sheets.batches import Batches

TO_WRITE = (Verdict.NEW, Verdict.CHANGED)
WAITING = and_(
    ImportRow.verdict == Verdict.REFUSED,
    ImportRow.asks.is_(None),
    or_(ImportRow.home_key.is_not(None), ImportRow.reported_key.is_not(None)),
)
"""Rows whose new unit nobody wanted: they could be written, and are not. What is refused for itself has no unit."""


@dataclass(frozen=True, kw_only=True)
class Batch(batches.Batch):
    warned: int
    date_moves: int
    move_dates: bool
    cards: int
    questions: int
    shares: int
    waiting: int
    take_cards: bool
    unknown: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return super().rows + self.waiting

    @property
    def columns(self) -> set[Column]:
        """What the sheet's headings mean everywhere."""
        return {MEANING[word] for title in self.titles if (word := heading_word(title)) in MEANING}


def _batches() -> Select[*tuple[Any, ...]]:
    b = ImportBatch
    own = (b.warned, b.date_moves, b.move_dates, b.cards, b.questions, b.shares, b.waiting, b.take_cards, b.unknown, b.notes)
    return (
        select(*batches.columns(b), Unit.name.label("unit_name"), Person.name.label("made_by"), *own)
        .outerjoin(Unit, Unit.id == b.unit_id)
        .outerjoin(Person, Person.id == b.made_by_id)
    )


BATCHES = Batches(ImportBatch, Batch, _batches)
batch = BATCHES.one


def batch_in_scope(batch_id: int, roots: Collection[int], day: date) -> Batch | None:
    return BATCHES.in_scope(batch_id, people.below(roots, day))


def recent(roots: Collection[int], day: date) -> list[Batch]:
    """Batches in scope, newest first; previews that were cleared are left out."""
    return BATCHES.recent(people.below(roots, day))


def stopped(roots: Collection[int], day: date) -> list[Batch]:
    """Whose writer died: to be gone on with or taken back."""
    return BATCHES.stopped(people.below(roots, day))


def stopped_count(roots: Collection[int], day: date) -> Select[int]:
    """For the work list to ask."""
    dead = batches.died(ImportBatch), ImportBatch.unit_id.in_(people.below(roots, day))
    return select(func.count()).where(ImportBatch.running == 1, *dead)


@dataclass(frozen=True)
class Progress:
    """Rows written of those to write, by verdict."""

    fresh: int
    fresh_of: int
    changed: int
    changed_of: int

    @property
    def done(self) -> int:
        return self.fresh + self.changed

    @property
    def whole(self) -> int:
        return self.fresh_of + self.changed_of


def progress(batch_id: int) -> Progress:
    counted = (
        select(ImportRow.verdict, func.count(), func.count(ImportRow.written_at))
        .where(ImportRow.batch_id == batch_id, ImportRow.verdict.in_(TO_WRITE))
        .group_by(ImportRow.verdict)
    )
    found = {verdict: (done, whole) for verdict, whole, done in db.session.execute(counted)}
    fresh, changed = found.get(Verdict.NEW, (0, 0)), found.get(Verdict.CHANGED, (0, 0))
    return Progress(fresh[0], fresh[1], changed[0], changed[1])


@dataclass(frozen=True)
class RemarkRow:
    row: int
    name: str
    column: str
    value: str
    reason: str


def remarks(batch_id: int, *, refuses: bool, after: int = 0, most: int = 100) -> list[RemarkRow]:
    """Faults or warnings in the order of the sheet, beginning after a remark's place in that order."""
    r = ImportRemark
    query = select(r.row, r.name, r.column, r.value, r.reason).where(r.batch_id == batch_id, r.refuses.is_(refuses))
    return [RemarkRow(*row) for row in db.session.execute(query.order_by(r.row, r.id).offset(after).limit(most))]


def warning_groups(batch_id: int) -> list[tuple[str, int, str]]:
    """Warnings by column, with their rows counted and one of the reasons, the commonest first."""
    r, rows = ImportRemark, func.count(func.distinct(ImportRemark.row))
    query = select(r.column, rows, func.min(r.reason)).where(r.batch_id == batch_id, r.refuses.is_(False))
    return list(db.session.execute(query.group_by(r.column).order_by(rows.desc(), r.column)))


def refused_rows(batch_id: int) -> list[tuple[int, list[Any], list[tuple[str, str]]]]:
    """For the correction sheet: row number, its cells as sent, and (column, reason) of every fault."""
    r = ImportRemark
    rows: dict[int, tuple[list[Any], list[tuple[str, str]]]] = {}
    query = select(r.row, r.raw, r.column, r.reason).where(r.batch_id == batch_id, r.refuses).order_by(r.row, r.id)
    for row, raw, column, reason in db.session.execute(query):
        cells, faults = rows.setdefault(row, ([], []))
        cells.extend(raw or [])
        faults.append((column, reason))
    return [(row, cells, faults) for row, (cells, faults) in rows.items()]


def change_groups(batch_id: int) -> list[tuple[str, int]]:
    """What changes, by field."""
    decided = and_(ImportRow.batch_id == ImportChange.batch_id, ImportRow.row == ImportChange.row, ImportRow.verdict == Verdict.CHANGED)
    people = func.count(func.distinct(ImportChange.row))
    query = (
        select(ImportChange.field, people).join(ImportRow, decided).where(ImportChange.batch_id == batch_id).group_by(ImportChange.field)
    )
    found = dict(db.session.execute(query).all())
    return [(FIELD_NAMES[which], found[which]) for which in Field if which in found and which is not Field.STAGE_DATE]


@dataclass(frozen=True)
class NewUnit:
    """`needed`: also without who has no phone and without what is still asked. `likes`: a neighbour that may be meant. `made`: there."""

    key: int
    name: str
    kind: UnitKind
    parent: str | None
    people: int
    cards: int  # people without a phone, taken in only where somebody says so
    needed: bool
    likes: str
    made: bool


def new_units(batch_id: int) -> list[NewUnit]:
    """Units that the batch creates or would create, also those that nobody wanted and for which rows wait; parents first."""
    written = db.session.scalar(select(ImportBatch.applied_at).where(ImportBatch.id == batch_id)) is not None
    above = ImportUnit.__table__.alias("above")
    cards = (
        select(func.count())
        .where(ImportRow.batch_id == ImportUnit.batch_id, ImportRow.home_key == ImportUnit.key, ImportRow.asks == Ask.CARD)
        .scalar_subquery()
    )
    u = ImportUnit
    query = (
        select(u.key, u.name, u.kind, above.c.name, u.people, cards, u.likes, u.unit_id)
        .outerjoin(above, and_(above.c.batch_id == u.batch_id, above.c.key == u.parent_key))
        .where(u.batch_id == batch_id, u.is_new)
        .order_by(u.key)
    )
    needed, named = _needed(batch_id, ImportRow.verdict.in_(TO_WRITE)), _needed(batch_id, WAITING if written else true())
    return [
        NewUnit(key, name, kind, parent, people, few, key in needed, likes, unit_id is not None)
        for key, name, kind, parent, people, few, likes, unit_id in db.session.execute(query)
        if unit_id is not None or key in named
    ]


def _needed(batch_id: int, which: ColumnElement[bool]) -> set[int]:
    """The units of these rows, with all above them."""
    units = select(ImportUnit.key, ImportUnit.parent_key).where(ImportUnit.batch_id == batch_id)
    above: dict[int, int | None] = dict(db.session.execute(units).all())
    rows = select(ImportRow.home_key, ImportRow.reported_key).where(ImportRow.batch_id == batch_id, which)
    needed: set[int] = set()
    for keys in db.session.execute(rows.distinct()):
        for key in keys:
            step: int | None = key
            while step is not None and step not in needed:
                needed.add(step)
                step = above[step]
    return needed


def new_unit_keys(batch_id: int) -> list[int]:
    """What the rows to write need and does not exist yet, parents first."""
    there = select(ImportUnit.key).where(ImportUnit.batch_id == batch_id, ImportUnit.unit_id.is_not(None))
    return sorted(_needed(batch_id, ImportRow.verdict.in_(TO_WRITE)) - set(db.session.scalars(there)))


def ready(batch_id: int) -> int:
    """Rows that can be written without any unit that does not exist yet."""
    new = select(ImportUnit.key).where(ImportUnit.batch_id == batch_id, ImportUnit.unit_id.is_(None))
    free = (or_(key.is_(None), key.not_in(new)) for key in (ImportRow.home_key, ImportRow.reported_key))
    rows = and_(ImportRow.verdict.in_(TO_WRITE), *free)
    return db.session.scalar(select(func.count()).where(ImportRow.batch_id == batch_id, rows)) or 0


def rows_to_write(batch_id: int) -> list[int]:
    rows = select(ImportRow.row).where(ImportRow.batch_id == batch_id, ImportRow.verdict.in_(TO_WRITE), ImportRow.written_at.is_(None))
    return list(db.session.execute(rows.order_by(ImportRow.row)).scalars())


def rows_written(batch_id: int) -> list[int]:
    rows = select(ImportRow.row).where(ImportRow.batch_id == batch_id, ImportRow.written_at.is_not(None))
    return list(db.session.execute(rows.order_by(ImportRow.row)).scalars())


@dataclass(frozen=True)
class Missing:
    """`refused`: the file does have the name, in a row that was not taken in."""

    name: str
    branch: str
    refused: bool


def _missing(batch_id: int) -> Select[*tuple[Any, ...]]:
    """Home members of the branches that the file names who stand in none of its rows, or only in a refused one."""
    named = select(ImportUnit.unit_id).join(
        ImportRow, and_(ImportRow.batch_id == ImportUnit.batch_id, ImportRow.home_key == ImportUnit.key)
    )
    named = named.where(ImportUnit.batch_id == batch_id, ImportUnit.unit_id.is_not(None))
    there = exists().where(ImportRow.batch_id == batch_id, ImportRow.person_id == Membership.person_id)
    refused = select(ImportRow.name).where(
        ImportRow.batch_id == batch_id, ImportRow.verdict == Verdict.REFUSED, ImportRow.person_id.is_(None)
    )
    return (
        select(Person.name, Unit.name, Person.name.in_(refused).label("refused"))
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.unit_id.in_(named), Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None), ~there)
    )


def missing(batch_id: int) -> list[Missing]:
    """People of the file's branches whom it does not have; nobody is ever removed for it."""
    rows = db.session.execute(_missing(batch_id).order_by(Unit.id, Person.initials, Person.id))
    return [Missing(name, branch, bool(refused)) for name, branch, refused in rows]


def missing_count(batch_id: int) -> tuple[int, int]:
    """Whom the file does not have at all, and who stands there only in a refused row."""
    found = _missing(batch_id).subquery()
    counted: dict[bool, int] = dict(db.session.execute(select(found.c.refused, func.count()).group_by(found.c.refused)).all())
    return counted.get(False, 0), counted.get(True, 0)
