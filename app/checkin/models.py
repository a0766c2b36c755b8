"""Scans (facts, append-only) and the spells of attendance that they add up to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.checkin.fence import Fence
from app.checkin.models_gates import Gate
from app.checkin.reasons import Reason, Rung, Verdict
from app.checkin.rules import Outcome, Way
from app.core.db import Base, BigId, stored

VISIT = text("outcome = 'visitor'")
STILL_IN = text("out_at IS NULL")
HELD = text("held_at IS NOT NULL")
OF_A_PHONE = text("device_hash IS NOT NULL AND person_id IS NOT NULL AND by_id IS NULL")  # by its owner's hand, not for others
BY_ANOTHER = text("by_id IS NOT NULL")
EXCLUDED = text("excluded_by_id IS NOT NULL")  # both so that a person can be taken back by the index


class Scan(Base):
    """One scan, accepted or refused, with the reason in `outcome`. Its id is chosen by the phone: a resent one is the same.

    `at` is the time that counts (when the code was opened), `received_at` the server's. `content` is a digest of what
    was sent, so that the same id with another content is a conflict. No coordinates, no address of the network: of a fence
    only `fence`. `day_code` says whether the code of the day was right, where one was asked.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("uq_scan_visit", "activity_id", "device_hash", unique=True, sqlite_where=VISIT, postgresql_where=VISIT),
        Index("ix_scan_person", "person_id", "activity_id"),
        Index("ix_scan_by", "by_id", sqlite_where=BY_ANOTHER, postgresql_where=BY_ANOTHER),
        Index("ix_scan_activity", "activity_id", "received_at"),
        Index("ix_scan_received_at", "received_at"),
        Index("ix_scan_device", "device_hash", "activity_id", "person_id", sqlite_where=OF_A_PHONE, postgresql_where=OF_A_PHONE),
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
    gate_id: Mapped[int | None] = mapped_column(ForeignKey(Gate.id))
    day_code: Mapped[bool | None]
    fence: Mapped[Fence | None]


class Attendance(Base):
    """One spell of one person at one shift: in, and out once they left.

    `credited_from`/`credited_to` are set while its minutes stand in the ledger; credited spells of one person never
    overlap, which the database enforces (an exclusion constraint, on SQLite a trigger). While `held_at` is set the spell
    counts nothing and waits for `held_unit_id` (`held_for` says why that one), see AttendanceReason.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        Index("uq_attendance_open", "shift_id", "person_id", unique=True, sqlite_where=STILL_IN, postgresql_where=STILL_IN),
        CheckConstraint("out_at IS NULL OR out_at >= in_at", name="out_after_in"),
        CheckConstraint("(out_at IS NULL) = (out_way IS NULL)", name="out"),
        CheckConstraint("(credited_from IS NULL) = (credited_to IS NULL)", name="credited"),
        CheckConstraint("credited_from IS NULL OR (out_at IS NOT NULL AND credited_to > credited_from)", name="credited_spell"),
        CheckConstraint("held_at IS NULL OR (out_at IS NOT NULL AND credited_from IS NULL AND excluded_at IS NULL)", name="held_uncounted"),
        CheckConstraint("(held_at IS NULL) = (held_for IS NULL)", name="held_for_somebody"),
        CheckConstraint("(held_at IS NULL) = (held_unit_id IS NULL)", name="held_by_a_unit"),
        CheckConstraint(
            "excluded_at IS NULL OR (credited_from IS NULL AND (excluded_by_id IS NULL OR excluded_by_id <> person_id))",
            name="excluded_uncounted",
        ),
        Index("ix_attendance_person", "person_id", "in_at"),
        Index("ix_attendance_shift", "shift_id", "person_id", "out_at"),
        Index("ix_attendance_held", "held_unit_id", "held_at", sqlite_where=HELD, postgresql_where=HELD),
        Index("ix_attendance_excluded_by", "excluded_by_id", sqlite_where=EXCLUDED, postgresql_where=EXCLUDED),
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
    excluded_at: Mapped[datetime | None]  # left out, or declared void: it counts nothing
    excluded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # NULL: late scans tell that there was no such spell
    held_at: Mapped[datetime | None]  # since when it waits for somebody to look
    held_for: Mapped[Rung | None] = mapped_column(stored(Rung, "held_for"))
    held_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    reminded_at: Mapped[datetime | None]  # when those whose turn it is were reminded


class AttendanceReason(Base):
    """Why somebody should look at a spell, as the door found it. With `holds` it kept the spell from counting until decided.

    `number` is the figure that belongs to the reason: people by one phone, minutes between two places, minutes late,
    minutes of the day. `other_id` is the other spell of a pair.
    """

    __tablename__ = "attendance_reason"

    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), primary_key=True, autoincrement=False)
    reason: Mapped[Reason] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    holds: Mapped[bool]
    number: Mapped[int | None]
    other_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))


class AttendanceDecision(Base):
    """Somebody decided about a spell: that it counts, or that it is left out. Final: one a spell, append-only.

    The database refuses a decision about oneself, and to open or hold a spell again that was decided about.
    """

    __tablename__ = "attendance_decision"
    __table_args__ = (Index("ix_attendance_decision_by", "made_by_id"), Index("ix_attendance_decision_made_at", "made_at"))

    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict]
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")


class Helper(Base):
    """请帮手: a signed-in volunteer who may work this shift's door until it ends."""

    __tablename__ = "helper"
    __table_args__ = (Index("uq_helper", "shift_id", "person_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
