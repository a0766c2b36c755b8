"""What an organiser sets up for the door of one activity: gates, the code of the day, the fence."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Gate(Base):
    """A gate of an activity. Its number stands in the address of its posters, so it never changes and is never given again.

    A closed gate is no longer offered; what was scanned there stays, and its posters still check in.
    """

    __tablename__ = "gate"
    __table_args__ = (
        UniqueConstraint("activity_id", "number", name="uq_gate"),
        CheckConstraint("number BETWEEN 1 AND 99", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]


class DoorRule(Base):
    """What is asked at the door beyond the code, both off without it. `day_code_at`: since when a code of the day is asked.

    The fence is the venue's place in millionths of a degree (never a person's) and how far around it counts as there.
    """

    __tablename__ = "door_rule"
    __table_args__ = (
        CheckConstraint("(latitude_e6 IS NULL) = (metres IS NULL) AND (longitude_e6 IS NULL) = (metres IS NULL)", name="fence"),
        CheckConstraint("metres BETWEEN 50 AND 2000", name="metres"),
        CheckConstraint("latitude_e6 BETWEEN -90000000 AND 90000000", name="latitude"),
        CheckConstraint("longitude_e6 BETWEEN -180000000 AND 180000000", name="longitude"),
    )

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True, autoincrement=False)
    day_code_at: Mapped[datetime | None]
    latitude_e6: Mapped[int | None]
    longitude_e6: Mapped[int | None]
    metres: Mapped[int | None]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
