"""Schemes and rules as dated data, the ledger of points, and its totals."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.rules import ActivityKind
from app.core.db import Base, BigId
from app.hours.rules import HourKind, SourceKind
from app.points.rules import CapPeriod, Per, SchemeKind

ORIGINAL = text("reverses_id IS NULL")


class PointScheme(Base):
    """One version of a scheme, in force from a day until the next version. Published ones never change."""

    __tablename__ = "point_scheme"
    __table_args__ = (UniqueConstraint("kind", "version"), UniqueConstraint("kind", "valid_from"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SchemeKind]
    version: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    published_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(120))  # where the rule comes from, shown on screen


class PointRule(Base):
    """Amounts and caps in hundredths of a point."""

    __tablename__ = "point_rule"
    __table_args__ = (
        UniqueConstraint("scheme_id", "code"),
        CheckConstraint("(cap IS NULL) = (cap_period IS NULL)", name="cap"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("point_scheme.id"), index=True)
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    per: Mapped[Per]
    amount: Mapped[int]
    activity_kind: Mapped[ActivityKind | None]
    hour_kind: Mapped[HourKind | None]
    counts_honour: Mapped[bool]
    cap: Mapped[int | None]
    cap_period: Mapped[CapPeriod | None]


MADE, APPROVED = text("made_by_id IS NOT NULL"), text("approved_by_id IS NOT NULL")  # so that a person can be taken back by the index


class PointEntry(Base):
    """Points given by one rule for one source, or the reversal of that. Append-only; hundredths.

    `wanted` is what the rule gave before its cap, so that every entry explains itself.
    """

    __tablename__ = "point_entry"
    __table_args__ = (
        Index(
            "uq_point_entry_source",
            "rule_id",
            "source_kind",
            "source_id",
            "generation",
            unique=True,
            sqlite_where=ORIGINAL,
            postgresql_where=ORIGINAL,
        ),
        CheckConstraint("reverses_id IS NULL OR reason <> ''", name="reason"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> made_by_id", name="two_people"),
        CheckConstraint("counted_on IS NULL OR (counted_on > served_on AND counted_on <= booked_on)", name="counted_on"),
        Index("ix_point_entry_person", "person_id", "scheme_kind", "served_on"),
        Index("ix_point_entry_made_by", "made_by_id", sqlite_where=MADE, postgresql_where=MADE),
        Index("ix_point_entry_approved_by", "approved_by_id", sqlite_where=APPROVED, postgresql_where=APPROVED),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    home_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    organising_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    scheme_id: Mapped[int] = mapped_column(ForeignKey("point_scheme.id"))
    scheme_kind: Mapped[SchemeKind]
    rule_id: Mapped[int] = mapped_column(ForeignKey("point_rule.id"))
    served_on: Mapped[date]
    booked_on: Mapped[date]
    counted_on: Mapped[date | None]  # where the month of the service was closed already; else NULL (hours.closing)
    booked_at: Mapped[datetime]
    wanted: Mapped[int]
    points: Mapped[int]
    source_kind: Mapped[SourceKind]
    source_id: Mapped[int] = mapped_column(BigId)
    generation: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("point_entry.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    batch_id: Mapped[int | None] = mapped_column(BigId)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PointPersonTotal(Base):
    """Points of one person under one rule in one period (hours.rules periods). Caps read it; rebuildable."""

    __tablename__ = "point_person_total"
    __table_args__ = (Index("ix_point_person_total_rank", "period", "scheme_kind", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("point_rule.id"), primary_key=True)
    scheme_kind: Mapped[SchemeKind]
    points: Mapped[int]
    entries: Mapped[int]
