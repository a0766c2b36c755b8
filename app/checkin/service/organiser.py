"""What the people at the door do: visitors, walk-ins, who is who, 全体签退, helpers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update

from app.audit import service as audit
from app.checkin import queries
from app.checkin.models import Attendance, AttendanceDecision, Helper, Scan
from app.checkin.queries import ScanView, SpellRow, deciding
from app.checkin.rules import FAULT_OUTCOME, CodeFault, Outcome, ShownCode, Way, visit_outcome
from app.checkin.service import closing
from app.checkin.service.deciding import leave_out
from app.checkin.service.scans import REUSED, record_scan
from app.checkin.service.spells import Ending, Posting, credit_spells, credit_waiting, spell_of
from app.core import clock
from app.core.db import db, upsert, writing
from app.core.errors import Conflict
from app.people import queries as people_read
from app.people import service as people
from app.people.rules import Origin
from app.worklist.service import notify


def record_visit(shown: ShownCode, device: str, now: datetime) -> ScanView:
    """我来逛逛: counted once a device while the door is open, no person stored. Counting again changes nothing.

    A stale code, or a time when the door is closed, is a row too, and counts nobody.
    """
    writing()
    times = queries.door_times(shown.activity_id)
    if shown.fault and shown.fault is not CodeFault.DAY_CODE:  # who only looks around types nothing
        outcome = FAULT_OUTCOME[shown.fault]
    elif not times.is_open:
        outcome = Outcome.NOT_OPEN
    else:
        outcome = visit_outcome(times.shifts, shown.opened_at)
    values = {
        "id": shown.scan_id,
        "activity_id": shown.activity_id,
        "way": shown.way,
        "outcome": outcome,
        "at": shown.opened_at,
        "received_at": now,
        "content": shown.content(None),
        "device_hash": device,
        "gate_id": shown.gate_id,
    }
    db.session.execute(upsert(Scan.__table__).values(**values).on_conflict_do_nothing())
    if outcome is Outcome.VISITOR:
        visit = select(Scan.id).where(Scan.activity_id == shown.activity_id, Scan.outcome == Outcome.VISITOR, Scan.device_hash == device)
        counted = db.session.scalar(visit)
    else:
        counted = shown.scan_id
    view = queries.scan_view(counted) if counted else None
    if view is None or view.person_id is not None:
        raise Conflict(REUSED)
    return view


def take_in(shown: ShownCode, name: str, phone: str, now: datetime, device: str, minor_until: date | None = None) -> tuple[int, ScanView]:
    """我来服务: a new, unconfirmed person with a scan that counts from when the code was opened. Returns the person's id.

    A matching name or phone never attaches to somebody known: the organiser says who this is.
    """
    person_id = people.record_person(name, Origin.SELF, now, phone=phone, minor_until=minor_until)
    audit.record(None, "person.walk_in", "person", person_id, activity=shown.activity_id)
    return person_id, record_scan(shown, person_id, now, device)


@dataclass(frozen=True)
class Confirmed:
    """`clashing` names walk-ins left alone because the known person with that name and phone is here already;

    `unguarded` those under 14 whose guardian has not agreed.
    """

    people: int
    clashing: tuple[str, ...] = ()
    unguarded: tuple[str, ...] = ()


def confirm_walk_ins(activity_id: int, person_ids: Sequence[int], by_id: int, roots: frozenset[int], now: datetime) -> Confirmed:
    """The organiser says who the walk-ins are; hours that waited are posted, or after 收场 held until another one has decided.

    One who is on the roster of the organiser's own units, by the same name and phone, becomes that person: the spells
    move there. Persons who are not at this activity are left alone; nobody confirms themselves.
    Raises Refused after 收场 for those whose scans `by_id` made: their hours take two people.
    """
    writing()
    closing.leave_to_another(activity_id, person_ids, by_id)
    here = {row.person_id for row in queries.spells_of(activity_id) if not row.confirmed}
    chosen = [person_id for person_id in dict.fromkeys(person_ids) if person_id in here and person_id != by_id]
    twins = queries.roster_twins(chosen, roots)
    people.lock_persons(sorted({*chosen, *(known for known, _ in twins.values())}))
    names = {row.person_id: row.name for row in queries.spells_of(activity_id)}
    children = people_read.needs_guardian(chosen, clock.local_date(now))
    clashing = []
    for person_id in sorted(set(chosen) - children):
        known = twins.get(person_id)
        if known is None:
            people.confirm_person(person_id, by_id, now)  # which credits what waited, see people.when_confirmed
        elif _become(person_id, known[0], by_id):
            credit_waiting(known[0], now)
        else:
            clashing.append(names[person_id])
    unguarded = tuple(names[person_id] for person_id in sorted(children))
    return Confirmed(len(chosen) - len(clashing) - len(children), tuple(clashing), unguarded)


def _become(person_id: int, known_id: int, by_id: int) -> bool:
    """Move the spells of a walk-in to the person they turned out to be.

    False where that person has a spell here already, or decided about one of these spells.
    """
    shifts = select(Attendance.shift_id).where(Attendance.person_id == person_id)
    clash = select(Attendance.id).where(Attendance.person_id == known_id, Attendance.shift_id.in_(shifts), Attendance.excluded_at.is_(None))
    own = select(Attendance.id).join(AttendanceDecision, AttendanceDecision.attendance_id == Attendance.id)
    own = own.where(Attendance.person_id == person_id, AttendanceDecision.made_by_id == known_id)
    if db.session.scalar(clash.limit(1)) is not None or db.session.scalar(own.limit(1)) is not None:
        return False
    moved = db.session.execute(
        update(Attendance).where(Attendance.person_id == person_id).values(person_id=known_id).returning(Attendance.id)
    ).scalars()
    people.become(person_id, known_id)
    audit.record(by_id, "person.recognition", "person", known_id, walk_in=person_id, attendances=list(moved))
    return True


@dataclass(frozen=True)
class SignOuts:
    """`own` counts spells of the organiser and their relatives, which somebody else must end; `held` those to be looked at."""

    people: int
    minutes: int
    own: int
    held: int = 0


def sign_out_all(activity_id: int, ends: Mapping[int, datetime], by_id: int, now: datetime) -> SignOuts:
    """全体签退: end the named spells at the given times. 补录时长, since a person names the end.

    `ends` maps attendance id → time, at most now and at most the shift's end. Spells not named, ended meanwhile, or the
    organiser's own and their relatives' stay as they are. After 收场 they wait for somebody else than who named them: two people.
    """
    writing()
    event = queries.event_of(activity_id)
    named = [row for row in queries.spells(ends) if row.out_at is None]
    people.lock_persons(sorted({row.person_id for row in named}))
    now = closing.known_closed(activity_id, now)
    rows = [row for row in queries.spells(ends) if row.out_at is None and row.activity_id == activity_id]  # as it stands under the locks
    strangers = _strangers(rows, by_id)
    shown = _name_ends(
        activity_id, strangers, {row.id: max(row.in_at, min(ends[row.id], row.shift.last_end, now)) for row in strangers}, by_id, now
    )
    ended = [Ending(spell_of(row), shown[row.id].opened_at, Way.ORGANISER) for row in strangers]
    results = credit_spells(ended, event, now, Posting(by_id))
    minutes = sum(one.minutes for one in results if not one.review)
    audit.record(by_id, "activity.sign_out_all", "activity", activity_id, people=len(strangers), minutes=minutes)
    return SignOuts(len(strangers), minutes, len(rows) - len(strangers), sum(one.review for one in results))


def leave_open(activity_id: int, attendance_ids: Sequence[int], by_id: int, now: datetime) -> SignOuts:
    """Spells that nobody signed out are left out: they end where they began and count nothing.

    The organiser's own and their relatives' stay as they are, and so do those that ended meanwhile. Raises Conflict after
    收场: who was not signed out counts nothing anyway.
    """
    writing()
    people.lock_persons(sorted({row.person_id for row in queries.spells(attendance_ids)}))
    closing.hold_open(activity_id)
    rows = [row for row in queries.spells(attendance_ids) if row.out_at is None and row.activity_id == activity_id]
    strangers = _strangers(rows, by_id)
    _name_ends(activity_id, strangers, {row.id: row.in_at for row in strangers}, by_id, now)
    leave_out([row.id for row in strangers], by_id, now)
    return SignOuts(len(strangers), 0, len(rows) - len(strangers))


def _strangers(rows: Sequence[SpellRow], by_id: int) -> list[SpellRow]:
    """Without one's own spells and one's relatives': nobody names an end for themselves."""
    aside = {by_id, *deciding.relatives_among(by_id, {row.person_id for row in rows})}
    return [row for row in rows if row.person_id not in aside]


def _name_ends(activity_id: int, rows: Sequence[SpellRow], ends: Mapping[int, datetime], by_id: int, now: datetime) -> dict[int, ShownCode]:
    """Write the scans and the ends of open spells, in two statements."""
    shown = {row.id: ShownCode(uuid4(), activity_id, Way.ORGANISER, ends[row.id]) for row in rows}
    if rows:
        db.session.execute(insert(Scan), [_named_out(row, shown[row.id], by_id, now) for row in rows])
        ending = (
            update(Attendance)
            .where(Attendance.id == bindparam("spell"), Attendance.out_at.is_(None))
            .values(out_at=bindparam("at"), out_way=Way.ORGANISER, out_scan_id=bindparam("scan"))
        )
        db.session.connection().execute(
            ending, [{"spell": row.id, "at": shown[row.id].opened_at, "scan": shown[row.id].scan_id} for row in rows]
        )
    return shown


def _named_out(row: SpellRow, shown: ShownCode, by_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": shown.scan_id,
        "activity_id": shown.activity_id,
        "shift_id": row.shift_id,
        "person_id": row.person_id,
        "by_id": by_id,
        "way": Way.ORGANISER,
        "outcome": Outcome.OUT,
        "at": shown.opened_at,
        "received_at": now,
        "content": shown.content(row.person_id),
    }


def appoint_helper(shift_ids: Sequence[int], person_id: int, by_id: int, title: str, url: str, now: datetime) -> None:
    """请帮手: this person may work the door until the shifts end, and is told so. Asking again changes nothing."""
    writing()
    for shift_id in sorted(shift_ids):
        adding = upsert(Helper.__table__).values(shift_id=shift_id, person_id=person_id, made_at=now, made_by_id=by_id)
        db.session.execute(adding.on_conflict_do_nothing())
    audit.record(by_id, "activity.helper", "person", person_id, shifts=list(shift_ids))
    notify(person_id, f"请您今天在“{title}”帮忙签到，谢谢您", url)
