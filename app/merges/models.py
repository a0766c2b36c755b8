"""Merges of two records of one person, what each pointed elsewhere, and pairs that are two people after all."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.hours.rules import SourceKind
from app.merges.rules import Verdict

STANDS = text("(verdict IS NULL OR verdict = 'approved') AND undone_at IS NULL")
NOT_HALF = "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)"
ANOTHER = (
    "decided_by_id IS NULL OR ((verdict = 'withdrawn') = (decided_by_id = proposed_by_id) AND decided_by_id NOT IN (stays_id, goes_id))"
)
UNDO = "(undo_at IS NULL) = (undo_by_id IS NULL) AND (undo_at IS NULL OR (merged_at IS NOT NULL AND undo_reason <> ''))"


class Merge(Base):
    """`goes_id` turned out to be `stays_id`: proposed by one, decided by another, neither of them one of the two.

    `seen` is a digest of what the proposer saw. Between `decided_at` and `merged_at` entries are moved in short steps, between `undo_at`
    and `undone_at` back again.
    """

    __tablename__ = "merge"
    __table_args__ = (
        CheckConstraint("stays_id <> goes_id", name="two_records"),
        CheckConstraint("proposed_by_id NOT IN (stays_id, goes_id)", name="not_oneself"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(NOT_HALF, name="decided"),
        CheckConstraint(ANOTHER, name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
        CheckConstraint("merged_at IS NULL OR verdict = 'approved'", name="merged"),
        CheckConstraint(UNDO, name="undo"),
        CheckConstraint("undo_by_id IS NULL OR undo_by_id NOT IN (stays_id, goes_id)", name="undone_by_another"),
        CheckConstraint("undone_at IS NULL OR undo_at IS NOT NULL", name="undone"),
        Index("uq_merge_goes", "goes_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_merge_stays", "stays_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stays_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    goes_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))
    seen: Mapped[str] = mapped_column(String(64))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "mergeverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    merged_at: Mapped[datetime | None]
    undo_at: Mapped[datetime | None]
    undo_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undo_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    undone_at: Mapped[datetime | None]


class MergeNote(Base):
    """A row that a merge changed, so that undoing knows it: `before` and `after` of the columns concerned. Append-only."""

    __tablename__ = "merge_note_entry"
    __table_args__ = (Index("ix_merge_note_entry_merge", "merge_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    table_name: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[int] = mapped_column(BigId)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class MergeSource(Base):
    """A source whose entries a merge credited again under the one who stays; `uncounted`: only took back. Append-only."""

    __tablename__ = "merge_source_entry"
    __table_args__ = (UniqueConstraint("merge_id", "source_kind", "source_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"))
    source_kind: Mapped[SourceKind]
    source_id: Mapped[int] = mapped_column(BigId)
    uncounted: Mapped[bool]


OPEN = text("ended_at IS NULL")


class PersonDifference(Base):
    """不是同一个人: somebody said so, and the pair is not shown again. Ended when that was wrong."""

    __tablename__ = "person_difference"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="in_order"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
        Index("uq_person_difference_open", "low_id", "high_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_person_difference_high", "high_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
