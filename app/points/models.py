"""Schemes and rules as dated data, the ledger of points, and its totals."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.rules import ActivityKind
from app.core.db import Base, BigId
from app.hours.rules import HourKind, SourceKind
from app.points.rules import CapPeriod, Per, SchemeKind

ORIGINAL = text("reverses_id IS NULL")
REVERSAL = text("reverses_id IS NOT NULL")  # SQLite's statistics of the unique index count its NULLs


# Which amounts, kinds and caps belong to what a rule is about; the same for drafts (app.schemes).
SHAPE = (
    "CASE per"
    " WHEN 'hour' THEN amount > 0 AND activity_kind IS NULL"
    " WHEN 'occurrence' THEN amount > 0 AND hour_kind IS NULL"
    " WHEN 'carry' THEN amount BETWEEN 1 AND 10000 AND cap_period = 'year' AND activity_kind IS NULL AND hour_kind IS NULL"
    " ELSE activity_kind IS NULL AND hour_kind IS NULL AND CASE per"
    " WHEN 'base' THEN amount >= 0 AND cap IS NULL"
    " WHEN 'veto' THEN amount = 0 AND cap IS NULL"
    " WHEN 'deduction' THEN amount < 0"
    " ELSE amount > 0 END END"
    " AND (cap IS NULL OR cap > 0) AND (cap IS NULL) = (cap_period IS NULL) AND name <> '' AND code <> ''"
)


class PointScheme(Base):
    """One version of a scheme, in force from a day until the next version. Append-only; of `rules` rules and `bands` bands, never more.

    Who is older than `exempt_age` is not assessed.
    """

    __tablename__ = "point_scheme"
    __table_args__ = (
        UniqueConstraint("kind", "version"),
        UniqueConstraint("kind", "valid_from"),
        CheckConstraint("published_by_id IS NULL OR published_by_id <> made_by_id", name="two_people"),
        CheckConstraint("exempt_age BETWEEN 18 AND 120", name="exempt_age"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SchemeKind]
    version: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    published_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(120))  # where the rule comes from, shown on screen
    exempt_age: Mapped[int | None]
    rules: Mapped[int] = mapped_column(default=0, server_default="0")
    bands: Mapped[int] = mapped_column(default=0, server_default="0")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: shipped with the software
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class PointRule(Base):
    """Amounts and caps in hundredths of a point. Append-only. A version's rules of one code are the same rule, changed."""

    __tablename__ = "point_rule"
    __table_args__ = (
        UniqueConstraint("scheme_id", "code"),
        CheckConstraint("(cap IS NULL) = (cap_period IS NULL)", name="cap"),
        CheckConstraint(SHAPE, name="shape"),
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
    note: Mapped[str] = mapped_column(String(120), default="", server_default="")


class PointBand(Base):
    """等次: who reaches `least` hundredths is `name`. Append-only."""

    __tablename__ = "point_band"
    __table_args__ = (UniqueConstraint("scheme_id", "name"), CheckConstraint("name <> ''", name="name"))

    scheme_id: Mapped[int] = mapped_column(ForeignKey("point_scheme.id"), primary_key=True)
    least: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(20))


BY_TWO = text("source_kind = 'manual'")  # few: vetoes are looked for among them
EARLIER = text("cap_on IS NOT NULL")
MADE, APPROVED = text("made_by_id IS NOT NULL"), text("approved_by_id IS NOT NULL")  # so that a person can be taken back by the index


class PointEntry(Base):
    """Points given by one rule for one source, or the reversal of that. Append-only; hundredths.

    `wanted` is what the rule gave before its cap, so that every entry explains itself. It falls under the cap of the period of `cap_on`:
    a closed one, where it takes back, evens or corrects what counted there. NULL, it is the period that it counts in.
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
        CheckConstraint("cap_on IS NULL OR (counted_on IS NOT NULL AND cap_on < counted_on)", name="cap_on"),
        Index("ix_point_entry_person", "person_id", "scheme_kind", "served_on"),
        Index("ix_point_entry_cap_on", "person_id", sqlite_where=EARLIER, postgresql_where=EARLIER),
        Index("ix_point_entry_by_hand", "scheme_kind", "person_id", sqlite_where=BY_TWO, postgresql_where=BY_TWO),
        Index("ix_point_entry_reverses", "reverses_id", sqlite_where=REVERSAL, postgresql_where=REVERSAL),
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
    cap_on: Mapped[date | None]


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
