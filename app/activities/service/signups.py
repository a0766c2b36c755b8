"""Taking a seat, giving it back, and who moves up. Called inside a write transaction.

The row of the shift is locked first, so that a seat that comes free is never missed by someone who is just queueing up;
the seat itself is one conditional UPDATE, and the CHECK on the table has the last word.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update

from app.activities import queries
from app.activities.models import Activity, Shift, Signup
from app.activities.queries import ActivityRow, ShiftRow, SignupRow
from app.activities.rules import promotes
from app.activities.service import joining
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, is_sqlite, upsert, writing
from app.core.errors import Conflict, NotFound
from app.core.words import span_words, weekday
from app.people.service import lock_person
from app.worklist.service import notify


@dataclass(frozen=True)
class Taken:
    """`fresh` is False when the person was signed up before: a resent request changes nothing."""

    signup: SignupRow
    fresh: bool


def lock_shifts(*shift_ids: int) -> None:
    """In ascending order, after any lock on a person; other tables may go on referring to them."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Shift.id).where(Shift.id.in_(shift_ids)).order_by(Shift.id).with_for_update(key_share=True))


def take_seat(
    shift_id: int, person_id: int, now: datetime, *, by_id: int | None = None, risk_read: bool = False, by_hand: bool = False
) -> Taken:
    """Sign up: a seat while there is one and nobody waits for it, else a place on the waiting list. `by_id` is who acts for them.

    `risk_read`: the note about risk was ticked, which is kept with its time. `by_hand`: the organiser puts them down, and
    neither the condition nor the note stands in the way.
    Raises NotFound for a shift nobody may see, Conflict when the activity takes no one any more, Invalid (`shift`, `risk_read`)
    for who may not join and for a note that was not read.
    """
    lock_person(person_id)
    lock_shifts(shift_id)
    shift, activity = _open_shift(shift_id, now)
    made = db.session.execute(
        upsert(Signup)
        .values(shift_id=shift_id, person_id=person_id, made_at=now, risk_read_at=now if risk_read and activity.risk_note else None)
        .on_conflict_do_nothing(index_elements=["shift_id", "person_id"], index_where=Signup.withdrawn_at.is_(None))
        .returning(Signup.id)
    ).scalar_one_or_none()
    if made is None:
        return Taken(_standing(shift_id, person_id), fresh=False)
    if not by_hand:
        joining.check(activity, person_id, now, by_other=by_id is not None, risk_read=risk_read)
    if _first_waiting(shift_id) == made and _seat(shift_id):
        db.session.execute(update(Signup).where(Signup.id == made).values(seated_at=now))
    audit.record(by_id or person_id, "signup", "signup", made, shift=shift.id, **({"person": person_id} if by_id else {}))
    return Taken(_standing(shift_id, person_id), fresh=True)


def withdraw(signup_id: int, person_id: int, now: datetime, *, by_id: int | None = None) -> SignupRow:
    """Give the place back; the first in line moves up. Returns the sign-up as it stood. `by_id` is who acts for the person.

    Raises NotFound for anyone else's or one withdrawn before, Conflict once the shift has begun.
    """
    lock_person(person_id)
    standing = queries.signup(signup_id)
    if standing is None or standing.person_id != person_id:
        raise NotFound("这次报名已经退出了，或不是您的。")
    lock_shifts(standing.shift_id)
    if standing.starts_at <= now:
        raise Conflict("这个班次已经开始，不能再退出。来不了也没关系，没签到就不会计入。")
    gone = update(Signup).where(Signup.id == signup_id, Signup.withdrawn_at.is_(None)).values(withdrawn_at=now)
    row = db.session.execute(gone.returning(Signup.seated_at)).one_or_none()
    if row is None:
        raise NotFound("这次报名已经退出了。")
    if row.seated_at is not None:
        db.session.execute(update(Shift).where(Shift.id == standing.shift_id).values(taken=Shift.taken - 1))
    for_whom = {"person": person_id} if by_id else {}
    audit.record(by_id or person_id, "signup.withdrawal", "signup", signup_id, shift=standing.shift_id, **for_whom)
    promote(standing.shift_id, now)
    return standing


def promote(shift_id: int, now: datetime) -> list[int]:
    """Fill free seats from the waiting list in its order and tell those who moved up; returns their sign-ups.

    Nothing from 12 hours before the start on: then the organiser calls. The caller holds the lock on the shift.
    """
    writing()
    shift = queries.shift(shift_id)
    if shift is None or not promotes(shift.starts_at, now):
        return []
    moved: list[int] = []
    while (first := _first_waiting(shift_id)) is not None and _seat(shift_id):
        _move_up(first, shift, None, now)
        moved.append(first)
    return moved


def seat_by_hand(signup_id: int, activity_id: int, by_id: int, now: datetime) -> SignupRow:
    """The organiser called and seats someone from the waiting list. Raises Conflict when no seat is free."""
    standing = queries.signup(signup_id)
    if standing is None or standing.activity_id != activity_id:
        raise NotFound("这次报名已经退出了。")
    lock_shifts(standing.shift_id)
    shift, _ = _open_shift(standing.shift_id, now)
    standing = queries.signup(signup_id)
    if standing is None:
        raise NotFound("这次报名已经退出了。")
    if standing.seated:
        return standing
    if not _seat(shift.id):
        raise Conflict("现在没有空位。可以先把名额加大，再请候补的人补上。")
    _move_up(signup_id, shift, by_id, now)
    return standing


def _move_up(signup_id: int, shift: ShiftRow, by_id: int | None, now: datetime) -> None:
    person_id = db.session.execute(
        update(Signup).where(Signup.id == signup_id).values(seated_at=now).returning(Signup.person_id)
    ).scalar_one()
    title = db.session.execute(select(Activity.title).where(Activity.id == shift.activity_id)).scalar_one()
    day = local_date(shift.starts_at)
    when = f"{day.month}月{day.day}日 {weekday(day)} {span_words(shift.starts_at, shift.last_end)}"
    notify(
        person_id, f"您候补上了：《{title}》{shift.name}，{when}。来不了请早点退出，好让下一位补上。", f"/activities/{shift.activity_id}"
    )
    audit.record(by_id, "signup.promotion", "signup", signup_id, shift=shift.id)


def _seat(shift_id: int) -> bool:
    """The race for a seat: whoever's UPDATE finds one free has it."""
    free = update(Shift).where(Shift.id == shift_id, or_(Shift.capacity.is_(None), Shift.taken < Shift.capacity))
    return db.session.execute(free.values(taken=Shift.taken + 1).returning(Shift.id)).scalar_one_or_none() is not None


def _first_waiting(shift_id: int) -> int | None:
    waiting = select(Signup.id).where(Signup.shift_id == shift_id, Signup.seated_at.is_(None), Signup.withdrawn_at.is_(None))
    return db.session.scalar(waiting.order_by(Signup.id).limit(1))


def _standing(shift_id: int, person_id: int) -> SignupRow:
    found = select(Signup.id).where(Signup.shift_id == shift_id, Signup.person_id == person_id, Signup.withdrawn_at.is_(None))
    row = queries.signup(db.session.execute(found).scalar_one())
    assert row is not None  # noqa: S101 (read in the same transaction, under the lock)
    return row


def _open_shift(shift_id: int, now: datetime) -> tuple[ShiftRow, ActivityRow]:
    """The shift and its activity, when it still takes people. Read under the lock, so that a cancellation can not slip in between."""
    shift = queries.shift(shift_id)
    activity = queries.activity(shift.activity_id) if shift else None
    if shift is None or activity is None or not activity.public:
        raise NotFound
    if activity.cancelled_at:
        raise Conflict("这场活动取消了，不用来。")
    if activity.closed_at or shift.last_end <= now:
        raise Conflict("这个班次已经结束了，不能再报名。")
    return shift, activity
