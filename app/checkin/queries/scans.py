"""A scan as its page shows it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, or_, select

from app.activities.models import Activity, Shift, Signup
from app.checkin.models import Attendance, Scan
from app.checkin.rules import LEAVE_AFTER, OPENS_BEFORE, UNDO_FOR, Outcome, ShiftTimes, Way, count, is_machine
from app.core.db import db, is_sqlite, rows
from app.crediting.rules import HOUR_KIND
from app.hours.rules import HourClass
from app.people.models import Person


@dataclass(frozen=True)
class ScanView:
    """A scan as its page shows it. `minutes` is None until the spell is counted; 0 is 时间太短."""

    scan_id: UUID
    outcome: Outcome
    way: Way
    at: datetime
    activity_id: int
    title: str
    code: str
    person_id: int | None = None
    person_name: str | None = None
    shift_name: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    opens_at: datetime | None = None
    attendance_id: int | None = None
    in_at: datetime | None = None
    out_at: datetime | None = None
    out_scan_id: UUID | None = None
    excluded: bool = False  # the spell was left out, or its check-in was undone
    minutes: int | None = None
    review: bool = False
    counts: bool = True  # whether this kind of activity gives hours at all
    hour_class: HourClass | None = None
    confirmed: bool = True
    day_code: bool | None = None  # False: the code of the day was wrong, which is why
    next_shift: tuple[str, datetime, datetime] | None = (
        None  # after leaving, one more that they signed up for: name, start, scan from then on
    )

    @property
    def undo_until(self) -> datetime | None:
        """Until when 撤销签退 is offered: ten minutes, and while one may still leave."""
        if self.out_at is None or self.ends_at is None:
            return None
        return min(self.out_at + UNDO_FOR, self.ends_at + LEAVE_AFTER)


def scan_view(scan_id: UUID) -> ScanView | None:
    """One scan with its activity, shift, spell and credit; one query."""
    row = db.session.execute(
        select(Scan, Activity.title, Activity.code, Activity.kind, Person.name, Person.confirmed_at, Shift)
        .join(Activity, Activity.id == Scan.activity_id)
        .outerjoin(Person, Person.id == Scan.person_id)
        .outerjoin(Shift, Shift.id == Scan.shift_id)
        .where(Scan.id == scan_id)
    ).one_or_none()
    if row is None:
        return None
    scan, title, code, kind, name, confirmed_at, shift = row
    view = ScanView(
        scan_id=scan.id,
        outcome=scan.outcome,
        way=scan.way,
        at=scan.at,
        activity_id=scan.activity_id,
        title=title,
        code=code,
        person_id=scan.person_id,
        person_name=name,
        confirmed=confirmed_at is not None or scan.person_id is None,
        counts=kind in HOUR_KIND,
        day_code=scan.day_code,
    )
    if shift is not None:
        view = replace(view, shift_name=shift.name, starts_at=shift.starts_at, ends_at=shift.extended_to or shift.ends_at)
    else:
        view = replace(view, opens_at=next_opening(scan.activity_id, scan.at))
    spell = _spell_of(scan)
    view = _with_spell(view, spell, shift) if spell else view
    if view.person_id is None or view.out_at is None or view.outcome not in {Outcome.OUT, Outcome.ALREADY_OUT}:
        return view
    return replace(view, next_shift=_next_shift(view.activity_id, view.person_id, view.out_at))


def _next_shift(activity_id: int, person_id: int, out_at: datetime) -> tuple[str, datetime, datetime] | None:
    """As `after_leaving`, for a page that is opened later."""
    here = select(Attendance.id).where(Attendance.shift_id == Shift.id, Attendance.person_id == person_id, Attendance.excluded_at.is_(None))
    row = db.session.execute(
        select(Shift.name, Shift.starts_at)
        .join(Signup, and_(Signup.shift_id == Shift.id, Signup.person_id == person_id, Signup.withdrawn_at.is_(None)))
        .where(Shift.activity_id == activity_id, func.coalesce(Shift.extended_to, Shift.ends_at) > out_at, ~here.exists())
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    ).one_or_none()
    return after_leaving(row.name, row.starts_at, out_at) if row else None


def after_leaving(name: str, starts_at: datetime, out_at: datetime) -> tuple[str, datetime, datetime]:
    """The next shift of who left at `out_at`: its name, its start, and from when on a scan checks in to it."""
    return name, starts_at, max(out_at + UNDO_FOR, starts_at - OPENS_BEFORE)


def _spell_of(scan: Scan) -> Attendance | None:
    """The spell that a scan began, ended, or met."""
    if scan.person_id is None or scan.shift_id is None:
        return None
    return db.session.scalars(
        select(Attendance)
        .where(
            or_(
                Attendance.in_scan_id == scan.id,
                Attendance.out_scan_id == scan.id,
                and_(Attendance.shift_id == scan.shift_id, Attendance.person_id == scan.person_id, Attendance.in_at <= scan.received_at),
            )
        )
        .order_by(case((Attendance.in_scan_id == scan.id, 0), (Attendance.out_scan_id == scan.id, 0), else_=1), Attendance.in_at.desc())
        .limit(1)
    ).one_or_none()


def _with_spell(view: ScanView, spell: Attendance, shift: Shift) -> ScanView:
    view = replace(
        view,
        attendance_id=spell.id,
        in_at=spell.in_at,
        out_at=spell.out_at,
        out_scan_id=spell.out_scan_id,
        excluded=spell.excluded_at is not None,
    )
    if spell.out_at is None or spell.out_way is None:
        return view
    times = ShiftTimes(shift.id, shift.starts_at, shift.ends_at, shift.extended_to, shift.break_minutes)
    return replace(
        view,
        minutes=count(times, spell.in_at, spell.out_at).minutes if view.confirmed else None,
        review=spell.held_at is not None,
        hour_class=HourClass.CREDIT if is_machine(spell.in_way, spell.out_way) else HourClass.HONOUR,
    )


def leaving_until(shift_id: int) -> tuple[int, datetime | None]:
    """The activity of a shift, and until when one may sign out of it; None once it is closed or cancelled."""
    row = db.session.execute(
        select(Activity.id, Activity.closed_at, Activity.cancelled_at, Shift.ends_at, Shift.extended_to)
        .join(Shift, Shift.activity_id == Activity.id)
        .where(Shift.id == shift_id)
    ).one()
    over = row.closed_at is not None or row.cancelled_at is not None
    return row.id, None if over else (row.extended_to or row.ends_at) + LEAVE_AFTER


def hold_activity(activity_id: int) -> None:
    """Nobody cancels or closes it until the scan is written. SQLite has one writer, and needs nothing."""
    if not is_sqlite():
        db.session.execute(select(Activity.id).where(Activity.id == activity_id).with_for_update(read=True))


def people_at(activity_id: int) -> int:
    """How many different people have come to an activity so far: 来一位，亮一扇窗."""
    ((number,),) = rows(_PEOPLE, activity_id=activity_id)
    return int(number)


_PEOPLE = select(func.count(Attendance.person_id.distinct())).where(
    Attendance.shift_id.in_(select(Shift.id).where(Shift.activity_id == bindparam("activity_id"))), Attendance.excluded_at.is_(None)
)


def next_opening(activity_id: int, at: datetime) -> datetime | None:
    """When check-in of the next shift opens, for 08:00 开始签到，到点再扫就行."""
    start = db.session.scalar(select(func.min(Shift.starts_at)).where(Shift.activity_id == activity_id, Shift.starts_at > at))
    return start - timedelta(hours=1) if start else None


def visitors(activity_id: int) -> int:
    """到场人次 by phones: once a device."""
    found = select(func.count()).select_from(Scan).where(Scan.activity_id == activity_id, Scan.outcome == Outcome.VISITOR)
    return db.session.scalar(found) or 0
