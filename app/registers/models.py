"""A register that was read, row by row, before anything is written; what writing it did; and past hours, as the office handed them in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.hours.rules import HourKind
from app.registers.rules import RegisterKind, RowVerdict

STANDS = text("undone_at IS NULL")


class RegisterBatch(Base):
    """One upload. `running` is 1 while somebody writes or takes back, unique, so there is one writer; `beat_at` says it is alive.

    preview: `started_at` NULL · half written: `started_at` without `applied_at` · written: `applied_at` · taken back: `undone_at`.
    Hours and projects are written only when a second person approved them; projects are taken back only when another person asked for it.
    """

    __tablename__ = "register_batch"
    __table_args__ = (
        UniqueConstraint("running"),
        CheckConstraint("running IS NULL OR running = 1", name="running"),
        CheckConstraint("applied_at IS NULL OR started_at IS NOT NULL", name="started"),
        CheckConstraint("undone_at IS NULL OR applied_at IS NOT NULL", name="applied"),
        CheckConstraint("kind NOT IN ('hours', 'projects') OR started_at IS NULL OR approved_by_id IS NOT NULL", name="approved"),
        CheckConstraint("approved_by_id IS NULL OR made_by_id IS NULL OR approved_by_id <> made_by_id", name="two_people"),
        Index("ix_register_batch_unit", "unit_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RegisterKind]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # everything lies below it; NULL: there was no unit yet
    file_name: Mapped[str] = mapped_column(String(120))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: the command line
    made_at: Mapped[datetime]
    staged_at: Mapped[datetime | None]  # all rows are in; before that nobody sees it
    titles: Mapped[list[Any]]  # the sheet's heading, for the correction sheet
    fresh: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    blank: Mapped[int]
    refused: Mapped[int]
    running: Mapped[int | None]
    beat_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undo_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cleared_at: Mapped[datetime | None]  # its rows are gone


class RegisterRow(Base):
    """One cleaned row. `place` is its turn in writing (parents first), `number` its line in the sheet.

    `target_id` is the record it is about, or made; `journal` says what writing it did, so that it can be taken back.
    No foreign keys to records: staging must not stand in the way of taking a batch back.
    """

    __tablename__ = "register_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_register_row_verdict", "batch_id", "verdict", "place"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("register_batch.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    verdict: Mapped[RowVerdict]
    subject: Mapped[str] = mapped_column(String(120))
    values: Mapped[dict[str, Any]] = mapped_column("cells")
    changes: Mapped[list[Any]]  # (column, before, after)
    reasons: Mapped[list[Any]]  # (column, as sent, why not)
    raw: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))  # the whole row as sent, of a refused one
    target_id: Mapped[int | None] = mapped_column(BigId)
    journal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    written_at: Mapped[datetime | None]


class PastHour(Base):
    """Hours from before this system, as a register gave them: the source record of ledger entries with SourceKind.IMPORT."""

    __tablename__ = "past_hour"
    __table_args__ = (
        Index("uq_past_hour_stands", "person_id", "served_on", "words", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        CheckConstraint("minutes > 0 AND minutes <= 1440", name="within_a_day"),
        CheckConstraint("source <> ''", name="source"),
        Index("ix_past_hour_batch", "batch_id", "row"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("register_batch.id"))
    row: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the unit it was brought in for
    served_on: Mapped[date]
    kind: Mapped[HourKind]
    words: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(80))
    minutes: Mapped[int]
    undone_at: Mapped[datetime | None]
