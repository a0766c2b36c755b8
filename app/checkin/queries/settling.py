"""All that is known of one person at one activity, for telling their spells anew from their scans."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import or_, select

from app.activities.models import Shift
from app.checkin.folding import Fact, Fixed
from app.checkin.models import Attendance, AttendanceDecision, Scan
from app.checkin.rules import KEPT_FOR, Outcome, ShiftTimes, Way, takes_a_pair
from app.core import clock
from app.core.db import db

TIMES = (Shift.id, Shift.starts_at, Shift.ends_at, Shift.extended_to, Shift.break_minutes)
NAMED_BY_PEOPLE = frozenset({Way.ORGANISER, Way.PAPER})
NOTHING = frozenset({Outcome.STALE_CODE, Outcome.WRONG_WAY, Outcome.FORGED, Outcome.VISITOR, Outcome.NOT_OPEN, Outcome.UNDONE})


@dataclass(frozen=True)
class Kept:
    """A spell as it is recorded, made by scans and not decided about."""

    id: int
    shift_id: int
    in_at: datetime
    in_way: Way
    in_scan_id: UUID
    out_at: datetime | None
    out_way: Way | None
    out_scan_id: UUID | None
    credited_from: datetime | None
    credited_to: datetime | None


@dataclass(frozen=True)
class History:
    """`facts` are the scans that spells follow from; `undone` says which were taken back, and when."""

    facts: tuple[Fact, ...]
    undone: dict[UUID, datetime]
    kept: tuple[Kept, ...]
    fixed: tuple[Fixed, ...]
    void: tuple[Fixed, ...]
    elsewhere: dict[date, int]


def history(activity_id: int, person_id: int, around: datetime) -> History:
    """Three queries. `around` is a time whose day is counted too, as are the days of all scans here."""
    rows = _spells(activity_id, person_id)
    kept = [row for row, excluded_at, fixed in rows if excluded_at is None and not fixed]
    fixed = [row for row, excluded_at, fixed in rows if excluded_at is None and fixed]
    gone = [(row, excluded_at) for row, excluded_at, _ in rows if excluded_at is not None]
    scans = _scans(activity_id, person_id, [row for row, _, _ in rows])
    ids = {uuid5(scan.id, "undoing"): scan.id for scan in scans}
    undoings = [scan for scan in scans if scan.outcome is Outcome.UNDONE and scan.id in ids]
    undone = {ids[scan.id]: scan.at for scan in undoings}
    ends = {ids[scan.id] for scan in undoings if scan.way is Way.BUTTON}  # 撤销签退: of an end, also where it was told to be a check-in
    spent = {scan_id for row in fixed for scan_id in (row.in_scan_id, row.out_scan_id)}
    facts = [
        Fact(scan.id, scan.at, scan.way, scan.received_at, Outcome.OUT if scan.id in ends else scan.outcome, scan.shift_id)
        for scan in scans
        if _tells(scan) and scan.id not in spent
    ]
    said = {scan.id: scan.received_at for scan in scans if scan.way in NAMED_BY_PEOPLE}
    days = {clock.local_date(at) for at in [around, *(fact.at for fact in facts)]}
    return History(
        tuple(facts),
        undone,
        tuple(kept),
        tuple(_span(row, row.in_at, said) for row in fixed if row.out_at),
        tuple(_span(row, excluded_at, said) for row, excluded_at in gone if row.in_scan_id not in undone),
        _elsewhere(activity_id, person_id, days),
    )


def _tells(scan: Scan) -> bool:
    """Whether anything may follow from it: its code was good, the door stood open, and it did not come days late."""
    too_old = scan.outcome is Outcome.TOO_LATE and scan.received_at - scan.at > KEPT_FOR
    return scan.outcome not in NOTHING and scan.way is not Way.PAPER and not too_old


def _span(row: Kept, else_until: datetime, said: Mapping[UUID, datetime]) -> Fixed:
    """From when until when a spell that people made or left out lasted; one that nobody ended, until it was left out."""
    ended = row.out_at if row.out_at is not None and row.out_at > row.in_at else else_until
    return Fixed(row.shift_id, row.in_at, ended, said.get(row.out_scan_id) if row.out_scan_id else None)


def _spells(activity_id: int, person_id: int) -> list[tuple[Kept, datetime | None, bool]]:
    """Each with when it was left out, and whether people made it or decided about it."""
    found = db.session.execute(
        select(
            Attendance.id,
            Attendance.shift_id,
            Attendance.in_at,
            Attendance.in_way,
            Attendance.in_scan_id,
            Attendance.out_at,
            Attendance.out_way,
            Attendance.out_scan_id,
            Attendance.credited_from,
            Attendance.credited_to,
            Attendance.excluded_at,
            Attendance.excluded_by_id,
            AttendanceDecision.attendance_id,
        )
        .join(Shift, Shift.id == Attendance.shift_id)
        .outerjoin(AttendanceDecision, AttendanceDecision.attendance_id == Attendance.id)
        .where(Shift.activity_id == activity_id, Attendance.person_id == person_id)
        .order_by(Attendance.in_at, Attendance.id)
    )
    rows = [tuple(row) for row in found]
    return [
        (Kept(*row[:10]), row[10], row[12] is not None or Way.PAPER in {row[3], row[6]})
        for row in rows
        if row[10] is None or row[11] is not None  # one that was left out by nobody's decision tells nothing
    ]


def _scans(activity_id: int, person_id: int, spells: Sequence[Kept]) -> list[Scan]:
    """Theirs, and those of a walk-in who turned out to be them."""
    ends = {scan_id for row in spells for scan_id in (row.in_scan_id, row.out_scan_id) if scan_id}
    return list(
        db.session.scalars(select(Scan).where(Scan.activity_id == activity_id, or_(Scan.person_id == person_id, Scan.id.in_(ends))))
    )


def _elsewhere(activity_id: int, person_id: int, days: set[date]) -> dict[date, int]:
    """Their spells of those days at other activities, those that take a pair."""
    begin, end = clock.at_local(min(days)), clock.at_local(max(days) + timedelta(days=1))
    found = db.session.execute(
        select(Attendance.in_at, Attendance.out_at, *TIMES)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.person_id == person_id,
            Shift.activity_id != activity_id,
            Attendance.in_at >= begin,
            Attendance.in_at < end,
            Attendance.excluded_at.is_(None),
        )
    )
    spells = [(row.in_at, row.out_at, ShiftTimes(row.id, row.starts_at, row.ends_at, row.extended_to, row.break_minutes)) for row in found]
    return Counter(clock.local_date(in_at) for in_at, out_at, times in spells if takes_a_pair(times, in_at, out_at))
