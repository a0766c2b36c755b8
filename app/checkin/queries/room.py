"""Who came to a shift without a seat (现场来的), and whether there was room for them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from app.activities.models import Shift, Signup
from app.checkin.models import Attendance
from app.core.db import db, rows


def _seated(attendance: Any) -> ColumnElement[bool]:
    """The person of a spell has a seat in its shift."""
    seat = aliased(Signup)
    return (
        select(seat.id)
        .where(
            seat.shift_id == attendance.shift_id,
            seat.person_id == attendance.person_id,
            seat.seated_at.is_not(None),
            seat.withdrawn_at.is_(None),
        )
        .correlate(attendance)
        .exists()
    )


def walk_ins_of(shift_ids: Collection[int]) -> dict[int, int]:
    """How many people came to each shift without a seat; one query."""
    query = (
        select(Attendance.shift_id, func.count(Attendance.person_id.distinct()))
        .where(Attendance.shift_id.in_(shift_ids), Attendance.excluded_at.is_(None), ~_seated(Attendance))
        .group_by(Attendance.shift_id)
    )
    return dict(db.session.execute(query).all())


def beyond(attendance: Any, shift: Any) -> ColumnElement[bool]:
    """A spell of somebody without a seat, for whom there was no room when they came: those before them had taken it.

    Asked of the crowd only where the shift has a limit and the person no seat. `shift` is joined by the caller.
    """
    earlier = aliased(Attendance)
    before = (
        select(func.count(earlier.person_id.distinct()))
        .where(
            earlier.shift_id == attendance.shift_id,
            earlier.person_id != attendance.person_id,
            earlier.excluded_at.is_(None),
            or_(earlier.in_at < attendance.in_at, and_(earlier.in_at == attendance.in_at, earlier.id < attendance.id)),
            ~_seated(earlier),
        )
        .correlate(attendance)
        .scalar_subquery()
    )
    told: ColumnElement[bool] = case(
        (shift.capacity.is_(None), False), (_seated(attendance), False), else_=before >= shift.capacity - shift.taken
    )
    return told


_BEYOND = (
    select(beyond(Attendance, Shift))
    .select_from(Attendance)
    .join(Shift, Shift.id == Attendance.shift_id)
    .where(Attendance.in_scan_id == bindparam("scan"))
)


def came_beyond(scan_id: Any) -> bool:
    """Whether the check-in of this scan was of a walk-in beyond the seats; one query, for shifts that have a limit."""
    found = rows(_BEYOND, scan=scan_id)
    return bool(found and found[0][0])


def beyond_of(activity_id: int) -> set[int]:
    """The spells at an activity of walk-ins beyond the seats; one query."""
    query = select(Attendance.id).join(Shift, Shift.id == Attendance.shift_id)
    found = query.where(Shift.activity_id == activity_id, Attendance.excluded_at.is_(None), beyond(Attendance, Shift))
    return set(db.session.execute(found).scalars())
