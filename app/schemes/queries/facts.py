"""What happened that gives points without hours: 组织生活 and other activities that somebody attended."""

from typing import Any

from sqlalchemy import Date, and_, case, cast, func, literal, select, type_coerce, union_all

from app.activities.models import Activity, Shift
from app.activities.rules import ActivityKind
from app.checkin.models import Attendance
from app.checkin.rules import MACHINE
from app.core.db import is_sqlite
from app.hours.rules import Period, SourceKind
from app.points.cap_queries import caps_on
from app.points.models import PointEntry
from app.points.rules import SchemeKind

WITHOUT_HOURS = (ActivityKind.PARTY_LIFE, ActivityKind.OTHER)


def local_day(instant: Any) -> Any:
    """The day of an instant in Guicheng, by the database."""
    if is_sqlite():
        return type_coerce(func.date(instant, "+8 hours"), Date)
    return cast(instant + func.make_interval(0, 0, 0, 0, 8), Date)


def other_facts(kind: SchemeKind, span: Period, mine: Any) -> Any:
    """person_id, served_on, cap_on, kind, sign, scanned: each once, taken back ones with their opposite; `cap_on` is never NULL.

    Those that gave points under the scheme are known by their entries; of others, those that stand are counted on their own day.
    """
    e = PointEntry
    counts = func.coalesce(e.counted_on, e.served_on)
    sign = case((e.reverses_id.is_(None), 1), else_=-1)
    booked = (
        select(e.person_id, e.source_id, e.served_on, caps_on(e).label("cap_on"), Activity.kind, sign.label("sign"), _scanned())
        .join(Activity, Activity.id == e.activity_id)
        .join(Attendance, Attendance.id == e.source_id)
        .where(e.scheme_kind == kind, e.source_kind == SourceKind.ATTENDANCE, Activity.kind.in_(WITHOUT_HOURS))
        .where(e.served_on >= span.first, counts <= span.last, mine(e.person_id))
        .group_by(e.person_id, e.source_id, e.generation, e.served_on, caps_on(e), Activity.kind, sign, *_ways())
    )
    given = (e.scheme_kind == kind, e.source_kind == SourceKind.ATTENDANCE, e.served_on >= span.first)
    known = select(e.source_id).where(*given, mine(e.person_id))
    day = local_day(Attendance.credited_from)
    silent = (
        select(Attendance.person_id, Attendance.id, day, day, Activity.kind, literal(1), _scanned())
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Activity.kind.in_(WITHOUT_HOURS), Attendance.credited_from.is_not(None), day.between(span.first, span.last))
        .where(Attendance.id.not_in(known), mine(Attendance.person_id))
    )
    return union_all(booked, silent).subquery()


def _scanned() -> Any:
    return and_(*(way.in_(MACHINE) for way in _ways())).label("scanned")


def _ways() -> tuple[Any, Any]:
    return Attendance.in_way, Attendance.out_way
