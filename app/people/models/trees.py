"""The trees of units and of places, and which unit is tied to which place: dated, each tree with its closure.

A tie holds on days in [valid_from, valid_to); an open end is NULL. Nothing here is overwritten when something moves:
the old row is closed and a new one begins.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.people.rules import PlaceKind, UnitKind

OPEN = text("valid_to IS NULL")
DATED = "valid_to IS NULL OR valid_to >= valid_from"


class Unit(Base):
    """组织: a node of the organisation tree. Its parents are dated, see UnitParent."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[UnitKind]
    name: Mapped[str] = mapped_column(String(80), index=True)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class UnitParent(Base):
    """Which unit another belongs to, and when. The root has no row."""

    __tablename__ = "unit_parent"
    __table_args__ = (
        Index("uq_unit_parent_open", "unit_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint(DATED, name="dated"),
        CheckConstraint("unit_id <> parent_id", name="not_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitAncestry(Base):
    """The closure of UnitParent, itself at depth 0, with the same dates: a subtree is one indexed read.

    Derived, written in the same transaction as the tree; a test rebuilds it from UnitParent and compares.
    """

    __tablename__ = "unit_ancestry"
    __table_args__ = (
        Index("uq_unit_ancestry_open", "unit_id", "ancestor_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_unit_ancestry_up", "unit_id", "ancestor_id"),
        Index("ix_unit_ancestry_down", "ancestor_id", "unit_id", "valid_from", "valid_to"),
        CheckConstraint(DATED, name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    depth: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitName(Base):
    """What a unit was called before; the present name stands in Unit."""

    __tablename__ = "unit_name"
    __table_args__ = (CheckConstraint("valid_to >= valid_from", name="dated"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class Place(Base):
    """地点: a node of the tree of places, 社区 → 小区 → 楼栋 → 楼道. Its parents are dated, see PlaceParent."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PlaceKind]
    name: Mapped[str] = mapped_column(String(80), index=True)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class PlaceName(Base):
    """What a place was called before; the present name stands in Place."""

    __tablename__ = "place_name"
    __table_args__ = (CheckConstraint("valid_to >= valid_from", name="dated"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class PlaceParent(Base):
    """Which place another lies in, and when. A 社区 has no row."""

    __tablename__ = "place_parent"
    __table_args__ = (
        Index("uq_place_parent_open", "place_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        CheckConstraint(DATED, name="dated"),
        CheckConstraint("place_id <> parent_id", name="not_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PlaceAncestry(Base):
    """The closure of PlaceParent, as UnitAncestry is that of UnitParent."""

    __tablename__ = "place_ancestry"
    __table_args__ = (
        Index("uq_place_ancestry_open", "place_id", "ancestor_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_place_ancestry_down", "ancestor_id", "place_id", "valid_from", "valid_to"),
        CheckConstraint(DATED, name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    depth: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class PlaceUnit(Base):
    """支部建在小区上: a unit is tied to a place, with dates; a branch to its 小区, a 党小组 to a 楼道, a 社区党委 to its 社区."""

    __tablename__ = "place_unit"
    __table_args__ = (
        Index("uq_place_unit_open", "place_id", "unit_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_place_unit_unit", "unit_id", "valid_to"),
        CheckConstraint(DATED, name="dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
