"""What closing an activity asks of its attendance: who came, what stands in the ledger, who may still sign out."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select

from app.activities.models import Activity, Shift
from app.activities.outcomes import Attended
from app.checkin.models import Attendance, Scan
from app.checkin.queries.scans import visitors
from app.checkin.queries.spells import credited
from app.checkin.rules import LEAVE_AFTER
from app.core.db import db
from app.hours.rules import HourClass
from app.people.queries import being, records_of

_END = func.coalesce(Shift.extended_to, Shift.ends_at)


def attended(activity_id: int) -> Attended:
    """Sums without a name: people who came and were not left out, minutes that stand. Two queries."""
    came = select(func.count(Attendance.person_id.distinct())).join(Shift, Shift.id == Attendance.shift_id)
    people = db.session.scalar(came.where(Shift.activity_id == activity_id, Attendance.excluded_at.is_(None))) or 0
    minutes = credited(activity_id)
    return Attended(people, minutes.get(HourClass.CREDIT, 0), minutes.get(HourClass.HONOUR, 0))


def came(activity_id: int) -> int:
    """到场人次, approximate: visitors by phone and those who were checked in."""
    return attended(activity_id).people + visitors(activity_id)


def leaving(activity_id: int, now: datetime) -> tuple[int, datetime | None]:
    """How many are still in who may sign out by themselves, and until when the last of them may."""
    query = (
        select(func.count(Attendance.id), func.max(_END))
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(Shift.activity_id == activity_id, Attendance.out_at.is_(None), now - LEAVE_AFTER <= _END)
    )
    number, last_end = db.session.execute(query).one()
    return int(number), last_end + LEAVE_AFTER if last_end else None


def closed_at(activity_id: int) -> datetime | None:
    return db.session.scalar(select(Activity.closed_at).where(Activity.id == activity_id))


def settlers(activity_id: int) -> set[int]:
    """Who organised and who closed an activity, as who they are now; see `looking.settles`."""
    who = (being(one) for one in (Activity.created_by_id, Activity.contact_id, Activity.closed_by_id))
    row = db.session.execute(select(*who).where(Activity.id == activity_id))
    return {person_id for person_id in row.one() if person_id is not None}


def made_for(activity_id: int, person_ids: Collection[int], by_id: int) -> bool:
    """Whether somebody, under whichever record, scanned or named an end of a spell of one of these people at a closed activity."""
    ends = or_(Scan.id == Attendance.in_scan_id, Scan.id == Attendance.out_scan_id)
    query = (
        select(Attendance.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Scan, ends)
        .where(Activity.id == activity_id, Activity.closed_at.is_not(None), Attendance.person_id.in_(person_ids))
        .where(Scan.by_id.in_(records_of(by_id)))
    )
    return db.session.scalar(query.limit(1)) is not None
