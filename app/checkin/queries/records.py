"""What stands already about many people at once: before spells are recorded for them set-wise, or one is made void."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.activities.models import Activity, Shift
from app.checkin.models import Attendance, AttendanceDecision, Scan
from app.core.db import UtcDateTime, db, rows
from app.hours.models import HourEntry
from app.hours.rules import SourceKind
from app.people.queries import being


def recorded(shift_id: int, person_ids: Collection[int] | None = None) -> set[int]:
    """Who has a spell at this shift that is not void."""
    query = select(Attendance.person_id).where(Attendance.shift_id == shift_id, Attendance.excluded_at.is_(None))
    if person_ids is not None:
        query = query.where(Attendance.person_id.in_(person_ids))
    return set(db.session.execute(query).scalars())


def ids_at(shift_id: int, person_ids: Collection[int]) -> dict[int, int]:
    """person id → attendance id, for people who have one spell at this shift that is not void."""
    found = db.session.execute(
        select(Attendance.person_id, Attendance.id).where(
            Attendance.shift_id == shift_id, Attendance.person_id.in_(person_ids), Attendance.excluded_at.is_(None)
        )
    )
    return dict(found.all())


def credited_spans(person_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[tuple[datetime, datetime]]]:
    """The credited parts of other spells that touch the time from `start` to `end`, by person."""
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    for person_id, begin, finish in rows(_SPANS, person_ids=list(person_ids), start=start, end=end):
        if begin and finish:
            spans.setdefault(person_id, []).append((begin, finish))
    return spans


_SPANS = select(Attendance.person_id, Attendance.credited_from, Attendance.credited_to).where(
    Attendance.person_id.in_(bindparam("person_ids", expanding=True)),
    Attendance.credited_from < bindparam("end", type_=UtcDateTime),
    Attendance.credited_to > bindparam("start", type_=UtcDateTime),
)


def makers_of(attendance_id: int) -> set[int]:
    """Who made a record what it is, the person's own scans aside: who scanned, named, keyed in, approved or decided about it,

    and who organised or closed the activity. Each as it was written, and as who they are now.
    """
    ends: ColumnElement[bool] = or_(Scan.id == Attendance.in_scan_id, Scan.id == Attendance.out_scan_id)
    scanned = select(*_with_now(Scan.by_id)).join(Attendance, ends).where(Attendance.id == attendance_id)
    entries = select(*_with_now(HourEntry.made_by_id, HourEntry.approved_by_id)).where(
        HourEntry.source_kind == SourceKind.ATTENDANCE, HourEntry.source_id == attendance_id
    )
    activity = (
        select(*_with_now(Activity.created_by_id, Activity.contact_id, Activity.closed_by_id))
        .join(Shift, Shift.activity_id == Activity.id)
        .join(Attendance, and_(Attendance.shift_id == Shift.id, Attendance.id == attendance_id))
    )
    decided = select(*_with_now(AttendanceDecision.made_by_id)).where(AttendanceDecision.attendance_id == attendance_id)
    return {one for query in (scanned, entries, activity, decided) for row in db.session.execute(query) for one in row if one is not None}


def entry_makers(entry_id: int) -> set[int]:
    """The same of an entry of the ledger alone: who made it and who approved it."""
    query = select(*_with_now(HourEntry.made_by_id, HourEntry.approved_by_id)).where(HourEntry.id == entry_id)
    return {one for row in db.session.execute(query) for one in row if one is not None}


def _with_now(*who: InstrumentedAttribute[Any]) -> list[Any]:
    return [*who, *(being(one) for one in who)]
