"""Scans (facts, append-only) and the spells of attendance that they add up to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.checkin.rules import Outcome, Way
from app.core.db import Base, BigId, stored

VISIT = text("outcome = 'visitor'")
STILL_IN = text("out_at IS NULL")


class Scan(Base):
    """One scan, accepted or refused, with the reason in `outcome`. Its id is chosen by the phone: a resent one is the same.

    `at` is the time that counts (when the code was opened), `received_at` the server's. `content` is a digest of what
    was sent, so that the same id with another content is a conflict. No coordinates, no address of the network.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("uq_scan_visit", "activity_id", "device_hash", unique=True, sqlite_where=VISIT, postgresql_where=VISIT),
        Index("ix_scan_person", "person_id", "activity_id"),
        Index("ix_scan_activity", "activity_id", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # the organiser who scanned or named
    way: Mapped[Way]
    outcome: Mapped[Outcome]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(String(32))
    device_hash: Mapped[str | None] = mapped_column(String(32))


class Attendance(Base):
    """One spell of one person at one shift: in, and out once they left.

    `credited_from`/`credited_to` are set while its minutes stand in the ledger; credited spells of one person never
    overlap, which the database enforces (an exclusion constraint, on SQLite a trigger).
    """

    __tablename__ = "attendance"
    __table_args__ = (
        Index("uq_attendance_open", "shift_id", "person_id", unique=True, sqlite_where=STILL_IN, postgresql_where=STILL_IN),
        CheckConstraint("out_at IS NULL OR out_at >= in_at", name="out_after_in"),
        CheckConstraint("(out_at IS NULL) = (out_way IS NULL)", name="out"),
        CheckConstraint("(credited_from IS NULL) = (credited_to IS NULL)", name="credited"),
        CheckConstraint("credited_from IS NULL OR (out_at IS NOT NULL AND credited_to > credited_from)", name="credited_spell"),
        Index("ix_attendance_person", "person_id", "in_at"),
        Index("ix_attendance_shift", "shift_id", "out_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    in_at: Mapped[datetime]
    in_way: Mapped[Way] = mapped_column(stored(Way, "in_way"))
    in_scan_id: Mapped[UUID] = mapped_column(ForeignKey("scan.id"))
    out_at: Mapped[datetime | None]
    out_way: Mapped[Way | None] = mapped_column(stored(Way, "out_way"))
    out_scan_id: Mapped[UUID | None] = mapped_column(ForeignKey("scan.id"))
    credited_from: Mapped[datetime | None]
    credited_to: Mapped[datetime | None]
    review: Mapped[str | None] = mapped_column(String(40))  # why somebody should look before it counts: "overlap"
    excluded_at: Mapped[datetime | None]  # the organiser closed without counting it
    excluded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Helper(Base):
    """请帮手: a signed-in volunteer who may work this shift's door until it ends."""

    __tablename__ = "helper"
    __table_args__ = (Index("uq_helper", "shift_id", "person_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
