"""Names that may be shown of an activity: masked, of those who agreed, gone with their consent. Everybody else is a number."""

from datetime import date, timedelta

from sqlalchemy import func, select

from app.activities.models import Shift
from app.activities.outcomes import Credits
from app.checkin.models import Attendance
from app.core import clock
from app.core.db import db
from app.people.models import Person
from app.people.naming import mask_name
from app.people.queries import agreed, agreed_at
from app.people.rules import ConsentKind

LATEST = 3  # names on a screen
MOST_CREDITS = 60  # names in a result; the rest is counted


def arrivals(activity_id: int, day: date) -> list[str]:
    """Who of those that agreed to the big screen came last on a day, the latest first. One query."""
    came = func.min(Attendance.in_at)
    rows = db.session.execute(
        select(Person.name)
        .join(Attendance, Attendance.person_id == Person.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Shift.activity_id == activity_id,
            Attendance.excluded_at.is_(None),
            Attendance.in_at >= clock.at_local(day),
            Person.id.in_(agreed(ConsentKind.BIG_SCREEN, day)),
        )
        .group_by(Person.id, Person.name)
        .order_by(came.desc(), Person.id.desc())
        .limit(LATEST)
    )
    return [mask_name(name) for (name,) in rows]


def credits(activity_id: int, on: date, today: date) -> Credits:
    """Those who came, agreed to be credited by the end of that day and still agree, in the order in which they came. One query."""
    rows = db.session.execute(
        select(Person.name, func.count().over())
        .join(Attendance, Attendance.person_id == Person.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Shift.activity_id == activity_id,
            Attendance.excluded_at.is_(None),
            Person.id.in_(agreed_at(ConsentKind.NAMED_CREDIT, clock.at_local(on + timedelta(days=1)))),
            Person.id.in_(agreed(ConsentKind.NAMED_CREDIT, today)),
        )
        .group_by(Person.id, Person.name)
        .order_by(func.min(Attendance.in_at), Person.id)
        .limit(MOST_CREDITS)
    ).all()
    return Credits(tuple(mask_name(name) for name, _ in rows), rows[0][1] if rows else 0)
