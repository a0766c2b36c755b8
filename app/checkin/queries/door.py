"""All that one scan depends on, in one query of columns, since a queue may be waiting."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift, Signup
from app.activities.rules import ActivityKind
from app.checkin.models import Attendance, Scan
from app.checkin.queries.pairs import takes_a_pair
from app.checkin.rules import Decision, OpenSpell, Outcome, ShiftTimes, Way, judge
from app.core import clock
from app.core.db import UtcDateTime, rows
from app.people.models import Person


@dataclass(frozen=True)
class Door:
    """All that a scan of one person at one activity depends on, as it stands now.

    `is_open` admits; `lets_out` still ends spells (closed, not cancelled). `seen` is the content and the
    person of a scan that already has this id. Nothing here grows with the crowd: the queue stays as short at the 3,000th.
    """

    activity_id: int
    title: str
    kind: ActivityKind
    unit_id: int
    is_open: bool
    lets_out: bool
    person_name: str
    confirmed: bool
    shifts: tuple[ShiftTimes, ...]
    names: dict[int, str]
    signed_up: frozenset[int]
    spells: tuple[OpenSpell, ...]
    ways: dict[int, Way]  # of the open spells, by attendance
    left: dict[int, datetime]  # shift → when they last left it
    crowded: frozenset[int]  # shifts with a limit where they have no seat
    spells_today: int  # that take one of the day's three pairs
    seen: tuple[str, int | None] | None
    newest: datetime | None  # the latest time of their scans here that are recorded already, of an end that people name when they did
    became_id: int | None = None  # their record was merged into this one


def _select(person: Any) -> Select[*tuple[Any, ...]]:
    """`person` is the one who scans: a bound id, or Person.id for many at once."""
    earlier, theirs, pair, pair_shift = aliased(Attendance), aliased(Scan), aliased(Attendance), aliased(Shift)
    today = (
        select(func.count())
        .select_from(pair)
        .join(pair_shift, pair_shift.id == pair.shift_id)
        .where(
            pair.person_id == person,
            pair.in_at >= bindparam("midnight", type_=UtcDateTime),
            pair.in_at < bindparam("next_midnight", type_=UtcDateTime),
            pair.excluded_at.is_(None),
            takes_a_pair(pair, pair_shift),
        )
    )
    known_of = case((or_(theirs.way == Way.ORGANISER, theirs.way == Way.PAPER), theirs.received_at), else_=theirs.at)
    newest = select(func.max(known_of, type_=UtcDateTime)).where(theirs.person_id == person, theirs.activity_id == bindparam("activity_id"))
    left = select(func.max(earlier.out_at, type_=UtcDateTime)).where(
        earlier.shift_id == Shift.id, earlier.person_id == person, earlier.excluded_at.is_(None)
    )
    return (
        select(
            Activity.title,
            Activity.kind,
            Activity.unit_id,
            Activity.published_at,
            Activity.cancelled_at,
            Activity.closed_at,
            Person.name,
            Person.confirmed_at,
            Shift.id,
            Shift.name,
            Shift.starts_at,
            Shift.ends_at,
            Shift.extended_to,
            Shift.break_minutes,
            Attendance.id,
            Attendance.in_at,
            Attendance.in_way,
            Signup.id,
            today.correlate(Person).scalar_subquery(),
            Scan.content,
            Scan.person_id,
            left.correlate(Shift, Person).scalar_subquery(),
            newest.correlate(Person).scalar_subquery(),
            Person.id,
            Shift.capacity,
            Signup.seated_at,
            Person.became_id,
        )
        .select_from(Activity)
        .join(Person, Person.id == person if person is not Person.id else Person.id.in_(bindparam("people", expanding=True)))
        .outerjoin(Shift, Shift.activity_id == Activity.id)
        .outerjoin(Attendance, and_(Attendance.shift_id == Shift.id, Attendance.person_id == person, Attendance.out_at.is_(None)))
        .outerjoin(Signup, and_(Signup.shift_id == Shift.id, Signup.person_id == person, Signup.withdrawn_at.is_(None)))
        .outerjoin(Scan, Scan.id == bindparam("scan_id"))
        .where(Activity.id == bindparam("activity_id"))
    )


_DOOR, _DOORS = _select(bindparam("person_id")), _select(Person.id)


def door(activity_id: int, person_id: int, scan_id: UUID, at: datetime) -> Door | None:
    """As it stands for a scan made at `at`. None when the activity or the person does not exist."""
    midnight = clock.at_local(clock.local_date(at))
    found = rows(
        _DOOR, activity_id=activity_id, person_id=person_id, scan_id=scan_id, midnight=midnight, next_midnight=midnight + timedelta(days=1)
    )
    return _read(activity_id, found) if found else None


def doors(activity_id: int, person_ids: Collection[int], at: datetime) -> dict[int, Door]:
    """Of several people, as it stands for a scan at `at`, by person; one query."""
    midnight = clock.at_local(clock.local_date(at))
    values = {"people": list(person_ids), "scan_id": uuid4(), "midnight": midnight, "next_midnight": midnight + timedelta(days=1)}
    found: dict[int, list[Any]] = {}
    for row in rows(_DOORS, activity_id=activity_id, **values):
        found.setdefault(row[23], []).append(row)
    return {person_id: _read(activity_id, theirs) for person_id, theirs in found.items()}


def _read(activity_id: int, found: Sequence[Any]) -> Door:
    first = tuple(found[0])
    shifts: dict[int, ShiftTimes] = {}
    names, signed_up, crowded, spells, ways, left = {}, set(), set(), [], {}, {}
    for row in found:
        shift_id, name, starts_at, ends_at, extended_to, pause, attendance_id, in_at, in_way, signup_id = tuple(row)[8:18]
        if shift_id is None:
            continue
        shifts[shift_id] = ShiftTimes(shift_id, starts_at, ends_at, extended_to, pause)
        names[shift_id] = name
        if row[24] is not None and row[25] is None:
            crowded.add(shift_id)
        if signup_id is not None:
            signed_up.add(shift_id)
        if attendance_id is not None:
            spells.append(OpenSpell(attendance_id, shift_id, in_at))
            ways[attendance_id] = in_way
        if row[21] is not None:
            left[shift_id] = row[21]
    return Door(
        activity_id=activity_id,
        title=first[0],
        kind=first[1],
        unit_id=first[2],
        is_open=first[3] is not None and first[4] is None and first[5] is None,
        lets_out=first[3] is not None and first[4] is None,
        person_name=first[6],
        confirmed=first[7] is not None,
        shifts=tuple(shifts.values()),
        names=names,
        signed_up=frozenset(signed_up),
        spells=tuple(spells),
        ways=ways,
        left=left,
        crowded=frozenset(crowded),
        spells_today=first[18],
        seen=(first[19], first[20]) if first[19] is not None else None,
        newest=first[22],
        became_id=first[26],
    )


def meant(door: Door, at: datetime, *, leaving: bool = False) -> Decision:
    """What a good code means here at `at`, as it stands; `leaving` is the explicit 现在签退."""
    if not door.lets_out:
        return Decision(Outcome.NOT_OPEN, None)
    decision = judge(
        list(door.shifts),
        signed_up=door.signed_up,
        spells=list(door.spells),
        left=door.left,
        spells_today=door.spells_today,
        at=at,
        leaving=leaving,
    )
    if decision.outcome in (Outcome.IN, Outcome.OUT) and not door.is_open:
        return Decision(Outcome.NOT_OPEN, None)
    if decision.outcome is Outcome.IN and not door.confirmed:
        return replace(decision, outcome=Outcome.PENDING)
    return decision


@dataclass(frozen=True)
class DoorTimes:
    """When an activity's door is open, for those whose name nobody asks."""

    is_open: bool
    shifts: tuple[ShiftTimes, ...]


def door_times(activity_id: int) -> DoorTimes:
    found = rows(_TIMES, activity_id=activity_id)
    shifts = tuple(ShiftTimes(*tuple(row)[3:]) for row in found if row[3] is not None)
    published, cancelled, closed = tuple(found[0])[:3] if found else (None, None, None)
    return DoorTimes(published is not None and cancelled is None and closed is None, shifts)


_TIMES = (
    select(
        Activity.published_at,
        Activity.cancelled_at,
        Activity.closed_at,
        Shift.id,
        Shift.starts_at,
        Shift.ends_at,
        Shift.extended_to,
        Shift.break_minutes,
    )
    .outerjoin(Shift, Shift.activity_id == Activity.id)
    .where(Activity.id == bindparam("activity_id"))
)
