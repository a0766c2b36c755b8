"""What the database knows about spells that ended, before they count: the scans of both ends, other spells, the day's minutes.

The first two are asked at every sign-out, one statement each, built once.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, func, or_, select, union
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift
from app.checkin.fence import Fence
from app.checkin.models import Attendance, Helper, Scan
from app.checkin.queries.kin import kin
from app.checkin.queries.room import beyond
from app.checkin.reasons import Evidence, Limits, Reason, Rung, Stay, late_minutes
from app.checkin.rules import MACHINE, Outcome
from app.core.db import UtcDateTime, db, rows
from app.hours.models import HourEntry
from app.people.models import Person, Unit, UnitAncestry
from app.people.queries import being, holds_on, records_of
from app.people.rules import UnitKind
from app.settings import queries as settings

SETTING = "long_day"  # {"parent_minutes": 480, "subdistrict_minutes": 720}
MOVES = (Outcome.IN, Outcome.PENDING, Outcome.OUT)
_came, _went = aliased(Scan), aliased(Scan)


def _people(end: Any) -> ScalarSelect[int]:
    """How many different people this phone moved in or out here, by their own hand; 0 for a scan made for somebody else."""
    other = aliased(Scan)
    return (
        select(func.count(other.person_id.distinct()))
        .where(
            other.device_hash == end.device_hash,
            other.activity_id == end.activity_id,
            other.person_id.is_not(None),
            other.by_id.is_(None),
            other.outcome.in_(MOVES),
            end.by_id.is_(None),
        )
        .correlate(end)
        .scalar_subquery()
    )


# Who works here takes no seat, and of a newcomer who was confirmed since somebody has looked already.
_helps = select(Helper.id).join(_helped := aliased(Shift), _helped.id == Helper.shift_id)
_works_here = or_(
    Activity.created_by_id == Attendance.person_id,
    Activity.contact_id == Attendance.person_id,
    _helps.where(_helped.activity_id == Activity.id, Helper.person_id == Attendance.person_id).correlate(Activity, Attendance).exists(),
)
_EVIDENCE = (
    select(
        Attendance.id,
        Activity.place_text,
        _came.way,
        _came.at,
        _came.received_at,
        _went.way,
        _went.at,
        _went.received_at,
        _people(_came),
        _people(_went),
        _came.fence,
        _went.fence,
        _came.by_id,
        _went.by_id,
        Activity.closed_at,
        and_(beyond(Attendance, Shift), Person.confirmed_at <= Attendance.in_at, ~_works_here),
    )
    .join(Person, Person.id == Attendance.person_id)
    .join(Shift, Shift.id == Attendance.shift_id)
    .join(Activity, Activity.id == Shift.activity_id)
    .join(_came, _came.id == Attendance.in_scan_id)
    .outerjoin(_went, _went.id == Attendance.out_scan_id)
    .where(Attendance.id.in_(bindparam("spells", expanding=True)))
)


def evidence(attendance_ids: Collection[int]) -> dict[int, Evidence]:
    """What the scans of both ends of each spell say; one query."""
    found = {}
    for row in rows(_EVIDENCE, spells=list(attendance_ids)):
        id_, place, in_way, in_at, in_received, out_way, out_at, out_received, by_in, by_out, fence_in, fence_out, *who = row
        namer_in, namer_out, closed_at, is_beyond = who
        late = [late_minutes(in_at, in_received)] if in_way in MACHINE else []
        late += [late_minutes(out_at, out_received)] if out_way in MACHINE else []
        named = namer_out if out_way is not None and out_way not in MACHINE else namer_in if in_way not in MACHINE else None
        outside = Fence.OUTSIDE in (fence_in, fence_out)
        found[id_] = Evidence(place, max(by_in, by_out, 1), max(late, default=0), outside, named, bool(is_beyond), closed_at is not None)
    return found


def others(person_ids: Collection[int], start: datetime, end: datetime) -> dict[int, list[Stay]]:
    """The credited spells of these people that touch the time from `start` to `end`, by person; one query."""
    found: dict[int, list[Stay]] = {}
    for person_id, id_, activity_id, place, in_at, out_at, begin, finish in rows(_OTHERS, people=list(person_ids), start=start, end=end):
        minutes = int((finish - begin).total_seconds() // 60)
        found.setdefault(person_id, []).append(Stay(id_, activity_id, place, in_at, out_at, begin, finish, minutes))
    return found


_OTHERS = (
    select(
        Attendance.person_id,
        Attendance.id,
        Shift.activity_id,
        Activity.place_text,
        Attendance.in_at,
        Attendance.out_at,
        Attendance.credited_from,
        Attendance.credited_to,
    )
    .join(Shift, Shift.id == Attendance.shift_id)
    .join(Activity, Activity.id == Shift.activity_id)
    .where(
        Attendance.person_id.in_(bindparam("people", expanding=True)),
        Attendance.credited_from < bindparam("end", type_=UtcDateTime),
        Attendance.credited_to > bindparam("start", type_=UtcDateTime),
    )
)


def minutes_on(person_ids: Collection[int], days: Collection[date]) -> dict[tuple[int, date], int]:
    """Minutes in the ledger, of any kind and class, by person and day."""
    found = db.session.execute(
        select(HourEntry.person_id, HourEntry.served_on, func.sum(HourEntry.minutes))
        .where(HourEntry.person_id.in_(person_ids), HourEntry.served_on.in_(days))
        .group_by(HourEntry.person_id, HourEntry.served_on)
    )
    return {(person_id, day): int(minutes) for person_id, day, minutes in found}


def limits() -> Limits:
    """The limits in force here; read at most once a request."""
    default = Limits()
    value = settings.value(SETTING, {"parent_minutes": default.parent, "subdistrict_minutes": default.subdistrict})
    return Limits(int(value["parent_minutes"]), int(value["subdistrict_minutes"]))


def works_at(person_id: int) -> ColumnElement[bool]:
    """Somebody organises or helps at an activity (Activity in the enclosing statement), under whichever record."""
    mine = records_of(person_id)
    helps = select(Helper.id).join(Shift, Shift.id == Helper.shift_id).where(Shift.activity_id == Activity.id, Helper.person_id.in_(mine))
    return or_(organises(person_id), helps.correlate(Activity).exists())


def organises(person: Any) -> ColumnElement[bool]:
    """Somebody (an id, or a column) made an activity or is its contact, under whichever record."""
    return or_(_is(Activity.created_by_id, person), _is(Activity.contact_id, person))


def settles(person: Any) -> ColumnElement[bool]:
    """Somebody closed an activity, or organised one that is closed: what is left takes another person. Arguments as `organises`."""
    return and_(Activity.closed_at.is_not(None), or_(_is(Activity.closed_by_id, person), organises(person)))


def _is(who: Any, person: Any) -> ColumnElement[bool]:
    """False for nobody. Records of one id are looked up once, not for each row."""
    return func.coalesce(who, 0).in_(records_of(person)) if isinstance(person, int) else func.coalesce(being(who), 0) == person


def _staff_of(activity_id: int) -> Select[int]:
    """Who organises or helps at an activity, as who they are now; asked once a statement."""
    one = aliased(Person)
    organise = [select(column).where(Activity.id == activity_id) for column in (Activity.created_by_id, Activity.contact_id)]
    helps = select(Helper.person_id).join(Shift, Shift.id == Helper.shift_id).where(Shift.activity_id == activity_id)
    return select(func.coalesce(one.became_id, one.id)).where(one.id.in_(union(*organise, helps)))


def close_to(activity_id: int, person_ids: Collection[int]) -> dict[int, Reason]:
    """Of these people, those who organise or help at the activity, and relatives of those who do; one query."""
    staff = aliased(Person)
    found = db.session.execute(
        select(Person.id, staff.id)
        .select_from(Person)
        .join(staff, staff.id.in_(_staff_of(activity_id)))
        .where(Person.id.in_(person_ids), or_(staff.id == Person.id, kin(staff.id, Person.id)))
    )
    reasons: dict[int, Reason] = {}
    for person_id, staff_id in found:
        if person_id == staff_id:
            reasons[person_id] = Reason.STAFF
        else:
            reasons.setdefault(person_id, Reason.KIN)
    return reasons


def units_for(unit_id: int, day: date) -> dict[Rung, int]:
    """Whose deciders are asked at each rung. A unit with nothing above it decides for itself."""
    above = db.session.execute(
        select(UnitAncestry.ancestor_id, UnitAncestry.depth, Unit.kind)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id == unit_id, UnitAncestry.depth > 0, holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth)
    ).all()
    parent = above[0].ancestor_id if above else unit_id
    top = next((row.ancestor_id for row in above if row.kind is UnitKind.SUBDISTRICT), above[-1].ancestor_id if above else unit_id)
    return {Rung.ORGANISER: unit_id, Rung.PARENT: parent, Rung.SUBDISTRICT: top}
