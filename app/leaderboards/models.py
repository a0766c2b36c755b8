"""Boards as they were when their span was settled: ids and figures, never names. Append-only. See docs/decisions/0037."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.leaderboards.measures import Measure
from app.leaderboards.rules import BoardKind
from app.leaderboards.spans import Length

OF_PERSON = text("person_id IS NOT NULL")


class FrozenBoard(Base):
    """One board of one span, with all its measures. `closes_on`: the first day on which its last month was closed.

    `frozen_by_id` NULL: by the command. `definition`: the rules that held. `digest` is of the definition, lines and places.
    """

    __tablename__ = "board"
    __table_args__ = (
        UniqueConstraint("kind", "span_key", name="uq_board"),
        CheckConstraint("last_on >= first_on", name="dated"),
        CheckConstraint("closes_on > last_on AND frozen_on >= closes_on", name="closed"),
        CheckConstraint("length <> 'all'", name="has_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BoardKind]
    length: Mapped[Length]
    span_key: Mapped[str] = mapped_column(String(24))
    first_on: Mapped[date]
    last_on: Mapped[date]
    closes_on: Mapped[date]
    frozen_on: Mapped[date]
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    definition: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))


class BoardLine(Base):
    """What one unit or one person had. `minutes` may be negative: an older mistake was taken back in this span.

    `heads`: eligible members; `took` of them had any minutes, `middle` is twice their median; `minutes_before` and `heads_before`
    are of the span before. A personal board has none of these.
    """

    __tablename__ = "board_line"
    __table_args__ = (
        UniqueConstraint("board_id", "unit_id", name="uq_board_line_unit"),
        UniqueConstraint("board_id", "person_id", name="uq_board_line_person"),
        Index("ix_board_line_person", "person_id", sqlite_where=OF_PERSON, postgresql_where=OF_PERSON),
        CheckConstraint("(unit_id IS NULL) <> (person_id IS NULL)", name="subject"),
        CheckConstraint("took BETWEEN 0 AND heads", name="took"),
        CheckConstraint("middle >= 0", name="middle"),
        CheckConstraint("(minutes_before IS NULL) = (heads_before IS NULL)", name="before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    minutes: Mapped[int]
    honour: Mapped[int]
    heads: Mapped[int]
    took: Mapped[int]
    middle: Mapped[int]
    minutes_before: Mapped[int | None]
    heads_before: Mapped[int | None]


class BoardPlace(Base):
    """The place of a line by one measure; none for what had no place. `before`: the place at the end of the span before."""

    __tablename__ = "board_place"
    __table_args__ = (CheckConstraint("place >= 1 AND (before IS NULL OR before >= 1)", name="place"),)

    line_id: Mapped[int] = mapped_column(ForeignKey("board_line.id"), primary_key=True)
    measure: Mapped[Measure] = mapped_column(primary_key=True)
    place: Mapped[int]
    shared: Mapped[bool]
    before: Mapped[int | None]


class BoardPublication(Base):
    """It stands on the public page since. Never by who froze it: a trigger sees to that."""

    __tablename__ = "board_publication"

    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), primary_key=True, autoincrement=False)
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
