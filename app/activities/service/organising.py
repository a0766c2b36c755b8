"""Making, changing, publishing, cancelling and closing activities. Called inside a write transaction; who may is the caller's to check
through queries.managed_activity, the organising unit is checked here.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, insert, select, update

from app.activities import queries
from app.activities.models import Activity, Shift, Signup
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.rules import EXTENDS_UNTIL, MAX_SHIFT, ActivityDraft, ActivityState, shift_fault
from app.activities.service.signups import lock_shifts
from app.audit import service as audit
from app.core import clock, trace
from app.core.actor import Actor
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.core.words import time_words
from app.people.queries import is_below
from app.worklist.service import notify

_attended: Callable[[int], bool] | None = None


def ask_attendance(someone_came: Callable[[int], bool]) -> None:
    """Check-in lends its answer to "has anyone come to this activity?" (by activity id), which it alone knows."""
    global _attended
    _attended = someone_came


def someone_came(activity_id: int) -> bool:
    return _attended is not None and _attended(activity_id)


def create_activity(draft: ActivityDraft, actor: Actor, now: datetime) -> int:
    """A draft that only its managers see. Raises Invalid for a unit out of scope or a shift that can not be."""
    writing()
    check(draft, actor)
    values = _facts(draft) | {
        "unit_id": draft.unit_id,
        "kind": draft.kind,
        "code_way": draft.code_way,
        "contact_id": actor.person_id,
        "created_at": now,
        "created_by_id": actor.person_id,
    }
    activity_id = _insert_with_code(values)
    for shift in draft.shifts:
        db.session.execute(
            insert(Shift).values(
                activity_id=activity_id,
                name=shift.name,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                break_minutes=shift.break_minutes,
                capacity=shift.capacity,
                taken=0,
            )
        )
    audit.record(actor.person_id, "activity", "activity", activity_id, unit=draft.unit_id, kind=draft.kind.value)
    return activity_id


def check(draft: ActivityDraft, actor: Actor) -> None:
    """Raises Invalid. Fields of the third shift are named `s2-end` as in the form."""
    faults = {f"s{place}-end": fault for place, shift in enumerate(draft.shifts) if (fault := shift_fault(shift))}
    if not is_below(draft.unit_id, actor.roots(Action.ACTIVITY_MANAGE), clock.today()):
        faults["unit_id"] = "请选择您管理的组织"
    if not draft.shifts:
        faults["shifts"] = "至少要有一个班次"
    if faults:
        raise Invalid(faults)


def _facts(draft: ActivityDraft) -> dict[str, object]:
    return {
        "title": draft.title,
        "place_text": draft.place_text,
        "description": draft.description,
        "risk_note": draft.risk_note,
    }


def _insert_with_code(values: dict[str, object]) -> int:
    """Four characters while they last, then five: the unique index says which are taken."""
    for length in (4, 4, 4, 4, 5, 5, 6, 8):
        made = upsert(Activity).values(code=trace.new_code(length), **values).on_conflict_do_nothing(index_elements=["code"])
        activity_id: int | None = db.session.execute(made.returning(Activity.id)).scalar_one_or_none()
        if activity_id is not None:
            return activity_id
    raise Conflict("这次没有排到活动号，请再试一次。")


def publish(activity_id: int, by_id: int, now: datetime) -> None:
    """From now on anyone sees it and may sign up. Twice is once. Raises Conflict when it is over or withdrawn."""
    writing()
    row = _known(activity_id)
    if row.published_at:
        return
    if row.cancelled_at:
        raise Conflict("这份草稿已经撤下，不能发布。可以照着它再办一场。")
    if row.ends_at is None or row.ends_at <= now:
        raise Conflict("班次的时间已经过去，没有发布。请先改日期。")
    fresh = update(Activity).where(Activity.id == activity_id, Activity.published_at.is_(None), Activity.cancelled_at.is_(None))
    if db.session.execute(fresh.values(published_at=now, published_by_id=by_id).returning(Activity.id)).scalar_one_or_none():
        audit.record(by_id, "activity.publication", "activity", activity_id)


def cancel(activity_id: int, by_id: int, now: datetime) -> int:
    """Call off what was published and tell everyone who signed up; returns how many were told.

    Raises Conflict for a draft, for one that is closed, and once someone has checked in.
    """
    writing()
    lock_shifts(*[shift.id for shift in queries.shifts_of(activity_id)])
    row = _known(activity_id)
    if row.cancelled_at:
        return 0
    if not row.published_at:
        raise Conflict("这还是草稿，没有人看到，撤下就行。")
    if row.closed_at or someone_came(activity_id):
        raise Conflict("已经有人签到，不能取消了。请到现场页收场。")
    _set(activity_id, cancelled_at=now)
    audit.record(by_id, "activity.cancellation", "activity", activity_id)
    day = row.starts_at and clock.local(row.starts_at)
    when = f"{day.month}月{day.day}日 " if day else ""
    return _tell(activity_id, f"活动取消了：{when}《{row.title}》，不用来了。")


def withdraw_draft(activity_id: int, by_id: int, now: datetime) -> None:
    """A draft nobody saw is put away; nobody is told. Raises Conflict once it was published."""
    writing()
    row = _known(activity_id)
    if row.published_at:
        raise Conflict("已经发布了，要用“取消活动”，好通知报名的人。")
    if not row.cancelled_at:
        _set(activity_id, cancelled_at=now)
        audit.record(by_id, "activity.withdrawal", "activity", activity_id)


def extend_shift(shift_id: int, until: datetime, by_id: int, now: datetime) -> ShiftRow:
    """Let a shift run on. Raises Invalid (`until`) for a time not later than its end, Conflict when signing out is over."""
    writing()
    lock_shifts(shift_id)
    shift = queries.shift(shift_id)
    if shift is None:
        raise NotFound
    row = _known(shift.activity_id)
    if row.state(now) not in {ActivityState.OPEN, ActivityState.OVER} or now > shift.last_end + EXTENDS_UNTIL:
        raise Conflict("现在不能延长了：还没发布，或已经过了签退的时间。")
    if until <= shift.last_end:
        raise Invalid({"until": f"要晚于现在的结束时间 {time_words(shift.last_end)}"})
    if until - shift.starts_at > MAX_SHIFT:
        raise Invalid({"until": "一个班次最长 24 小时"})
    db.session.execute(update(Shift).where(Shift.id == shift_id).values(extended_to=until))
    audit.record(by_id, "shift.extension", "shift", shift_id, before=shift.last_end.isoformat(), after=until.isoformat())
    extended = queries.shift(shift_id)
    assert extended is not None  # noqa: S101 (shifts with people are never deleted)
    return extended


def close_activity(activity_id: int, by_id: int, served_count: int, now: datetime) -> None:
    """收场: the activity is over and counted. `served_count` is 服务人次.

    Raises Conflict while a shift still runs, and when it is a draft, cancelled or closed already.
    """
    writing()
    lock_shifts(*[shift.id for shift in queries.shifts_of(activity_id)])
    if served_count < 0:
        raise Invalid({"served_count": "服务人次不能少于 0"})
    row = _known(activity_id)
    if row.closed_at:
        raise Conflict("这场活动已经收场了。")
    if row.cancelled_at or not row.published_at:
        raise Conflict("这场活动没有办，不用收场。")
    if row.ends_at is None or row.ends_at > now:
        raise Conflict("还有班次没结束，结束后再收场。")
    done = update(Activity).where(Activity.id == activity_id, Activity.closed_at.is_(None))
    closed = db.session.execute(done.values(closed_at=now, closed_by_id=by_id, served_count=served_count).returning(Activity.id))
    if closed.scalar_one_or_none() is None:
        raise Conflict("这场活动已经收场了。")
    audit.record(by_id, "activity.closing", "activity", activity_id, served=served_count)


def signed_up_people(activity_id: int) -> list[int]:
    """Everyone with a standing sign-up, seat or not, once."""
    query = (
        select(Signup.person_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Shift.activity_id == activity_id, Signup.withdrawn_at.is_(None))
        .group_by(Signup.person_id)
        .order_by(func.min(Signup.id))
    )
    return list(db.session.execute(query).scalars())


def _tell(activity_id: int, text: str) -> int:
    people = signed_up_people(activity_id)
    for person_id in people:
        notify(person_id, text, f"/activities/{activity_id}")
    return len(people)


def _set(activity_id: int, **values: object) -> None:
    db.session.execute(update(Activity).where(Activity.id == activity_id).values(**values))


def _known(activity_id: int) -> ActivityRow:
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    return row
