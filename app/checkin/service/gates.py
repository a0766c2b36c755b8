"""Setting up a door: gates, the code of the day, the fence; and a wrong code of the day, which is a row too."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.activities.models import Activity
from app.audit import service as audit
from app.checkin.fence import Circle
from app.checkin.models import Scan
from app.checkin.models_gates import DoorRule, Gate
from app.checkin.rules import FAULT_OUTCOME, CodeFault, ShownCode
from app.checkin.service.scans import record_scan
from app.core.db import db, upsert, writing
from app.core.errors import Invalid, NotFound

MOST_GATES = 30


def add_gate(activity_id: int, name: str, by_id: int, now: datetime) -> int:
    """A gate with the next number, which stands in the address of its posters. Returns the number.

    Raises Invalid (`name`) for a name that a gate of this activity has.
    """
    writing()
    _refuse_twice(activity_id, name, "name")
    number = (db.session.scalar(select(func.max(Gate.number)).where(Gate.activity_id == activity_id)) or 0) + 1
    if number > MOST_GATES:
        raise Invalid({"name": f"一场活动最多 {MOST_GATES} 个门"})
    db.session.add(Gate(activity_id=activity_id, number=number, name=name, made_at=now, made_by_id=by_id))
    db.session.flush()
    audit.record(by_id, "gate", "activity", activity_id, gate=number, name=name)
    return number


def _refuse_twice(activity_id: int, name: str, field: str, number: int = 0) -> None:
    """Two gates of one name can not be told apart by whoever scans there. Gates of one activity are named one after the other."""
    db.session.execute(select(Activity.id).where(Activity.id == activity_id).with_for_update())
    same = select(Gate.number, Gate.closed_at).where(Gate.activity_id == activity_id, Gate.name == name, Gate.number != number)
    known = db.session.execute(same.limit(1)).one_or_none()
    if known is not None:
        instead = "收起了，点“再开”就能用" if known.closed_at else "请换个名字"
        raise Invalid({field: f"已经有这个门，是 {known.number} 号，{instead}"})


def rename_gate(activity_id: int, number: int, name: str, by_id: int) -> None:
    """Raises Invalid (`name-<number>`) for a name that another gate has."""
    writing()
    _refuse_twice(activity_id, name, f"name-{number}", number)
    _change(activity_id, number, name=name)
    audit.record(by_id, "gate.name", "activity", activity_id, gate=number, name=name)


def close_gate(activity_id: int, number: int, by_id: int, now: datetime) -> None:
    """No longer offered; its posters still check in, and what was scanned there stays."""
    _change(activity_id, number, closed_at=now)
    audit.record(by_id, "gate.closing", "activity", activity_id, gate=number)


def open_gate(activity_id: int, number: int, by_id: int) -> None:
    """Offered again."""
    _change(activity_id, number, closed_at=None)
    audit.record(by_id, "gate.opening", "activity", activity_id, gate=number)


def _change(activity_id: int, number: int, **values: Any) -> None:
    writing()
    changing = update(Gate).where(Gate.activity_id == activity_id, Gate.number == number).values(**values)
    if db.session.execute(changing.returning(Gate.id)).scalar_one_or_none() is None:
        raise NotFound


def ask_day_code(activity_id: int, by_id: int, now: datetime, *, on: bool) -> None:
    """From now on four digits are asked after a poster or a screen, other ones every day; or no longer. Twice is once."""
    writing()
    known = db.session.scalar(select(DoorRule.day_code_at).where(DoorRule.activity_id == activity_id))
    if (known is not None) is on:
        return
    _set(activity_id, by_id, now, day_code_at=now if on else None)
    audit.record(by_id, "activity.day_code" if on else "activity.day_code_off", "activity", activity_id)


def set_fence(activity_id: int, circle: Circle | None, by_id: int, now: datetime) -> None:
    """The venue's place and how far around it counts as there; None takes the fence away.

    The audit keeps how far, not where: the place was perhaps taken from the organiser's own phone.
    """
    writing()
    values = (circle.latitude_e6, circle.longitude_e6, circle.metres) if circle else (None, None, None)
    _set(activity_id, by_id, now, **dict(zip(("latitude_e6", "longitude_e6", "metres"), values, strict=True)))
    if circle:
        audit.record(by_id, "activity.fence", "activity", activity_id, metres=circle.metres)
    else:
        audit.record(by_id, "activity.fence_off", "activity", activity_id)


def _set(activity_id: int, by_id: int, now: datetime, **values: Any) -> None:
    values |= {"changed_at": now, "changed_by_id": by_id}
    adding = upsert(DoorRule.__table__).values(activity_id=activity_id, **values)
    db.session.execute(adding.on_conflict_do_update(index_elements=["activity_id"], set_=values))


def record_wrong_digits(shown: ShownCode, person_id: int | None, device: str, now: datetime) -> None:
    """A wrong code of the day is a refused scan, of whoever typed it where that is known. Sent again it is the same one."""
    shown = replace(shown, fault=CodeFault.DAY_CODE, day_code=False, fence=None)
    if person_id is not None:
        record_scan(shown, person_id, now, device)
        return
    writing()
    values = {
        "id": shown.scan_id,
        "activity_id": shown.activity_id,
        "way": shown.way,
        "outcome": FAULT_OUTCOME[CodeFault.DAY_CODE],
        "at": shown.opened_at,
        "received_at": now,
        "content": shown.content(None),
        "device_hash": device,
        "gate_id": shown.gate_id,
        "day_code": False,
    }
    db.session.execute(upsert(Scan.__table__).values(**values).on_conflict_do_nothing())
