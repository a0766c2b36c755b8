"""Signing up those whom a 接龙 names, by the organiser's hand. Called inside a write transaction, a few people at a time."""

from collections.abc import Sequence
from datetime import datetime

from app.activities import queries
from app.activities.queries import ActivityRow
from app.activities.queries import chain as known
from app.activities.service import joining
from app.activities.service.signups import Taken, take_seat
from app.core import clock
from app.core.db import writing
from app.core.errors import NotFound
from app.core.words import span_words, weekday
from app.people.service import lock_persons
from app.worklist.service import notify_all


def barred(row: ActivityRow, person_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """person id → why they may not join; four queries at most, however many."""
    who = row.who
    trained: set[int] = set()
    if who.training and person_ids:
        day = clock.local_date(row.starts_at) if row.starts_at else clock.local_date(now)
        trained = joining.trained_among(person_ids, who.training, who.training_months, day)
    return known.barred(row, person_ids, trained, now)


def seat_listed(shift_id: int, wishes: Sequence[tuple[int, int | None]], by_id: int, now: datetime) -> list[Taken]:
    """A seat or a place in line for each (person, position that they named), in this order.

    Whoever is fresh is told who put them down and how to get off. Asking again changes nothing. Raises Conflict when the activity
    takes no one any more, Invalid when a position is no longer there.
    """
    writing()
    lock_persons(sorted(person_id for person_id, _ in wishes))
    taken = [take_seat(shift_id, person_id, now, position_id=position_id, by_id=by_id, by_hand=True) for person_id, position_id in wishes]
    shift = queries.shift(shift_id)
    row = queries.activity(shift.activity_id) if shift else None
    if shift is None or row is None:
        raise NotFound
    day = clock.local_date(shift.starts_at)
    when = f"{day.month}月{day.day}日 {weekday(day)} {span_words(shift.starts_at, shift.last_end)}"
    texts = {one.signup.person_id: _words(one, row.title, when) for one in taken if one.fresh}
    notify_all(texts, f"/activities/{row.id}")
    return taken


def _words(one: Taken, title: str, when: str) -> str:
    how = "替您报上了" if one.signup.seated else f"替您排了候补，第 {one.signup.position} 位"
    return f"组织者照群里的接龙{how}：《{title}》{one.signup.where}，{when}。来不了，到活动页退出就行。"
