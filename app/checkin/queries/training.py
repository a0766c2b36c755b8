"""Whether somebody was at a training: activities below ask for it, attendance is here."""

from collections.abc import Collection

from sqlalchemy import or_, select

from app.activities.models import Shift
from app.checkin.models import Attendance
from app.core.db import db


def came_to_one(person_id: int, activity_ids: Collection[int]) -> bool:
    """Whether the person has a spell at one of them that counts, or is there now."""
    found = (
        select(Attendance.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.person_id == person_id,
            Shift.activity_id.in_(activity_ids),
            or_(Attendance.credited_from.is_not(None), Attendance.out_at.is_(None)),
        )
    )
    return db.session.scalar(found.limit(1)) is not None
