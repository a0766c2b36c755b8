"""What a tap beside a name would do, told before it is made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.activities.models import Shift
from app.checkin.models import Attendance
from app.checkin.queries.door import Door, doors, meant
from app.checkin.rules import SIGN_OUT_FROM, Outcome
from app.core.db import db


@dataclass(frozen=True)
class Foreseen:
    """What a tap would do, before it is made. `in_at` while they are in, `out_at` once they left.

    From `leave_from` on a plain scan signs out.
    """

    outcome: Outcome
    in_at: datetime | None = None
    out_at: datetime | None = None
    leave_from: datetime | None = None

    @property
    def came(self) -> bool:
        return self.in_at is not None or self.out_at is not None


@dataclass(frozen=True)
class Standing:
    """Somebody's newest spell at an activity: still in, or gone since `out_at`."""

    shift_id: int
    in_at: datetime
    out_at: datetime | None


def standing(activity_id: int, person_id: int) -> Standing | None:
    row = db.session.execute(
        select(Attendance.shift_id, Attendance.in_at, Attendance.out_at)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(Shift.activity_id == activity_id, Attendance.person_id == person_id, Attendance.excluded_at.is_(None))
        .order_by(Attendance.in_at.desc())
        .limit(1)
    ).one_or_none()
    return Standing(row.shift_id, row.in_at, row.out_at) if row else None


def foresee(activity_id: int, person_ids: Collection[int], at: datetime) -> dict[int, Foreseen]:
    """For a scan at `at`, by person; one query however many."""
    return {person_id: _foreseen(found, at) for person_id, found in doors(activity_id, person_ids, at).items()}


def _foreseen(door: Door, at: datetime) -> Foreseen:
    decision = meant(door, at)
    spell = next((one for one in door.spells if one.shift_id == decision.shift_id), None)
    shift = next((one for one in door.shifts if spell is not None and one.id == spell.shift_id), None)
    out_at = max(door.left.values(), default=None)
    return Foreseen(decision.outcome, spell.in_at if spell else None, out_at, shift.last_end - SIGN_OUT_FROM if shift else None)
