"""Taking a seat, giving it back, another position, and who moves up. Called inside a write transaction.

The row of the shift is locked first, so that a seat that comes free is never missed by someone who is just queueing up;
how a seat is found is in seats.py.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.activities import queries
from app.activities.models import Activity, Signup
from app.activities.queries import ActivityRow, PositionRow, ShiftRow, SignupRow
from app.activities.rules import promotes
from app.activities.service import joining
from app.activities.service.seats import first_in_line, free_position, give_back, lock_shifts, seat, seat_anyhow
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import span_words, weekday
from app.people.service import lock_person
from app.worklist.service import notify

__all__ = ["Taken", "change_position", "lock_shifts", "promote", "remove", "seat_by_hand", "take_seat", "withdraw"]

GONE = "这次报名已经退出了。"
ANY = "哪个都行"


@dataclass(frozen=True)
class Taken:
    """`fresh` is False when the person was signed up before: a resent request changes nothing."""

    signup: SignupRow
    fresh: bool


def take_seat(
    shift_id: int,
    person_id: int,
    now: datetime,
    *,
    position_id: int | None = None,
    by_id: int | None = None,
    risk_read: bool = False,
    by_hand: bool = False,
) -> Taken:
    """Sign up: a seat while there is one and nobody waits for it, else a place on the waiting list. `by_id` is who acts for them.

    `position_id`: which position of the shift; None where it has none, and where any will do.
    `risk_read`: the note about risk was ticked, which is kept with its time. `by_hand`: the organiser puts them down, and
    neither the condition nor the note stands in the way.
    Raises NotFound for a shift nobody may see, Conflict when the activity takes no one any more, Invalid (`shift`, `position`,
    `risk_read`) for who may not join, for a position that is not there, and for a note that was not read.
    """
    lock_person(person_id)
    lock_shifts(shift_id)
    shift, activity = _open_shift(shift_id, now)
    if position_id is not None and _position(shift, position_id) is None:
        raise Invalid({"position": "岗位刚改过，请再选一次"})
    made = db.session.execute(
        upsert(Signup)
        .values(
            shift_id=shift_id,
            person_id=person_id,
            made_at=now,
            risk_read_at=now if risk_read and activity.risk_note else None,
            position_id=position_id,
        )
        .on_conflict_do_nothing(index_elements=["shift_id", "person_id"], index_where=Signup.withdrawn_at.is_(None))
        .returning(Signup.id)
    ).scalar_one_or_none()
    if made is None:
        return Taken(_standing(shift_id, person_id), fresh=False)
    if not by_hand:
        joining.check(activity, person_id, now, by_other=by_id is not None, risk_read=risk_read)
    seat(shift, made, position_id, now)
    audit.record(by_id or person_id, "signup", "signup", made, shift=shift.id, **({"person": person_id} if by_id else {}))
    return Taken(_standing(shift_id, person_id), fresh=True)


def withdraw(signup_id: int, person_id: int, now: datetime, *, by_id: int | None = None) -> SignupRow:
    """Give the place back; the first in line moves up. Returns the sign-up as it stood. `by_id` is who acts for the person.

    Raises NotFound for anyone else's or one withdrawn before, Conflict once the shift has begun.
    """
    standing = _own(signup_id, person_id)
    if standing.starts_at <= now:
        raise Conflict("这个班次已经开始，不能再退出。来不了也没关系，没签到就不会计入。")
    _free(standing, now)
    for_whom = {"person": person_id} if by_id else {}
    audit.record(by_id or person_id, "signup.withdrawal", "signup", signup_id, shift=standing.shift_id, **for_whom)
    promote(standing.shift_id, now)
    return standing


def remove(signup_id: int, activity_id: int, by_id: int, reason: str, now: datetime) -> SignupRow:
    """The organiser takes somebody off, who is told why; the first in line moves up. Returns the sign-up as it stood.

    Raises NotFound for one withdrawn before, Conflict once the shift has begun: who did not come has no hours anyway.
    """
    standing = queries.signup(signup_id)
    if standing is None or standing.activity_id != activity_id:
        raise NotFound(GONE)
    lock_shifts(standing.shift_id)
    shift, activity = _open_shift(standing.shift_id, now)
    if shift.starts_at <= now:
        raise Conflict("这个班次已经开始，不能再请人退出。没签到就不会计入。")
    standing = _still(signup_id)
    _free(standing, now)
    audit.record(by_id, "signup.removal", "signup", signup_id, shift=shift.id, person=standing.person_id, reason=reason)
    place = standing.where if standing.seated else f"{standing.where}的候补"
    where = f"《{activity.title}》{place}（{_when(shift)}）"
    words = f"组织者请您退出{where}，不用来了。原因：{reason}。有疑问请找联系人{activity.contact_name}。"
    notify(standing.person_id, words, f"/activities/{activity.id}")
    promote(shift.id, now)
    return standing


def _free(standing: SignupRow, now: datetime) -> None:
    """Withdrawn from now on, and its seat is free. Raises NotFound when somebody was faster."""
    signup_id = standing.id
    gone = update(Signup).where(Signup.id == signup_id, Signup.withdrawn_at.is_(None)).values(withdrawn_at=now)
    row = db.session.execute(gone.returning(Signup.seated_at, Signup.position_id)).one_or_none()
    if row is None:
        raise NotFound(GONE)
    if row.seated_at is not None:
        give_back(standing.shift_id, row.position_id)


def change_position(signup_id: int, person_id: int, position_id: int | None, now: datetime, *, by_id: int | None = None) -> SignupRow:
    """换岗位: to a free seat of another position that nobody waits for. Returns it as it is now.

    Who waits takes such a seat, or else waits for that position (None: for any) at the place in line that they have had all along.
    Raises NotFound as above, Conflict once the shift has begun and when there is no such seat: then who has one keeps it.
    """
    _own(signup_id, person_id)
    standing = _still(signup_id)
    shift, _ = _open_shift(standing.shift_id, now)
    wanted = _position(shift, position_id)
    if wanted is None and (position_id is not None or standing.seated):
        raise NotFound("这个岗位已经没有了，请刷新再看。")
    if shift.starts_at <= now:
        raise Conflict("这个班次已经开始，换岗位请跟现场的组织者说一声。")
    if standing.seated and standing.position_id == position_id:
        return standing
    found = free_position(shift.id, position_id, before=None if standing.seated else signup_id)
    if shift.walk_ins and not shift.left and not standing.seated:  # who came without a seat sits on it
        found = None
    if found is None and standing.seated:
        raise Conflict(f"“{wanted.name if wanted else ''}”现在没有空位，您还在“{standing.position_name}”。")
    if found is None and standing.position_id == position_id:
        return standing
    values = {"position_id": position_id} if found is None else {"position_id": found, "seated_at": now}
    db.session.execute(update(Signup).where(Signup.id == signup_id).values(**values))
    changed = _still(signup_id)
    details = {"before": standing.position_name or ANY, "after": changed.position_name or ANY} | ({"person": person_id} if by_id else {})
    audit.record(by_id or person_id, "signup.position", "signup", signup_id, shift=shift.id, **details)
    promote(shift.id, now)
    return _still(signup_id)


def promote(shift_id: int, now: datetime) -> list[int]:
    """Fill free seats from the waiting list in its order and tell those who moved up; returns their sign-ups.

    Nothing from 12 hours before the start on: then the organiser calls. The caller holds the lock on the shift.
    """
    writing()
    shift = queries.shift(shift_id)
    if shift is None or not promotes(shift.starts_at, now):
        return []
    moved: list[int] = []
    while (first := first_in_line(shift)) is not None and seat(shift, *first, now):
        _tell(first[0], shift, None)
        moved.append(first[0])
    return moved


def seat_by_hand(signup_id: int, activity_id: int, by_id: int, now: datetime, *, position_id: int | None = None) -> Taken:
    """The organiser called and seats someone from the waiting list, at another position if both agreed on one.

    Not `fresh` when they had a seat before. Raises Conflict when no seat is free, which says where there is one.
    """
    standing = queries.signup(signup_id)
    if standing is None or standing.activity_id != activity_id:
        raise NotFound(GONE)
    lock_shifts(standing.shift_id)
    shift, _ = _open_shift(standing.shift_id, now)
    standing = _still(signup_id)
    if standing.seated:
        return Taken(standing, fresh=False)
    wish = position_id if position_id is not None else standing.position_id
    if not seat_anyhow(shift, signup_id, wish, now):
        raise Conflict(_no_seat(shift, _position(shift, wish)))
    _tell(signup_id, shift, by_id)
    return Taken(_still(signup_id), fresh=True)


def _no_seat(shift: ShiftRow, wanted: PositionRow | None) -> str:
    free = [f"“{one.name}”还有 {one.left} 个" for one in shift.positions if one.left] if shift.left else []
    where = f"“{wanted.name}”" if wanted else ""
    if free:
        return f"{where}现在没有空位。{'，'.join(free)}：问过本人，选好再按“补上”。"
    return f"{where}现在没有空位。可以先把名额加大，再请候补的人补上。"


def _tell(signup_id: int, shift: ShiftRow, by_id: int | None) -> None:
    """Who moved up reads where and when."""
    standing = _still(signup_id)
    title = db.session.execute(select(Activity.title).where(Activity.id == shift.activity_id)).scalar_one()
    where = shift.name + (f"·{standing.position_name}" if standing.position_name else "")
    words = f"您候补上了：《{title}》{where}，{_when(shift)}。来不了请早点退出，好让下一位补上。"
    notify(standing.person_id, words, f"/activities/{shift.activity_id}")
    audit.record(by_id, "signup.promotion", "signup", signup_id, shift=shift.id)


def _when(shift: ShiftRow) -> str:
    day = local_date(shift.starts_at)
    return f"{day.month}月{day.day}日 {weekday(day)} {span_words(shift.starts_at, shift.last_end)}"


def _own(signup_id: int, person_id: int) -> SignupRow:
    """The person's own sign-up, as it stood before both were locked."""
    lock_person(person_id)
    standing = queries.signup(signup_id)
    if standing is None or standing.person_id != person_id:
        raise NotFound("这次报名已经退出了，或不是您的。")
    lock_shifts(standing.shift_id)
    return standing


def _still(signup_id: int) -> SignupRow:
    """Read under the lock."""
    standing = queries.signup(signup_id)
    if standing is None:
        raise NotFound(GONE)
    return standing


def _standing(shift_id: int, person_id: int) -> SignupRow:
    found = select(Signup.id).where(Signup.shift_id == shift_id, Signup.person_id == person_id, Signup.withdrawn_at.is_(None))
    return _still(db.session.execute(found).scalar_one())


def _position(shift: ShiftRow, position_id: int | None) -> PositionRow | None:
    return next((one for one in shift.positions if one.id == position_id), None)


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
