"""Panels and their sheets. They stay closed to everybody, whoever asks, until all who remain have given theirs; one's own are one's own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.core.db import db
from app.core.words import points_words
from app.fund.models import FundProject
from app.fund.models_road import FundCall
from app.fund.queries.stages import PanelFacts, register_panel
from app.fund.stage_rules import DEFAULT_WEIGHTS, Criterion
from app.panels.models import Panel, PanelAsideEntry, PanelScoreEntry, PanelSeat
from app.panels.rules import Sheet, complete, mean, shown, weighted
from app.people.models import Person

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
    by = frozenset(seat.person_id for seat in found.seats if seat.scored_at is not None)
    return PanelFacts(named=True, scored=found.opened, words=words, by=by)


register_panel(facts)


def usual_weights(project_id: int) -> dict[Criterion, int]:
    """What a new panel of the project weighs by: the call's weights, else the usual ones."""
    of_call = tuple(getattr(FundCall, criterion.value) for criterion in Criterion)
    row = db.session.execute(
        select(*of_call).join(FundProject, FundProject.call_id == FundCall.id).where(FundProject.id == project_id)
    ).one_or_none()
    return dict(zip(Criterion, row, strict=True)) if row else dict(DEFAULT_WEIGHTS)


def scored_words(project_id: int) -> str:
    """The panel's result for everybody: no names, no single scores."""
    return facts(project_id).words
