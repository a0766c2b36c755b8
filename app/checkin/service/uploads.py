"""Taking back a scan that was made at the door for somebody else, and letting somebody go before the end."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select

from app.audit import service as audit
from app.checkin import queries
from app.checkin.models import Attendance, Scan
from app.checkin.queries import ScanView
from app.checkin.rules import UNDO_FOR, Outcome
from app.checkin.service.scans import depart
from app.checkin.service.settling import Cause, retell, settle
from app.core.db import add_row, db, writing
from app.core.errors import Conflict, NotFound, Refused
from app.people import queries as people_read
from app.people import service as people


def undo_scan(activity_id: int, scan_id: UUID, by_id: int, now: datetime) -> ScanView:
    """撤销 by somebody who works the door: a check-in while the person is still in, a sign-out for ten minutes after it came.

    Everything stays on record; twice is once. Raises NotFound for a scan that nobody made at this door for somebody else,
    Refused about oneself, Conflict where it is too late.
    """
    writing()
    scan = db.session.get(Scan, scan_id)
    if scan is None or scan.activity_id != activity_id or scan.by_id is None or scan.person_id is None:
        raise NotFound
    person_id = people_read.who_now(scan.person_id)
    if person_id == by_id:
        raise Refused("这是您自己的记录，请另一位来撤销。")
    people.lock_person(person_id)
    queries.hold_activity(activity_id)
    undo_id = uuid5(scan_id, "undoing")
    if done := queries.scan_view(undo_id):
        return done
    door = queries.door(activity_id, person_id, undo_id, now)
    if door is None or not door.is_open:
        raise Conflict("这场已经收了，不能再撤销。记录不对，请走“这条记录不对”。")
    spell_id = _moved(scan, now)
    if spell_id is not None and queries.decided(spell_id):
        raise Conflict("这一次已经有人核实过，不能再撤销。")
    add_row(
        Scan.__table__,
        id=undo_id,
        activity_id=activity_id,
        shift_id=scan.shift_id,
        person_id=scan.person_id,
        by_id=by_id,
        way=scan.way,
        outcome=Outcome.UNDONE,
        at=now,
        received_at=now,
        content=scan.content,
        device_hash=None,
    )
    settle(door, person_id, retell(door, person_id, now), Cause(undo_id, by_id, taken_back=True), now)
    if spell_id is not None:
        audit.record(by_id, "attendance.undoing", "attendance", spell_id)
    view = queries.scan_view(undo_id)
    assert view  # noqa: S101 (written a moment ago)
    return view


def depart_scanned(activity_id: int, scan_id: UUID, by_id: int, now: datetime) -> ScanView:
    """现在签退 by somebody who works the door, right after scanning somebody who is in: their code or card was there, and is the end's way.

    Twice is once. Raises NotFound for a scan that nobody made at this door for somebody else, Refused about oneself, Conflict
    when it was too long ago.
    """
    writing()
    scan = db.session.get(Scan, scan_id)
    if scan is None or scan.activity_id != activity_id or scan.by_id is None or scan.person_id is None:
        raise NotFound
    if people_read.who_now(scan.person_id) == by_id:
        raise Refused("不能给自己签退。请扫现场的码，或请另一位来扫。")
    return depart(scan_id, scan.person_id, now, by_id=by_id, way=scan.way)


def _moved(scan: Scan, now: datetime) -> int | None:
    """The spell that a scan began or ended. None where another scan has taken its place. Raises Conflict where it stands."""
    if scan.outcome is Outcome.OUT:
        if now - scan.received_at > UNDO_FOR:
            raise Conflict("签退已经过了 10 分钟，不能撤销了。要是还在服务，请再扫一次码签到。")
        return db.session.scalar(select(Attendance.id).where(Attendance.out_scan_id == scan.id))
    if scan.outcome not in {Outcome.IN, Outcome.PENDING}:
        raise Conflict("这次扫码没有改动签到，不用撤销。")
    row = db.session.execute(select(Attendance.id, Attendance.out_at).where(Attendance.in_scan_id == scan.id)).one_or_none()
    if row is not None and row.out_at is not None:
        raise Conflict("已经签退了，签到撤销不了。要改，请在现场页办。")
    return row.id if row is not None else None
