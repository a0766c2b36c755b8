"""Reading boards as they were frozen: places from what was stored, names as they are today."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.core.db import db
from app.leaderboards import queries
from app.leaderboards.measures import Board, Figure, Measure, Standing, rank
from app.leaderboards.models import BoardLine, BoardPlace, BoardPublication, FrozenBoard
from app.leaderboards.rules import BoardKind, BoardRule, Choice, measures_of
from app.leaderboards.spans import Span
from app.people.models import Person, Unit
from app.people.queries import being

Places = dict[tuple[int, Measure], tuple[int, bool, int | None]]


@dataclass(frozen=True)
class Published:
    """That a board stands on the public page, and since when."""

    id: int
    at: datetime


def published(kind: BoardKind, span_key: str) -> Published | None:
    row = db.session.execute(
        select(FrozenBoard.id, BoardPublication.published_at)
        .join(BoardPublication, BoardPublication.board_id == FrozenBoard.id)
        .where(FrozenBoard.kind == kind, FrozenBoard.span_key == span_key)
    ).one_or_none()
    return Published(*row) if row else None


@dataclass(frozen=True)
class FrozenRow:
    """A board without its lines. `frozen_by` empty: by the command."""

    id: int
    kind: BoardKind
    span: Span
    closes_on: date
    frozen_at: datetime
    frozen_by_id: int | None
    frozen_by: str
    definition: dict[str, Any]
    digest: str
    published_at: datetime | None
    published_by: str

    @property
    def rule(self) -> BoardRule:
        return BoardRule(self.definition["min_heads"], self.definition["exempt_age"]).of(self.kind)

    @property
    def totals_of_all(self) -> bool:
        """Frozen when units of any size still had a place by their total."""
        return bool(self.definition["version"] == 1)

    @property
    def measures(self) -> tuple[Measure, ...]:
        return measures_of(self.kind, self.span)


def _rows() -> Select[Any]:
    by, to_public = Person.__table__.alias("by"), Person.__table__.alias("to_public")
    one = FrozenBoard
    return (
        select(
            *(one.id, one.kind, one.length, one.span_key, one.first_on, one.last_on, one.closes_on, one.frozen_at),
            *(
                func.coalesce(by.c.became_id, by.c.id),
                func.coalesce(by.c.name, ""),
                one.definition,
                one.digest,
                BoardPublication.published_at,
                func.coalesce(to_public.c.name, ""),
            ),
        )
        .outerjoin(by, by.c.id == one.frozen_by_id)
        .outerjoin(BoardPublication, BoardPublication.board_id == one.id)
        .outerjoin(to_public, to_public.c.id == BoardPublication.published_by_id)
        .order_by(one.last_on.desc(), one.first_on, one.kind, one.id)
    )


def _read(query: Select[Any]) -> list[FrozenRow]:
    return [FrozenRow(row[0], row[1], Span(*row[2:6]), *row[6:]) for row in db.session.execute(query)]


def board(board_id: int) -> FrozenRow | None:
    return next(iter(_read(_rows().where(FrozenBoard.id == board_id))), None)


def boards(*, public: bool, limit: int, offset: int = 0) -> list[FrozenRow]:
    """The newest first; those that stand on the public page, or those that do not yet."""
    published_ = BoardPublication.board_id.is_not(None) if public else BoardPublication.board_id.is_(None)
    return _read(_rows().where(published_).limit(limit).offset(offset))


def waiting_for(person_id: int) -> Select[Any]:
    """Boards that somebody else froze and nobody published yet; those of the command wait for nobody."""
    return _rows().where(BoardPublication.board_id.is_(None), being(FrozenBoard.frozen_by_id) != person_id)


def waiting(person_id: int) -> list[FrozenRow]:
    return _read(waiting_for(person_id))


def count_waiting(person_id: int) -> Select[int]:
    """For the work list to ask."""
    return select(func.count()).select_from(waiting_for(person_id).order_by(None).subquery())


def known() -> set[tuple[BoardKind, str]]:
    return {(kind, key) for kind, key in db.session.execute(select(FrozenBoard.kind, FrozenBoard.span_key))}


def figures(one: FrozenRow) -> tuple[list[Figure], Places]:
    """What was stored, lines by their id as they were written; names as they are today. Persons have none here."""
    line = BoardLine
    rows = db.session.execute(
        select(line, Unit.name).outerjoin(Unit, Unit.id == line.unit_id).where(line.board_id == one.id).order_by(line.id)
    ).all()
    names = dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_({row.community_id for row, _ in rows} - {None}))).all())
    subject = {row.id: row.unit_id or row.person_id or 0 for row, _ in rows}
    found = [_figure(row, name or "", names, one.kind) for row, name in rows]
    stored = db.session.execute(
        select(BoardPlace.line_id, BoardPlace.measure, BoardPlace.place, BoardPlace.shared, BoardPlace.before)
        .join(line, line.id == BoardPlace.line_id)
        .where(line.board_id == one.id)
    )
    return found, {(subject[line_id], measure): (place, shared, before) for line_id, measure, place, shared, before in stored}


def _figure(row: BoardLine, name: str, names: Mapping[int, str], kind: BoardKind) -> Figure:
    earlier = None if row.heads_before is None or row.minutes_before is None else (row.minutes_before, row.heads_before)
    community = queries.short(names.get(row.community_id, "")) if row.community_id else ""
    shown = queries.short(name) if kind is BoardKind.COMMUNITY else name
    id_ = row.unit_id or row.person_id or 0
    return Figure(id_, row.minutes, row.honour, row.heads, shown, community, row.community_id, row.took, row.middle, earlier=earlier)


def as_board(found: Iterable[Figure], places: Places, by: Measure, held: BoardRule) -> Board:
    """The board as it was shown: the places that were stored, not computed again."""
    found = list(found)
    having = [Standing(*places[one.id, by][:2], one) for one in found if (one.id, by) in places]
    small = rank(found, by, held.min_heads).small
    return Board(tuple(sorted(having, key=lambda one: (one.place, one.figure.id))), small)


def places_of(kind: BoardKind, span_key: str, by: Collection[Measure]) -> dict[Measure, dict[int, int]] | None:
    """Places of units on a frozen board by measure; None when there is none of that span."""
    board_id = db.session.scalar(select(FrozenBoard.id).where(FrozenBoard.kind == kind, FrozenBoard.span_key == span_key))
    if board_id is None:
        return None
    rows = db.session.execute(
        select(BoardPlace.measure, func.coalesce(BoardLine.unit_id, BoardLine.person_id), BoardPlace.place)
        .join(BoardLine, BoardLine.id == BoardPlace.line_id)
        .where(BoardLine.board_id == board_id)
    )
    found: dict[Measure, dict[int, int]] = {one: {} for one in by}
    for measure, subject, place in rows:
        found.setdefault(measure, {})[subject] = place
    return found


def places_before(choice: Choice, held: BoardRule, by: Collection[Measure]) -> dict[Measure, dict[int, int]]:
    """Places at the end of the span before: as they were frozen, else as they are computed today."""
    before = choice.span.before
    if before is None:
        return {one: {} for one in by}
    stored = places_of(choice.kind, before.key, by)
    if stored is not None:
        return stored
    found = queries.figures(replace(choice, span=before, page=1), held, by)
    return {one: {at.figure.id: at.place for at in rank(found, one, held.min_heads).standings} for one in by}


def digest(definition: Mapping[str, Any], found: Iterable[Figure], places: Places) -> str:
    """Of everything that was frozen; never of a name."""
    lines = sorted(
        (one.id, one.under_id or 0, one.minutes, one.honour, one.heads, one.took, one.middle, list(one.earlier or ())) for one in found
    )
    placed = sorted((id_, measure.value, *stored) for (id_, measure), stored in places.items())
    whole = json.dumps([dict(sorted(definition.items())), lines, placed], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class Since:
    """What today's records say otherwise: lines with other figures, and places by one measure that would be others."""

    lines: int
    places: int


def since(one: FrozenRow, found: Collection[Figure], places: Places, by: Measure, today: date, closing: tuple[Any, ...]) -> Since:
    """The frozen board beside the same one computed from today's records by the definition that held then."""
    choice = Choice(one.kind, one.span, by, None, 1, today, closing)
    now = queries.figures(choice, one.rule, one.measures)
    here, there = ({each.id: _compared(each) for each in side if each.minutes > 0 or each.heads} for side in (found, now))
    least = 1 if by is Measure.TOTAL and one.totals_of_all else one.rule.min_heads
    placed = {each.figure.id: each.place for each in rank(now, by, least).standings}
    then = {id_: place for (id_, measure), (place, _, _) in places.items() if measure is by}
    return Since(
        sum(here.get(id_) != there.get(id_) for id_ in here.keys() | there.keys()),
        sum(then.get(id_) != placed.get(id_) for id_ in then.keys() | placed.keys()),
    )


def _compared(one: Figure) -> tuple[int, ...]:
    return one.minutes, one.honour, one.heads, one.took, one.middle


def faults() -> list[str]:
    """Frozen boards that are not what they were when they were frozen. Ids only."""
    wrong = []
    for one in _read(_rows()):
        found, places = figures(one)
        if digest(one.definition, found, places) != one.digest:
            wrong.append(f"{one.id} 号定榜（{one.span.key}）：内容与定榜时不符")
    return wrong
