"""The ledger of hours, and the totals kept beside it in the same transaction."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.hours.rules import HourClass, HourKind, SourceKind

ORIGINAL = text("reverses_id IS NULL")
REVERSAL = text("reverses_id IS NOT NULL")  # SQLite's statistics of the unique index count its NULLs

LATE = text("counted_on IS NOT NULL")
HELD = text("activity_id IS NOT NULL")
MADE, APPROVED = text("made_by_id IS NOT NULL"), text("approved_by_id IS NOT NULL")  # so that a person can be taken back by the index


class HourEntry(Base):
    """One credit, or the reversal of one. Append-only.

    `minutes` is negative only on a reversal. `home_unit_id` and `organising_unit_id` are those of the service date.
    Its totals are those of the periods of `counted_on`, or of `served_on` where that is NULL.
    A source credited again after a reversal takes the next `generation`, so nothing is ever credited twice.
    """

    __tablename__ = "hour_entry"
    __table_args__ = (
        Index(
            "uq_hour_entry_source",
            "source_kind",
            "source_id",
            "generation",
            unique=True,
            sqlite_where=ORIGINAL,
            postgresql_where=ORIGINAL,
        ),
        CheckConstraint("(reverses_id IS NULL AND minutes > 0) OR (reverses_id IS NOT NULL AND minutes < 0)", name="sign"),
        CheckConstraint("reverses_id IS NULL OR reason <> ''", name="reason"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> made_by_id", name="two_people"),
        CheckConstraint("counted_on IS NULL OR (counted_on > served_on AND counted_on <= booked_on)", name="counted_on"),
        Index("ix_hour_entry_person", "person_id", "served_on"),
        Index("ix_hour_entry_home_unit", "home_unit_id", "served_on"),
        Index("ix_hour_entry_served_on", "served_on"),
        Index("ix_hour_entry_activity", "activity_id", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_hour_entry_organised", "organising_unit_id", "served_on", "kind", "hour_class", "minutes", "counted_on"),
        Index("ix_hour_entry_counted_on", "counted_on", sqlite_where=LATE, postgresql_where=LATE),
        Index("ix_hour_entry_reverses", "reverses_id", sqlite_where=REVERSAL, postgresql_where=REVERSAL),
        Index("ix_hour_entry_made_by", "made_by_id", sqlite_where=MADE, postgresql_where=MADE),
        Index("ix_hour_entry_approved_by", "approved_by_id", sqlite_where=APPROVED, postgresql_where=APPROVED),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    home_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    organising_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    served_on: Mapped[date]
    booked_on: Mapped[date]
    counted_on: Mapped[date | None]  # where the month of the service was closed already; else NULL (hours.closing)
    booked_at: Mapped[datetime]
    hour_class: Mapped[HourClass]
    kind: Mapped[HourKind]
    minutes: Mapped[int]
    source_kind: Mapped[SourceKind]
    source_id: Mapped[int] = mapped_column(BigId)
    generation: Mapped[int]
    rule_version: Mapped[str] = mapped_column(String(20))  # of checkin.rules, which counted the minutes
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("hour_entry.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    batch_id: Mapped[int | None] = mapped_column(BigId)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: the person's own scans
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class HourPersonTotal(Base):
    """Minutes of one person in one period (of PERSON_PERIODS), by class and kind. Rebuildable from the ledger."""

    __tablename__ = "hour_person_total"
    __table_args__ = (Index("ix_hour_person_total_rank", "period", "kind", "hour_class", "minutes"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[HourKind] = mapped_column(primary_key=True)
    hour_class: Mapped[HourClass] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    entries: Mapped[int]


class HourUnitTotal(Base):
    """Minutes earned by the home members of one unit (itself, without what is below it) in one period."""

    __tablename__ = "hour_unit_total"
    __table_args__ = (Index("ix_hour_unit_total_period", "period", "kind", "hour_class", "unit_id"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[HourKind] = mapped_column(primary_key=True)
    hour_class: Mapped[HourClass] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    entries: Mapped[int]


class TotalMarkBase(Base):
    """Up to which entry the ledger behind one table of totals was noted, and the seed of the weights (hours.marks)."""

    __tablename__ = "total_mark_base"

    total: Mapped[str] = mapped_column(String(40), primary_key=True)
    upto: Mapped[int] = mapped_column(BigId)
    seed: Mapped[int] = mapped_column(BigId)


class TotalMark(Base):
    """The fingerprint of one owner's entries up to that one. Nothing is lost with it: it is reckoned anew."""

    __tablename__ = "total_mark"

    total: Mapped[str] = mapped_column(ForeignKey("total_mark_base.total", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[int] = mapped_column(BigId)
