"""Spells that go from one record to another: the same time counts once."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.checkin.models import Attendance
from app.core.db import db
from app.merges import own_rules as own
from app.merges.policies import Row


def of(person_id: int, ids: Collection[int]) -> list[Row]:
    """Those of the ids that are somebody's, as they are now."""
    found = select(Attendance.__table__).where(Attendance.person_id == person_id, Attendance.id.in_(ids))
    return [dict(row._mapping) for row in db.session.execute(found)]


def overlapping(going: Sequence[Row], person_id: int) -> set[int]:
    """Which of them count at a time at which a spell of the one to whom they go counts."""
    counted = [row for row in going if row["credited_from"] is not None]
    if not counted:
        return set()
    first, last = min(row["credited_from"] for row in counted), max(row["credited_to"] for row in counted)
    theirs = select(Attendance.__table__).where(Attendance.person_id == person_id, Attendance.credited_from < last)
    staying = [dict(row._mapping) for row in db.session.execute(theirs.where(Attendance.credited_to > first))]
    return {row["id"] for row in own.overlapping(counted, staying)}
