"""更正: what stands in the ledger about one record is changed by two people, with a reason."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.claims.correction_rules import Change, CorrectionVerdict
from app.core.db import Base
from app.hours.rules import HourClass

OPEN = text("decided_at IS NULL")
OF_ATTENDANCE = text("decided_at IS NULL AND attendance_id IS NOT NULL")
OF_ENTRY = text("decided_at IS NULL AND entry_id IS NOT NULL")
OF_DISPUTE = text("decided_at IS NULL AND dispute_id IS NOT NULL")


class HourCorrection(Base):
    """Proposed by one, decided once by another; at most one open a record. It stays as it was decided.

    Of an attendance, or of an entry that has none (hours from before this system). `entry_id` is the entry that stood when it was
    proposed, None where the record counted nothing. The database refuses the maker, the person, and for an approval everybody who had
    a part in the record (HourCorrectionAside).
    """

    __tablename__ = "hour_correction"
    __table_args__ = (
        CheckConstraint("attendance_id IS NOT NULL OR entry_id IS NOT NULL", name="of_something"),
        CheckConstraint(
            "(change = 'times') = (in_at IS NOT NULL) AND (in_at IS NULL) = (out_at IS NULL) AND (out_at IS NULL OR out_at > in_at)",
            name="times",
        ),
        CheckConstraint("minutes >= 0 AND was_minutes >= 0 AND (change = 'void') = (minutes = 0)", name="sums"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("verdict <> 'refused' OR answer <> ''", name="answer"),
        CheckConstraint("(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("made_by_id <> person_id", name="not_ones_own"),
        CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))",
            name="two_people",
        ),
        Index("uq_hour_correction_attendance", "attendance_id", unique=True, sqlite_where=OF_ATTENDANCE, postgresql_where=OF_ATTENDANCE),
        Index("uq_hour_correction_entry", "entry_id", unique=True, sqlite_where=OF_ENTRY, postgresql_where=OF_ENTRY),
        Index("uq_hour_correction_dispute", "dispute_id", unique=True, sqlite_where=OF_DISPUTE, postgresql_where=OF_DISPUTE),
        Index("ix_hour_correction_person", "person_id", "decided_at"),
        Index("ix_hour_correction_unit", "unit_id", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # whose secretary or deputies decide
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("hour_entry.id"))
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id"))
    change: Mapped[Change]
    in_at: Mapped[datetime | None]
    out_at: Mapped[datetime | None]
    minutes: Mapped[int]  # what it counts once approved, as the maker saw it
    was_in_at: Mapped[datetime | None]
    was_out_at: Mapped[datetime | None]
    was_minutes: Mapped[int]
    was_class: Mapped[HourClass | None]
    reason: Mapped[str] = mapped_column(String(200))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[CorrectionVerdict | None]
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class HourCorrectionAside(Base):
    """Who had a part in the record (scanned, named, approved, organised) when its correction was proposed: they do not approve it."""

    __tablename__ = "hour_correction_aside"

    correction_id: Mapped[int] = mapped_column(ForeignKey("hour_correction.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
