"""Reading panels. Scores stay closed to everybody, whoever asks, until all who remain have given theirs; one's own are one's own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.core.words import points_words
from app.fund.models import FundBudgetLine, FundProject, FundStageEntry
from app.fund.models_road import FundCall
from app.fund.queries.requests import own_units
from app.fund.queries.stages import PanelFacts, register_panel
from app.fund.rules import ProjectKind, Stage
from app.fund.stage_rules import DEFAULT_WEIGHTS, SCORED_KINDS, Criterion
from app.panels.models import Panel, PanelAsideEntry, PanelScoreEntry, PanelSeat
from app.panels.rules import Sheet, complete, mean, places, shown, weighted
from app.people.models import Person, Unit
from app.people.queries import below

SCORES = tuple(getattr(PanelScoreEntry, criterion.value) for criterion in Criterion)
WEIGHTS = tuple(getattr(Panel, criterion.value) for criterion in Criterion)


@dataclass(frozen=True)
class SeatRow:
    """A reviewer. `sheet` is there once the scores are open, and before that for the reviewer who asks."""

    person_id: int
    name: str
    named_at: datetime
    aside: str  # why they stepped aside; "" where they did not
    scored_at: datetime | None
    sheet: Sheet | None = None
    result: int | None = None  # hundredths

    @property
    def remains(self) -> bool:
        return not self.aside


@dataclass(frozen=True)
class PanelRow:
    """`result` (exact, in hundredths) and the sheets only when `opened`."""

    project_id: int
    weights: dict[Criterion, int]
    named_at: datetime
    seats: tuple[SeatRow, ...]
    opened: bool
    result: Fraction | None

    @property
    def remaining(self) -> int:
        return sum(seat.remains for seat in self.seats)

    @property
    def scored(self) -> int:
        return sum(seat.remains and seat.scored_at is not None for seat in self.seats)

    @property
    def shown(self) -> int | None:
        """The result in whole hundredths."""
        return None if self.result is None else shown(self.result)

    def seat_of(self, person_id: int) -> SeatRow | None:
        return next((seat for seat in self.seats if seat.person_id == person_id), None)


def panel(project_id: int, reader_id: int | None = None) -> PanelRow | None:
    """Three queries at most. `reader_id` sees their own sheet before the scores are open, nobody else's."""
    return panels([project_id], reader_id).get(project_id)


def panels(project_ids: Collection[int], reader_id: int | None = None) -> dict[int, PanelRow]:
    """project → panel, for those that have one. The sheets are read only where they may be seen."""
    heads = db.session.execute(select(Panel.project_id, Panel.named_at, *WEIGHTS).where(Panel.project_id.in_(project_ids))).all()
    if not heads:
        return {}
    seats: dict[int, list[Any]] = {}
    for row in _seats([head.project_id for head in heads]):
        seats.setdefault(row.project_id, []).append(row)
    opened = {project_id for project_id, rows in seats.items() if _all_in(rows)}
    sheets = _sheets(opened, [head.project_id for head in heads], reader_id)
    return {head.project_id: _panel(head, seats.get(head.project_id, []), head.project_id in opened, sheets) for head in heads}


def _seats(project_ids: Collection[int]) -> list[Any]:
    same = PanelSeat.project_id, PanelSeat.person_id
    return list(
        db.session.execute(
            select(
                PanelSeat.project_id,
                PanelSeat.person_id,
                Person.name,
                PanelSeat.named_at,
                func.coalesce(PanelAsideEntry.reason, "").label("aside"),
                PanelScoreEntry.at.label("scored_at"),
            )
            .join(Person, Person.id == PanelSeat.person_id)
            .outerjoin(PanelAsideEntry, and_(PanelAsideEntry.project_id == same[0], PanelAsideEntry.person_id == same[1]))
            .outerjoin(PanelScoreEntry, and_(PanelScoreEntry.project_id == same[0], PanelScoreEntry.person_id == same[1]))
            .where(PanelSeat.project_id.in_(project_ids))
            .order_by(PanelSeat.project_id, PanelSeat.named_at, PanelSeat.person_id)
        )
    )


def _all_in(rows: Collection[Any]) -> bool:
    remaining = [row for row in rows if not row.aside]
    return complete(len(remaining), sum(row.scored_at is not None for row in remaining))


def _sheets(opened: Collection[int], project_ids: Collection[int], reader_id: int | None) -> dict[tuple[int, int], Sheet]:
    """(project, person) → sheet: of panels that are open all, else the reader's own alone."""
    mine = and_(PanelScoreEntry.project_id.in_(project_ids), PanelScoreEntry.person_id == reader_id)
    seen = PanelScoreEntry.project_id.in_(opened) if reader_id is None else or_(PanelScoreEntry.project_id.in_(opened), mine)
    found = db.session.execute(select(PanelScoreEntry.project_id, PanelScoreEntry.person_id, PanelScoreEntry.words, *SCORES).where(seen))
    return {(row[0], row[1]): Sheet(dict(zip(Criterion, row[3:], strict=True)), row[2]) for row in found}


def _panel(head: Any, rows: Collection[Any], opened: bool, sheets: dict[tuple[int, int], Sheet]) -> PanelRow:
    weights = dict(zip(Criterion, head[2:], strict=True))

    def seat(row: Any) -> SeatRow:
        sheet = sheets.get((head.project_id, row.person_id))
        result = weighted(sheet.scores, weights) if sheet else None
        return SeatRow(row.person_id, row.name, row.named_at, row.aside, row.scored_at, sheet, result)

    seats = tuple(seat(row) for row in rows)
    results = [one.result for one in seats if one.remains and one.result is not None] if opened else []
    return PanelRow(head.project_id, weights, head.named_at, seats, opened, mean(results) if results else None)


def facts(project_id: int) -> PanelFacts:
    """For the fund: whether there is a panel, whether all scores are in, and its result in words."""
    found = panel(project_id)
    if found is None:
        return PanelFacts()
    words = f"{found.remaining} 位评审人评分，加权平均 {points_words(found.shown)} 分。" if found.opened and found.shown is not None else ""
    return PanelFacts(named=True, scored=found.opened, words=words)


register_panel(facts)


def usual_weights(project_id: int) -> dict[Criterion, int]:
    """What a new panel of the project weighs by: the call's weights, else the usual ones."""
    of_call = tuple(getattr(FundCall, criterion.value) for criterion in Criterion)
    row = db.session.execute(
        select(*of_call).join(FundProject, FundProject.call_id == FundCall.id).where(FundProject.id == project_id)
    ).one_or_none()
    return dict(zip(Criterion, row, strict=True)) if row else dict(DEFAULT_WEIGHTS)


@dataclass(frozen=True)
class Ranked:
    """A project with its panel's result; `place` among those that are open, None before."""

    id: int
    number: str
    name: str
    unit_name: str
    kind: ProjectKind
    stage: Stage
    budget: int
    panel: PanelRow | None
    place: int | None


def ranking(call_id: int | None, roots: Collection[int], day: date, reader_id: int | None = None) -> list[Ranked]:
    """The projects of a call (None: those that answer none, as long as they are in review) from the first check on; the best first."""
    budget = select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == FundProject.id).correlate(FundProject)
    was_checked = exists().where(FundStageEntry.project_id == FundProject.id, FundStageEntry.stage == Stage.CHECKED)
    of_call = FundProject.call_id == call_id if call_id is not None else FundProject.call_id.is_(None)
    still = FundProject.stage.in_((Stage.CHECKED, Stage.SCORED, Stage.PUBLICISED)) if call_id is None else was_checked
    row_of = select(
        FundProject.id,
        FundProject.number,
        FundProject.name,
        Unit.name,
        FundProject.kind,
        FundProject.stage,
        func.coalesce(budget.scalar_subquery(), 0),
    )
    rows: Any = db.session.execute(
        row_of.join(Unit, Unit.id == FundProject.unit_id)
        .where(of_call, still, FundProject.kind.in_(SCORED_KINDS), FundProject.unit_id.in_(below(roots, day)))
        .order_by(FundProject.id)
    ).all()
    known = panels([row[0] for row in rows], reader_id)
    placed = places({project_id: found.result for project_id, found in known.items() if found.result is not None})
    ranked = [Ranked(*tuple(row), known.get(row[0]), placed.get(row[0])) for row in rows]
    return sorted(ranked, key=lambda one: (one.place is None, one.place or 0, one.id))


def to_score(person_id: int, day: date) -> ColumnElement[bool]:
    """Projects that wait for this reviewer's scores; those of their own unit wait for nothing."""
    seat, aside, score = aliased(PanelSeat), aliased(PanelAsideEntry), aliased(PanelScoreEntry)

    def mine(table: Any) -> ColumnElement[bool]:
        return exists().where(table.project_id == FundProject.id, table.person_id == person_id)

    own = own_units(person_id, day)
    return and_(FundProject.stage == Stage.CHECKED, FundProject.unit_id.not_in(own), mine(seat), ~mine(aside), ~mine(score))


def sits_anywhere(person_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(PanelSeat.person_id == person_id))))


def own_seats(person_id: int, limit: int = 50) -> list[tuple[int, str, Stage, bool, bool]]:
    """The projects one was asked to review, the newest first: id, name, stage, whether one scored, whether one stepped aside."""
    aside = exists().where(PanelAsideEntry.project_id == PanelSeat.project_id, PanelAsideEntry.person_id == PanelSeat.person_id)
    score = exists().where(PanelScoreEntry.project_id == PanelSeat.project_id, PanelScoreEntry.person_id == PanelSeat.person_id)
    rows = db.session.execute(
        select(FundProject.id, FundProject.name, FundProject.stage, score, aside)
        .join(PanelSeat, PanelSeat.project_id == FundProject.id)
        .where(PanelSeat.person_id == person_id)
        .order_by(PanelSeat.named_at.desc(), FundProject.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], bool(row[3]), bool(row[4])) for row in rows]


def for_officers(actor: Actor, day: date) -> ColumnElement[bool]:
    """Projects in review with which something is to be done: no panel yet, or all scores in. As `deciding.waiting_projects` narrows it."""
    roots = actor.roots(Action.FUND_MANAGE) | actor.roots(Action.FUND_APPROVE)
    me = actor.person_id
    sent = aliased(FundStageEntry)
    seat, aside, score = aliased(PanelSeat), aliased(PanelAsideEntry), aliased(PanelScoreEntry)
    gone = exists().where(aside.project_id == seat.project_id, aside.person_id == seat.person_id)
    given = exists().where(score.project_id == seat.project_id, score.person_id == seat.person_id)
    remaining = select(func.count()).select_from(seat).where(seat.project_id == FundProject.id, ~gone)
    waited_for = exists().where(seat.project_id == FundProject.id, ~gone, ~given)
    sitting = remaining.correlate(FundProject).scalar_subquery()
    return and_(
        FundProject.stage == Stage.CHECKED,
        FundProject.kind.in_(SCORED_KINDS),
        FundProject.unit_id.in_(below(roots, day)),
        FundProject.unit_id.not_in(own_units(me, day)),
        FundProject.created_by_id != me,
        func.coalesce(FundProject.applicant_id, 0) != me,
        ~exists().where(sent.project_id == FundProject.id, sent.stage == Stage.APPLIED, sent.by_id == me),
        or_(sitting < 3, ~waited_for),
    )
