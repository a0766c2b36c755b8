"""Writing down why somebody should look at a spell, and whom it waits for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, update

from app.checkin.models import Attendance, AttendanceReason
from app.checkin.queries import Event, looking
from app.checkin.reasons import ASKS, UNWRITTEN, Found, Rung, highest
from app.core import clock
from app.core.db import db, is_sqlite, put_rows, table_of, upsert, writing


@dataclass(frozen=True)
class Hold:
    """A spell that is not counted for now, and what holds it."""

    attendance_id: int
    person_id: int
    holding: list[Found]


def note_reasons(found: Sequence[tuple[int, list[Found]]], now: datetime) -> None:
    """Reasons of each spell, in one statement. One that is known already stays as it was."""
    put_rows(
        _noting(is_sqlite()),
        [
            {
                "attendance_id": attendance_id,
                "reason": one.reason,
                "made_at": now,
                "holds": one.holds,
                "number": one.number,
                "other_id": one.other_id,
            }
            for attendance_id, reasons in found
            for one in reasons
            if one.reason not in UNWRITTEN
        ],
    )


@lru_cache
def _noting(_sqlite: bool) -> Any:
    return upsert(table_of(AttendanceReason)).on_conflict_do_nothing()


def forget_reasons(attendance_ids: Collection[int]) -> None:
    """They are found anew when the spell is counted again."""
    writing()
    db.session.execute(delete(AttendanceReason).where(AttendanceReason.attendance_id.in_(attendance_ids)))


def hold(holds: Sequence[Hold], event: Event, now: datetime, decided: Rung | None = None) -> None:
    """The spells wait for the deciders of a unit: the organising one, its parent for staff and their relatives and for

    long days, the subdistrict for the longest. After a decision (`decided`) only what must go further up moves; what the
    database can not count yet stays where it is.
    """
    going = [one for one in holds if decided is None or not all(found.blocks for found in one.holding)]
    if not going:
        return
    close = looking.close_to(event.activity_id, {one.person_id for one in going})
    note_reasons([(one.attendance_id, [Found(close[one.person_id])]) for one in going if one.person_id in close], now)
    units = looking.units_for(event.unit_id, clock.local_date(now))
    marks: list[dict[str, Any]] = []
    for one in going:
        rungs = [found.rung for found in one.holding] + [ASKS[close[one.person_id]] for _ in range(one.person_id in close)]
        rung = highest(rungs)
        marks.append({"spell": one.attendance_id, "at": now, "rung": rung, "unit": units[rung]})
    put_rows(_HOLD, marks)


_HOLD = (
    update(table_of(Attendance))
    .where(Attendance.id == bindparam("spell"))
    .values(held_at=bindparam("at"), held_for=bindparam("rung"), held_unit_id=bindparam("unit"), reminded_at=None)
)
