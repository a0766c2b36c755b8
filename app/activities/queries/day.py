"""The seats that somebody has on the days of an activity, and the limit of a day."""

from datetime import timedelta

from sqlalchemy import select

from app.activities.day_rules import PARENT_MINUTES, SETTING, FullDay, Seat, full_day
from app.activities.models import Activity, Shift, Signup
from app.activities.queries.activities import last_end
from app.activities.queries.rows import ShiftRow
from app.activities.rules import ActivityKind, double50_badge, shift_minutes
from app.core import clock
from app.core.db import db
from app.settings import queries as settings


def limit() -> int:
    """Minutes of one day above which the parent unit decides; read at most once a request."""
    return int(settings.value(SETTING, {"parent_minutes": PARENT_MINUTES})["parent_minutes"])


def full_days(person_id: int, kind: ActivityKind, shifts: list[ShiftRow]) -> dict[int, FullDay]:
    """shift id → what would be too much on its day, were the person there too; two queries at most."""
    if not shifts:
        return {}
    held, most = _seats(person_id, shifts), limit()
    found = ((shift.id, full_day(held, seat_of(shift, kind), most)) for shift in shifts)
    return {shift_id: full for shift_id, full in found if full is not None}


def seat_of(shift: ShiftRow, kind: ActivityKind) -> Seat:
    return Seat(shift.id, shift.starts_at, shift.last_end, shift.minutes if double50_badge(kind) else 0)


def _seats(person_id: int, shifts: list[ShiftRow]) -> list[Seat]:
    """Seats that are sure, of activities that are held; from the first day of the shifts to the last."""
    days = [clock.local_date(shift.starts_at) for shift in shifts]
    begin, end = clock.at_local(min(days)), clock.at_local(max(days) + timedelta(days=1))
    rows = db.session.execute(
        select(Shift.id, Shift.starts_at, last_end, Shift.break_minutes, Activity.kind)
        .join(Signup, Signup.shift_id == Shift.id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Signup.person_id == person_id,
            Signup.withdrawn_at.is_(None),
            Signup.seated_at.is_not(None),
            Activity.cancelled_at.is_(None),
            Shift.starts_at >= begin,
            Shift.starts_at < end,
        )
        .order_by(Shift.starts_at, Shift.id)
    )
    return [
        Seat(id_, starts_at, ends_at, shift_minutes(starts_at, ends_at, pause) if double50_badge(kind) else 0)
        for id_, starts_at, ends_at, pause, kind in rows
    ]
