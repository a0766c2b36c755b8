"""A shift with positions for tests, and what must hold of it at any time."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from app.activities import queries
from app.activities.models import Shift, ShiftPosition, Signup
from app.activities.position_rules import PositionDraft
from app.activities.rules import promotes
from app.activities.service.positions import make_positions
from app.core.db import db, in_transaction
from app.worklist.models import Notice
from tests.factories import Factory


def positioned(make: Factory, activity: int, start: datetime, seats: Mapping[str, int]) -> int:
    shift = make.shift(activity, start)
    in_transaction(lambda: make_positions(shift, [PositionDraft(name, number) for name, number in seats.items()]))
    return shift


def position_ids(shift: int) -> dict[str, int]:
    row = queries.shift(shift)
    assert row
    return {one.name: one.id for one in row.positions}


def told(person: int) -> list[str]:
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person).order_by(Notice.id)))


def settled(shift_id: int, now: datetime | None = None) -> None:
    """taken is who sits there, by position and by shift, never too many; before the last 12 hours nobody waits beside a free seat."""
    db.session.expire_all()
    row = queries.shift(shift_id)
    assert row
    standing = [one for one in queries.signups_in(row.activity_id) if one.shift_id == shift_id]
    seated, waiting = [one for one in standing if one.seated], [one for one in standing if not one.seated]
    assert row.taken == len(seated)
    assert row.capacity is None or row.taken <= row.capacity
    for position in row.positions:
        assert position.taken == sum(one.position_id == position.id for one in seated) <= position.capacity
    if row.positions:
        assert row.capacity == sum(one.capacity for one in row.positions)
        assert all(one.position_id for one in seated)
    for wish in {one.position_id for one in waiting} | {one.id for one in row.positions}:
        same = [one for one in waiting if wish is None or one.position_id in {wish, None}]
        assert [one.id for one in same] == sorted(one.id for one in same)
        places = [one.position for one in same if one.position_id == wish]
        assert places == [number for number, one in enumerate(same, start=1) if one.position_id == wish]
    if now is None or promotes(row.starts_at, now):
        free = {one.id for one in row.positions if one.left}
        if row.positions:
            assert not [one for one in waiting if one.position_id in free or (one.position_id is None and free)]
        else:
            assert not waiting or row.left == 0


def nobody_twice(shift_id: int) -> bool:
    many = select(Signup.person_id).where(Signup.shift_id == shift_id, Signup.withdrawn_at.is_(None)).group_by(Signup.person_id)
    return db.session.execute(many.having(func.count() > 1)).first() is None


def seats_of(shift_id: int) -> tuple[int, list[int]]:
    """What is counted: on the shift, and at each of its positions."""
    at = select(ShiftPosition.taken).where(ShiftPosition.shift_id == shift_id).order_by(ShiftPosition.place)
    return db.session.scalars(select(Shift.taken).where(Shift.id == shift_id)).one(), list(db.session.scalars(at))
