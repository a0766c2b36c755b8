"""Spot checks, what each drew, what was said about it, and whose turn it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import FundMovementEntry, FundProject, FundRequest, FundStepEntry
from app.fund.rules import MovementKind
from app.people.models import Person
from app.people.queries import being
from app.spotchecks.models import SpotCheck, SpotCheckNoteEntry, SpotCheckPickEntry
from app.spotchecks.rules import Finding, NoteStep, Said, Turn, outcome, turn

Pick, Note = SpotCheckPickEntry, SpotCheckNoteEntry


@dataclass(frozen=True)
class CheckRow:
    """`looked` of `size` entries have a finding, by the auditor's last word of each; `open` wait for somebody."""

    id: int
    number: str
    first_on: date
    last_on: date
    size: int
    seed: str
    source: str
    last_voucher: int
    population: int
    digest: str
    announced_at: datetime
    announced_by: str
    drawn_at: datetime | None
    findings: dict[Finding, int]
    open: int

    @property
    def looked(self) -> int:
        return sum(self.findings.values())


def checks(where: ColumnElement[bool] | None = None) -> list[CheckRow]:
    """The newest first; three queries."""
    told: dict[int, list[tuple[Finding | None, Turn]]] = {}
    for check_id, said in _said_of(where).values():
        told.setdefault(check_id, []).append((outcome(said), turn(said)))
    statement = (
        select(
            SpotCheck.id,
            SpotCheck.number,
            SpotCheck.first_on,
            SpotCheck.last_on,
            SpotCheck.size,
            SpotCheck.seed,
            SpotCheck.source,
            SpotCheck.last_voucher,
            SpotCheck.population,
            SpotCheck.digest,
            SpotCheck.announced_at,
            Person.name,
            SpotCheck.drawn_at,
        )
        .join(Person, Person.id == SpotCheck.announced_by_id)
        .order_by(SpotCheck.id.desc())
    )
    return [_row(row, told.get(row[0], [])) for row in db.session.execute(statement if where is None else statement.where(where))]


def _row(row: Any, told: list[tuple[Finding | None, Turn]]) -> CheckRow:
    findings = {finding: sum(found is finding for found, _ in told) for finding in Finding}
    return CheckRow(*[*row, findings, sum(whose is not Turn.NOBODY for _, whose in told)])


def _said_of(where: ColumnElement[bool] | None) -> dict[int, tuple[int, list[Said]]]:
    """Pick → its check, and what was said about it; one query."""
    statement = (
        select(Pick.id, Pick.check_id, Note.step, Note.finding, being(Note.by_id))
        .join(SpotCheck, SpotCheck.id == Pick.check_id)
        .outerjoin(Note, Note.pick_id == Pick.id)
        .order_by(Pick.id, Note.seq)
    )
    found: dict[int, tuple[int, list[Said]]] = {}
    for pick_id, check_id, step, finding, by_id in db.session.execute(statement if where is None else statement.where(where)):
        said = found.setdefault(pick_id, (check_id, []))[1]
        if step is not None:
            said.append(Said(step, finding, by_id))
    return found


def check(check_id: int) -> CheckRow | None:
    return next(iter(checks(SpotCheck.id == check_id)), None)


@dataclass(frozen=True)
class NoteRow:
    """`by_id` is who they are now."""

    step: NoteStep
    finding: Finding | None
    words: str
    at: datetime
    by_id: int
    by: str


@dataclass(frozen=True)
class PickRow:
    """One drawn entry. `notes` are for the fund's people; everybody sees `outcome`."""

    id: int
    check_id: int
    check_number: str
    place: int
    fingerprint: str
    voucher_no: int
    booked_on: date
    kind: MovementKind
    fen: int
    memo: str
    reverses: bool
    request_id: int
    project: str | None
    past: bool
    notes: tuple[NoteRow, ...]

    @property
    def said(self) -> list[Said]:
        return [Said(note.step, note.finding, note.by_id) for note in self.notes]

    @property
    def outcome(self) -> Finding | None:
        return outcome(self.said)

    @property
    def turn(self) -> Turn:
        return turn(self.said)

    @property
    def since(self) -> datetime:
        return self.notes[-1].at


def picks(where: ColumnElement[bool]) -> list[PickRow]:
    """By the order of drawing; two queries."""
    rows = db.session.execute(
        select(
            Pick.id,
            Pick.check_id,
            SpotCheck.number,
            Pick.place,
            Pick.fingerprint,
            FundMovementEntry.voucher_no,
            FundMovementEntry.booked_on,
            FundMovementEntry.kind,
            FundMovementEntry.fen,
            FundMovementEntry.memo,
            FundMovementEntry.reverses_id.is_not(None),
            FundMovementEntry.request_id,
            FundProject.name,
            and_(FundProject.past_batch_id.is_not(None), FundProject.id.is_not(None)),
        )
        .join(SpotCheck, SpotCheck.id == Pick.check_id)
        .join(FundMovementEntry, FundMovementEntry.id == Pick.movement_id)
        .join(FundRequest, FundRequest.id == FundMovementEntry.request_id)
        .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
        .where(where)
        .order_by(Pick.check_id.desc(), Pick.place)
    ).all()
    notes = _notes([row[0] for row in rows])
    return [PickRow(*[*row, tuple(notes.get(row[0], ()))]) for row in rows]


def _notes(pick_ids: Collection[int]) -> dict[int, list[NoteRow]]:
    found: dict[int, list[NoteRow]] = {}
    if pick_ids:
        rows = (
            select(Note.pick_id, Note.step, Note.finding, Note.words, Note.at, func.coalesce(Person.became_id, Person.id), Person.name)
            .join(Person, Person.id == Note.by_id)
            .where(Note.pick_id.in_(pick_ids))
            .order_by(Note.pick_id, Note.seq)
        )
        for row in db.session.execute(rows):
            found.setdefault(row[0], []).append(NoteRow(*row[1:]))
    return found


def of_check(check_id: int) -> list[PickRow]:
    return picks(Pick.check_id == check_id)


def of_request(request_id: int) -> list[PickRow]:
    return picks(FundMovementEntry.request_id == request_id)


def pick(pick_id: int) -> PickRow | None:
    return next(iter(picks(Pick.id == pick_id)), None)


def handled_by(request_id: int) -> set[int]:
    """Who took a step of what is behind an entry, or had it taken for them; as who they are now."""
    step = FundStepEntry
    rows = db.session.execute(select(being(step.by_id), being(step.for_id)).where(step.request_id == request_id))
    return {person for row in rows for person in row if person is not None}


def _last(pick_id: Any) -> Any:
    note = aliased(Note)
    return select(func.max(note.seq)).where(note.pick_id == pick_id).correlate(Pick).scalar_subquery()


def for_auditor(person_id: int) -> ColumnElement[bool]:
    """Picks that wait for an auditor's word, those that this one handled excepted; `rules.turn` as a condition."""
    note, step = aliased(Note), aliased(FundStepEntry)
    found = exists().where(
        note.pick_id == Pick.id, note.seq == _last(Pick.id), or_(note.step == NoteStep.FOUND, being(note.by_id) == person_id)
    )
    hands = or_(being(step.by_id) == person_id, being(step.for_id) == person_id)
    handled = exists().where(FundMovementEntry.id == Pick.movement_id, step.request_id == FundMovementEntry.request_id, hands)
    return and_(~found, ~handled)


def for_officer(person_id: int) -> ColumnElement[bool]:
    """Picks that wait for an answer that this officer may give; `rules.turn` as a condition."""
    note, earlier = aliased(Note), aliased(Note)
    answered = exists().where(earlier.pick_id == Pick.id, earlier.step == NoteStep.ANSWERED)
    asked = or_(note.finding == Finding.QUESTION, and_(note.finding == Finding.FAULT, ~answered))
    return exists().where(note.pick_id == Pick.id, note.seq == _last(Pick.id), asked, being(note.by_id) != person_id)


def to_answer(person_id: int) -> Select[int]:
    return select(func.count()).select_from(Pick).where(for_officer(person_id))


def to_look_at(person_id: int) -> ColumnElement[bool]:
    """Checks in which something waits for an auditor: the drawing, or a word about an entry."""
    waiting = select(Pick.check_id).where(for_auditor(person_id)).correlate(None)
    return or_(SpotCheck.drawn_at.is_(None), SpotCheck.id.in_(waiting))


def checks_to_look_at(person_id: int) -> Select[int]:
    return select(func.count()).select_from(SpotCheck).where(to_look_at(person_id))


@dataclass(frozen=True)
class Summary:
    """All checks together, as everybody is told."""

    checks: int
    size: int
    findings: dict[Finding, int]

    @property
    def looked(self) -> int:
        return sum(self.findings.values())


def summary(rows: Collection[CheckRow]) -> Summary:
    drawn = [row for row in rows if row.drawn_at]
    return Summary(len(drawn), sum(row.size for row in drawn), {one: sum(row.findings[one] for row in drawn) for one in Finding})
