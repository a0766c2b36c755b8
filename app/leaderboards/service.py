"""Freezing a board when its span is settled, and putting it on the public page. Called inside a write transaction, `settle` before it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound
from app.core.words import full_day
from app.hours import queries as hours
from app.leaderboards import frozen, queries
from app.leaderboards.measures import Figure, Measure, rank
from app.leaderboards.models import BoardLine, BoardPlace, BoardPublication, FrozenBoard
from app.leaderboards.rules import BoardKind, BoardRule, Choice, measures_of
from app.leaderboards.spans import Span, calendar_name, settled, settling_day
from app.settings import service as settings

CHUNK = 1000


@dataclass(frozen=True)
class Settled:
    """A board that may be frozen: everything of it, as it was computed before anything was locked."""

    kind: BoardKind
    span: Span
    closes_on: date
    definition: dict[str, Any]
    figures: list[Figure]
    places: frozen.Places


def settle(kind: BoardKind, span: Span, today: date) -> Settled:
    """The board with all its measures, places and movement; only reads. What it sums is closed, so nothing moves before `freeze`.

    Raises Conflict while the last month of the span is not closed: until then figures may change.
    """
    rules = tuple(hours.closing_rules())
    closes_on = settling_day(span, rules)
    if closes_on is None:
        raise Conflict("“全部时间”没有结束的一天，不能定榜。")
    if today < closes_on:
        raise Conflict(f"最后一个月到 {full_day(closes_on)} 才结账，结账以后再定榜。")
    held, measures = queries.rule(), measures_of(kind, span)
    choice = Choice(kind, span, measures[0], None, 1, today, rules)
    found = [one for one in queries.figures(choice, held, measures) if one.minutes or one.heads or one.honour]
    definition = {**held.as_kept(), "closes_on": closes_on.isoformat(), "measures": [one.value for one in measures], "version": 2}
    return Settled(kind, span, closes_on, definition, found, _places(found, choice, held.of(kind), measures))


def freeze(made: Settled, by_id: int | None, now: datetime) -> int | None:
    """Keep it for good; None where that span was frozen before. `by_id` None: the command."""
    writing()
    kind, span, found, places = made.kind, made.span, made.figures, made.places
    row = {
        "kind": kind,
        "length": span.length,
        "span_key": span.key,
        "first_on": span.first,
        "last_on": span.last,
        "closes_on": made.closes_on,
        "frozen_on": local_date(now),
        "frozen_at": now,
        "frozen_by_id": by_id,
        "definition": made.definition,
        "digest": frozen.digest(made.definition, found, places),
    }
    adding = upsert(FrozenBoard).values(**row).on_conflict_do_nothing(index_elements=["kind", "span_key"])
    board_id = db.session.execute(adding.returning(FrozenBoard.id)).scalar()
    if board_id is None:
        return None
    _keep_lines(board_id, kind, found, places)
    audit.record(by_id, "board", "board", board_id, kind=kind.value, span=calendar_name(span))
    return int(board_id)


def _places(found: list[Figure], choice: Choice, held: BoardRule, measures: tuple[Measure, ...]) -> frozen.Places:
    personal = choice.kind is BoardKind.PERSON  # who was listed then is another question: no movement of persons
    before = {by: {} for by in measures} if personal else frozen.places_before(choice, held, measures)
    return {
        (one.figure.id, by): (one.place, one.shared, before[by].get(one.figure.id))
        for by in measures
        for one in rank(found, by, held.min_heads).standings
    }


def _keep_lines(board_id: int, kind: BoardKind, found: list[Figure], places: frozen.Places) -> None:
    subject = "person_id" if kind is BoardKind.PERSON else "unit_id"
    other = "unit_id" if kind is BoardKind.PERSON else "person_id"
    rows = [
        {
            "board_id": board_id,
            subject: one.id,
            other: None,
            "community_id": one.under_id,
            "minutes": one.minutes,
            "honour": one.honour,
            "heads": one.heads,
            "took": one.took,
            "middle": one.middle,
            "minutes_before": one.earlier[0] if one.earlier else None,
            "heads_before": one.earlier[1] if one.earlier else None,
        }
        for one in found
    ]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(insert(BoardLine), rows[start : start + CHUNK])
    column = BoardLine.person_id if kind is BoardKind.PERSON else BoardLine.unit_id
    ids = dict(db.session.execute(select(column, BoardLine.id).where(BoardLine.board_id == board_id)).all())
    stored = [
        {"line_id": ids[id_], "measure": by, "place": place, "shared": shared, "before": before}
        for (id_, by), (place, shared, before) in places.items()
    ]
    for start in range(0, len(stored), CHUNK):
        db.session.execute(insert(BoardPlace), stored[start : start + CHUNK])


def publish(board_id: int, by_id: int, now: datetime) -> None:
    """Put it on the public page. Raises Conflict for who froze it; a second time changes nothing."""
    writing()
    one = frozen.board(board_id)
    if one is None:
        raise NotFound
    if one.frozen_by_id == by_id:
        raise Conflict("定榜和发布要两个人：您定的榜，请另一位管理员来发布。")
    adding = upsert(BoardPublication).values(board_id=board_id, published_at=now, published_by_id=by_id)
    made = db.session.execute(adding.on_conflict_do_nothing().returning(BoardPublication.board_id)).scalar()
    if made is not None:
        audit.record(by_id, "board.publication", "board", board_id, kind=one.kind.value, span=calendar_name(one.span))


def set_rule(held: BoardRule, by_id: int, now: datetime) -> None:
    """From now on, for every board that is not frozen."""
    settings.put(queries.RULE, held.as_kept(), by_id, now)


def due(today: date) -> list[tuple[BoardKind, Span]]:
    """Boards that are settled and not frozen, oldest first, as far back as the command looks; none from before the first hours."""
    known = frozen.known()
    spans = settled(today, tuple(hours.closing_rules()), queries.first_booked())
    return [(kind, span) for span in spans for kind in BoardKind if (kind, span.key) not in known]
