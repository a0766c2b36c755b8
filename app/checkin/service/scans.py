"""Recording scans: whatever comes of one, it is a row; moving in and out follows from it in the same transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from app.checkin import queries
from app.checkin.folding import Fact
from app.checkin.models import Attendance, Scan
from app.checkin.queries import Door, Event, ScanView
from app.checkin.queries.door import meant
from app.checkin.queries.room import came_beyond
from app.checkin.queries.scans import after_leaving
from app.checkin.rules import (
    DEPART_WITHIN,
    FAULT_OUTCOME,
    LATE_AFTER,
    OPENS_BEFORE,
    UNDO_FOR,
    Decision,
    Outcome,
    ShownCode,
    Way,
    is_machine,
    next_shift,
)
from app.checkin.service.settling import Cause, retell, settle
from app.checkin.service.spells import Spell, reopen, sign_out
from app.core.db import add_row, db, is_sqlite, rows
from app.core.errors import Conflict, NotFound
from app.crediting import service as crediting
from app.crediting.rules import HOUR_KIND
from app.hours.rules import HourClass, SourceKind
from app.people import queries as people_read
from app.people import service as people
from app.people.models import Person

REUSED = "这个编号已经用在另一次扫码上，这次没有记。请再扫一次码。"


def record_scan(shown: ShownCode, person_id: int, now: datetime, device: str | None = None, *, by_id: int | None = None) -> ScanView:
    """Record one scan of a known person, whatever its outcome. Sending it again changes nothing and answers the same.

    `by_id` is who scanned 我的码 or a card for them, or who acts for them.

    Raises Conflict when the id came before with another content, NotFound for an activity that does not exist.
    """
    if not is_sqlite():  # or else this would hold one lock and wait for another out of their order
        person_id = next((became for (became,) in rows(_BECAME, person_id=person_id) if became is not None), person_id)
    door = _locked_door(shown, person_id)
    if door.seen:
        return _seen_before(door, shown, person_id)
    if door.became_id is not None:  # merged while this waited for the lock
        return record_scan(shown, door.became_id, now, device, by_id=by_id)
    if out_of_turn(door, shown, now):
        return _record_out_of_turn(door, shown, person_id, now, device, by_id)
    decision = _decide(door, shown, leaving=False)
    return _carry_out(door, decision, shown, person_id, now, device, by_id)


_BECAME = select(Person.became_id).where(Person.id == bindparam("person_id"))


def out_of_turn(door: Door, shown: ShownCode, now: datetime) -> bool:
    """Whether something of theirs here is recorded that came after this scan, or it comes long after the door was closed.

    What people name they say of all the time until then, so a scan from before that is out of its turn too.
    """
    later = [door.newest, *(one.in_at for one in door.spells), *door.left.values()]
    kept_long = shown.digest is not None and now - shown.opened_at > LATE_AFTER
    return shown.fault is None and (any(at is not None and at > shown.opened_at for at in later) or (kept_long and not door.is_open))


def _record_out_of_turn(door: Door, shown: ShownCode, person_id: int, now: datetime, device: str | None, by_id: int | None) -> ScanView:
    """A scan from before what is recorded already: it means what it would have meant in its turn, and the spells follow.

    What is closed stays as it is.
    """
    fact = Fact(shown.scan_id, shown.opened_at, shown.way, now)
    if not door.is_open:
        add_row(Scan.__table__, **_columns(door, Decision(Outcome.NOT_OPEN, None), shown, person_id, now, device, by_id))
        return _read_back(shown.scan_id)
    retold = retell(door, person_id, now, fact)
    decision = retold.decision(fact)
    if decision.outcome is Outcome.IN and not door.confirmed:
        decision = replace(decision, outcome=Outcome.PENDING)
    add_row(Scan.__table__, **_columns(door, decision, shown, person_id, now, device, by_id))
    settle(door, person_id, retold, Cause(shown.scan_id, by_id), now)
    return _read_back(shown.scan_id)


def _columns(
    door: Door, decision: Decision, shown: ShownCode, person_id: int, now: datetime, device: str | None, by_id: int | None
) -> dict[str, Any]:
    return {
        "id": shown.scan_id,
        "activity_id": door.activity_id,
        "shift_id": decision.shift_id,
        "person_id": person_id,
        "by_id": by_id,
        "way": shown.way,
        "outcome": decision.outcome,
        "at": shown.opened_at,
        "received_at": now,
        "content": shown.content(person_id),
        "device_hash": device,
        "gate_id": shown.gate_id,
        "day_code": shown.day_code,
        "fence": shown.fence,
    }


def _locked_door(shown: ShownCode, person_id: int) -> Door:
    """What the scan depends on, with the person locked and the activity held as it is until the scan is written."""
    people.lock_person(person_id)
    queries.hold_activity(shown.activity_id)
    door = queries.door(shown.activity_id, person_id, shown.scan_id, shown.opened_at)
    if door is None:
        raise NotFound
    return door


def _seen_before(door: Door, shown: ShownCode, person_id: int) -> ScanView:
    if door.seen != (shown.content(person_id), person_id) and not _was_theirs(door, shown, person_id):
        raise Conflict(REUSED)
    return _read_back(shown.scan_id)


def _was_theirs(door: Door, shown: ShownCode, person_id: int) -> bool:
    """Sent before by a record that turned out to be theirs, or by the one that theirs turned out to be."""
    content, whose = door.seen or ("", None)
    return whose is not None and content == shown.content(whose) and people_read.who_now(whose) == people_read.who_now(person_id)


def _decide(door: Door, shown: ShownCode, *, leaving: bool) -> Decision:
    if shown.fault:
        return Decision(FAULT_OUTCOME[shown.fault], None)
    return meant(door, shown.opened_at, leaving=leaving)


def _carry_out(
    door: Door, decision: Decision, shown: ShownCode, person_id: int, now: datetime, device: str | None, by_id: int | None = None
) -> ScanView:
    """Write the scan, move the person in or out, and say what came of it without reading anything back."""
    add_row(Scan.__table__, **_columns(door, decision, shown, person_id, now, device, by_id))
    view = ScanView(
        scan_id=shown.scan_id,
        outcome=decision.outcome,
        way=shown.way,
        at=shown.opened_at,
        activity_id=door.activity_id,
        title=door.title,
        code="",
        person_id=person_id,
        person_name=door.person_name,
        confirmed=door.confirmed,
        day_code=shown.day_code,
    )
    shift = next((shift for shift in door.shifts if shift.id == decision.shift_id), None)
    if shift is None:
        starts = [one.starts_at for one in door.shifts if one.starts_at > shown.opened_at]
        return replace(view, opens_at=min(starts) - OPENS_BEFORE if starts else None)
    view = replace(view, shift_name=door.names[shift.id], starts_at=shift.starts_at, ends_at=shift.last_end)
    if decision.outcome in (Outcome.IN, Outcome.PENDING):
        add_row(
            Attendance.__table__,
            shift_id=shift.id,
            person_id=person_id,
            in_at=shown.opened_at,
            in_way=shown.way,
            in_scan_id=shown.scan_id,
        )
        return replace(view, in_at=shown.opened_at, beyond=shift.id in door.crowded and came_beyond(shown.scan_id))
    if decision.outcome is Outcome.ALREADY_OUT:
        return _read_back(shown.scan_id)
    spell = max((one for one in door.spells if one.shift_id == shift.id), key=lambda one: one.in_at, default=None)
    if spell is None:
        return view
    view = replace(view, attendance_id=spell.attendance_id, in_at=spell.in_at)
    if decision.outcome is not Outcome.OUT:
        return view
    in_way = door.ways[spell.attendance_id]
    after = next_shift(door.shifts, door.signed_up, {*door.left, shift.id, *(one.shift_id for one in door.spells)}, shown.opened_at)
    ended = sign_out(
        Spell(spell.attendance_id, person_id, shift, spell.in_at, in_way), Event(door.activity_id, door.kind, door.unit_id), shown, now
    )
    return replace(
        view,
        out_at=shown.opened_at,
        out_scan_id=shown.scan_id,
        minutes=ended.minutes if door.confirmed else None,
        review=ended.review,
        hour_class=HourClass.CREDIT if is_machine(in_way, shown.way) else HourClass.HONOUR,
        counts=door.kind in HOUR_KIND,
        next_shift=after_leaving(door.names[after.id], after.starts_at, shown.opened_at) if after else None,
    )


def _read_back(scan_id: UUID) -> ScanView:
    view = queries.scan_view(scan_id)
    assert view  # noqa: S101 (it was written or read a moment ago, and scans are never deleted)
    return view


def depart(scan_id: UUID, person_id: int, now: datetime, *, by_id: int | None = None, way: Way = Way.BUTTON) -> ScanView:
    """现在签退: on a second scan of one's own, made just now. Twice is once. Raises Conflict when that is too long ago.

    `by_id` is who acts for them; `way` how who works the door scanned them, where they do not press it themselves.
    """
    second = db.session.get(Scan, scan_id)
    if (
        second is None
        or second.person_id is None
        or people_read.who_now(second.person_id) != person_id
        or second.outcome is not Outcome.ALREADY_IN
    ):
        raise NotFound
    shown = ShownCode(uuid5(scan_id, "departure"), second.activity_id, way, now)
    door = _locked_door(shown, person_id)
    if door.seen:
        return _read_back(shown.scan_id)
    if now - second.received_at > DEPART_WITHIN:
        raise Conflict("离上次扫码有一阵了，这次没有签退。请再扫一次现场的码。")
    return _carry_out(door, _decide(door, shown, leaving=True), shown, person_id, now, None, by_id)


def undo_sign_out(scan_id: UUID, person_id: int, now: datetime, *, by_id: int | None = None) -> ScanView:
    """撤销签退, within ten minutes and while one may still leave: the spell is open again, what was credited is reversed.

    Both scans stay. Twice is once. `by_id` is who acts for them.
    """
    people.lock_person(person_id)
    undo_id = uuid5(scan_id, "undoing")
    if queries.scan_view(undo_id):
        return _read_back(undo_id)
    spell = db.session.scalars(select(Attendance).where(Attendance.out_scan_id == scan_id, Attendance.person_id == person_id)).one_or_none()
    if spell is None or spell.out_at is None:
        raise NotFound
    activity_id, leave_until = queries.leaving_until(spell.shift_id)
    if now > spell.out_at + UNDO_FOR:
        raise Conflict("签退已经过了 10 分钟，不能撤销了。要是还在服务，请再扫一次码签到。")
    if leave_until is None or now > leave_until:
        raise Conflict("这场已经收了，不能再撤销签退。记录不对，请到“我的记录”里说一声。")
    if queries.decided(spell.id):
        raise Conflict("工作人员已经看过这一次，不能再撤销签退。要是还在服务，请再扫一次码签到。")
    crediting.reverse(SourceKind.ATTENDANCE, [spell.id], "代办人撤销签退" if by_id else "本人撤销签退", now, made_by_id=by_id or person_id)
    reopen(spell.id)
    shown = ShownCode(undo_id, activity_id, Way.BUTTON, now)
    add_row(
        Scan.__table__,
        id=shown.scan_id,
        activity_id=activity_id,
        shift_id=spell.shift_id,
        person_id=person_id,
        by_id=by_id,
        way=shown.way,
        outcome=Outcome.UNDONE,
        at=now,
        received_at=now,
        content=shown.content(person_id),
        device_hash=None,
    )
    return _read_back(shown.scan_id)
