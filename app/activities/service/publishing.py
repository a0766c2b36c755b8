"""Publishing, taking back what nobody signed up for, and cancelling. Called inside a write transaction.

What the 街道 organises for everyone is published by two: one asks, another publishes (the database refuses one and the same).
"""

from datetime import datetime

from sqlalchemy import update

from app.activities import queries
from app.activities.models import Activity
from app.activities.queries import ActivityRow
from app.activities.service.organising import signed_up_people, someone_came
from app.activities.service.signups import lock_shifts
from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.worklist.service import notify


def publish(activity_id: int, by_id: int, now: datetime) -> bool:
    """From now on anyone sees it and may sign up. Twice is once. False: it needs a second person, who is asked from now on.

    Raises Conflict when it is over or withdrawn.
    """
    writing()
    row = _known(activity_id)
    if row.published_at:
        return True
    if row.cancelled_at:
        raise Conflict("这份草稿已经撤下，不能发布。可以照着它再办一场。")
    if row.ends_at is None or row.ends_at <= now:
        raise Conflict("班次的时间已经过去，没有发布。请先改日期。")
    if row.needs_second and row.publication_asked_by_id in {None, by_id}:
        if row.publication_asked_by_id is None:
            _set(activity_id, publication_asked_at=now, publication_asked_by_id=by_id)
            audit.record(by_id, "activity.publication_request", "activity", activity_id)
        return False
    fresh = update(Activity).where(Activity.id == activity_id, Activity.published_at.is_(None), Activity.cancelled_at.is_(None))
    if row.needs_second:  # what was asked for, not what somebody is just changing
        fresh = fresh.where(Activity.publication_asked_at == row.publication_asked_at)
    else:
        fresh = fresh.values(publication_asked_at=None, publication_asked_by_id=None)
    if db.session.execute(fresh.values(published_at=now, published_by_id=by_id).returning(Activity.id)).scalar_one_or_none():
        audit.record(by_id, "activity.publication", "activity", activity_id)
        if row.needs_second and row.publication_asked_by_id:
            notify(row.publication_asked_by_id, f"《{row.title}》有人同意，已经发布了。", f"/activities/{activity_id}")
    return True


def decline(activity_id: int, by_id: int, reason: str) -> None:
    """退回: it stays a draft, and who asked is told why. Raises Invalid without a reason, Conflict when nothing waits."""
    writing()
    row = _known(activity_id)
    if not reason:
        raise Invalid({"reason": "请写明退回的原因"})
    if row.public or row.publication_asked_by_id is None:
        raise Conflict("这场活动没有在等人发布。")
    if row.publication_asked_by_id == by_id:
        raise Conflict("这是您自己请人发布的。要改，点“改一改”。")
    _set(activity_id, publication_asked_at=None, publication_asked_by_id=None)
    audit.record(by_id, "activity.publication_refusal", "activity", activity_id, reason=reason)
    notify(row.publication_asked_by_id, f"《{row.title}》退回了，没有发布。原因：{reason}", f"/activities/{activity_id}")


def unpublish(activity_id: int, by_id: int) -> None:
    """撤回: while nobody is signed up it is a draft again, seen by its managers only; nobody is told.

    Raises Conflict for what is no longer open, and once somebody signed up or came: then it is cancelled, with a word to them.
    """
    writing()
    lock_shifts(*[shift.id for shift in queries.shifts_of(activity_id)])
    row = _known(activity_id)
    if row.cancelled_at or row.closed_at:
        raise Conflict("这场活动已经取消或收场，不能撤回。")
    if not row.published_at:
        return
    if someone_came(activity_id) or signed_up_people(activity_id):
        raise Conflict("已经有人报名，不能悄悄撤回。请用“取消这场活动”，会通知他们。")
    _set(activity_id, published_at=None, published_by_id=None, publication_asked_at=None, publication_asked_by_id=None)
    audit.record(by_id, "activity.unpublication", "activity", activity_id)


def cancel(activity_id: int, by_id: int, now: datetime, reason: str = "") -> int:
    """Call off what was published and tell everyone who signed up, with the reason; returns how many were told.

    Raises Invalid where somebody signed up and no reason is given; Conflict for a draft, for one that is closed, and once
    someone has checked in.
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
    people = signed_up_people(activity_id)
    if people and not reason:
        raise Invalid({"reason": "请写一句为什么取消，会告诉报了名的人"})
    _set(activity_id, cancelled_at=now, cancel_reason=reason or None)
    audit.record(by_id, "activity.cancellation", "activity", activity_id, reason=reason)
    day = row.starts_at and clock.local(row.starts_at)
    when = f"{day.month}月{day.day}日 " if day else ""
    for person_id in people:
        notify(person_id, f"活动取消了：{when}《{row.title}》，不用来了。原因：{reason}", f"/activities/{activity_id}")
    return len(people)


def withdraw_draft(activity_id: int, by_id: int, now: datetime) -> None:
    """A draft nobody saw is put away; nobody is told. Raises Conflict once it was published."""
    writing()
    row = _known(activity_id)
    if row.published_at:
        raise Conflict("已经发布了，要用“取消活动”，好通知报名的人。")
    if not row.cancelled_at:
        _set(activity_id, cancelled_at=now)
        audit.record(by_id, "activity.withdrawal", "activity", activity_id)


def _set(activity_id: int, **values: object) -> None:
    db.session.execute(update(Activity).where(Activity.id == activity_id).values(**values))


def _known(activity_id: int) -> ActivityRow:
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    return row
