"""Whether somebody was at a training: activities below ask for it, attendance is here."""

from collections.abc import Collection

from sqlalchemy import Select, or_, select

from app.activities.models import Shift
from app.checkin.models import Attendance
from app.core.db import db


def came_to_one(person_id: int, activity_ids: Collection[int]) -> bool:
    """Whether the person has a spell at one of them that counts, or is there now."""
    return db.session.scalar(_came([person_id], activity_ids).limit(1)) is not None


def came_among(person_ids: Collection[int], activity_ids: Collection[int]) -> set[int]:
    """Those of them who have; one query."""
    return set(db.session.scalars(_came(person_ids, activity_ids).distinct()))


def _came(person_ids: Collection[int], activity_ids: Collection[int]) -> Select[int]:
    return (
        select(Attendance.person_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.person_id.in_(person_ids),
            Shift.activity_id.in_(activity_ids),
            or_(Attendance.credited_from.is_not(None), Attendance.out_at.is_(None)),
        )
    )
