"""Finding a seat. The caller holds the lock on the shift.

Without positions the seat is one conditional UPDATE of the shift. With positions it is the position on the sign-up: triggers count
it and keep the sums, and the CHECK on the position has the last word.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import aliased

from app.activities.models import Shift, ShiftPosition, Signup
from app.activities.queries import ShiftRow
from app.core.db import db, is_sqlite, writing

WAITS = and_(Signup.seated_at.is_(None), Signup.withdrawn_at.is_(None))


def lock_shifts(*shift_ids: int) -> None:
    """In ascending order, after any lock on a person; other tables may go on referring to them."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Shift.id).where(Shift.id.in_(shift_ids)).order_by(Shift.id).with_for_update(key_share=True))


def seat(shift: ShiftRow, signup_id: int, wish: int | None, now: datetime) -> bool:
    """Give the sign-up a seat at `wish` (any where that is None), unless somebody before it waits for the same one."""
    if shift.walk_ins and not shift.left:  # who came without a seat sits on it
        return False
    if not shift.positions:
        return not _waits_before(shift.id, signup_id) and seat_anyhow(shift, signup_id, wish, now)
    found = free_position(shift.id, wish, before=signup_id)
    return found is not None and _sit(signup_id, found, now)


def seat_anyhow(shift: ShiftRow, signup_id: int, wish: int | None, now: datetime) -> bool:
    """The same, whoever else waits: the organiser decides."""
    if shift.walk_ins and not shift.left:
        return False
    if shift.positions:
        found = free_position(shift.id, wish, before=0)
        return found is not None and _sit(signup_id, found, now)
    free = update(Shift).where(Shift.id == shift.id, or_(Shift.capacity.is_(None), Shift.taken + shift.walk_ins < Shift.capacity))
    taken = db.session.execute(free.values(taken=Shift.taken + 1).returning(Shift.id)).scalar_one_or_none()
    return taken is not None and _sit(signup_id, None, now)


def give_back(shift_id: int, position_id: int | None) -> None:
    """A seat of a shift without positions is free again; those of positions are counted by themselves."""
    if position_id is None:
        db.session.execute(update(Shift).where(Shift.id == shift_id).values(taken=Shift.taken - 1))


def free_position(shift_id: int, wish: int | None, *, before: int | None) -> int | None:
    """The position with the most seats left among those wished for which nobody waits; `before`: nobody that came before this."""
    ahead = aliased(Signup)
    waits = select(ahead.id).where(
        ahead.shift_id == shift_id,
        ahead.seated_at.is_(None),
        ahead.withdrawn_at.is_(None),
        or_(ahead.position_id.is_(None), ahead.position_id == ShiftPosition.id),
    )
    if before is not None:
        waits = waits.where(ahead.id < before)
    suits: list[ColumnElement[bool]] = [ShiftPosition.shift_id == shift_id, ShiftPosition.taken < ShiftPosition.capacity]
    if wish is not None:
        suits.append(ShiftPosition.id == wish)
    most = (ShiftPosition.capacity - ShiftPosition.taken).desc()
    return db.session.scalar(
        select(ShiftPosition.id).where(*suits, ~waits.exists()).order_by(most, ShiftPosition.place, ShiftPosition.id).limit(1)
    )


def first_in_line(shift: ShiftRow) -> tuple[int, int | None] | None:
    """Who is next: the first to have come among those for whom there is a seat, with what they wish for."""
    line = select(Signup.id, Signup.position_id).where(Signup.shift_id == shift.id, WAITS)
    if shift.positions:
        suits = or_(Signup.position_id.is_(None), ShiftPosition.id == Signup.position_id)
        free = select(ShiftPosition.id).where(
            ShiftPosition.shift_id == Signup.shift_id, ShiftPosition.taken < ShiftPosition.capacity, suits
        )
        line = line.where(free.exists())
    row = db.session.execute(line.order_by(Signup.id).limit(1)).one_or_none()
    return (row[0], row[1]) if row else None


def _waits_before(shift_id: int, signup_id: int) -> bool:
    return db.session.scalar(select(Signup.id).where(Signup.shift_id == shift_id, WAITS, Signup.id < signup_id).limit(1)) is not None


def _sit(signup_id: int, position_id: int | None, now: datetime) -> bool:
    db.session.execute(update(Signup).where(Signup.id == signup_id).values(seated_at=now, position_id=position_id))
    return True
