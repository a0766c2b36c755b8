"""A spot check as it was announced, what was drawn, and what was said about each entry.

Triggers (migration 0051): the announcement never changes, picks come in before the drawing and never after, as many as were announced,
and notes are written in turn by people who have not handled the entry.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.spotchecks.rules import Finding, NoteStep


class SpotCheck(Base):
    """`population` entries of the period stood in the books up to `last_voucher` when it was announced; `digest` is of all of them."""

    __tablename__ = "spot_check"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="dated"),
        CheckConstraint("size BETWEEN 1 AND population", name="size"),
        CheckConstraint("seed <> '' AND source <> ''", name="words"),
        CheckConstraint("length(digest) = 64", name="digest"),
        CheckConstraint("(drawn_at IS NULL) = (drawn_by_id IS NULL)", name="drawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    size: Mapped[int]
    seed: Mapped[str] = mapped_column(String(40), unique=True)
    source: Mapped[str] = mapped_column(String(80))
    last_voucher: Mapped[int]
    population: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    announced_at: Mapped[datetime]
    announced_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime | None]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SpotCheckPickEntry(Base):
    """One entry that was drawn, by rising `fingerprint`. Append-only."""

    __tablename__ = "spot_check_pick_entry"
    __table_args__ = (
        UniqueConstraint("check_id", "place"),
        UniqueConstraint("check_id", "movement_id"),
        CheckConstraint("place > 0 AND length(fingerprint) = 64", name="fingerprint"),
        Index("ix_spot_check_pick_entry_movement", "movement_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"))
    place: Mapped[int]
    movement_id: Mapped[int] = mapped_column(ForeignKey("fund_movement_entry.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))


class SpotCheckNoteEntry(Base):
    """What the auditor found, or what the fund answered. Append-only: a later word stands beside the earlier one. Never public."""

    __tablename__ = "spot_check_note_entry"
    __table_args__ = (
        UniqueConstraint("pick_id", "seq"),
        CheckConstraint("(step = 'found') = (finding IS NOT NULL)", name="finding"),
        CheckConstraint("words <> '' OR (seq = 1 AND finding = 'fine')", name="words"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pick_id: Mapped[int] = mapped_column(ForeignKey("spot_check_pick_entry.id"))
    seq: Mapped[int]
    step: Mapped[NoteStep] = mapped_column(stored(NoteStep, "spotcheckstep"))
    finding: Mapped[Finding | None] = mapped_column(stored(Finding, "spotcheckfinding"))
    words: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
