"""A series: planned together, then ordinary activities that can be changed or cancelled from one of them on.

Called inside a write transaction.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.activities import queries
from app.activities.models import ActivitySeries
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.queries.series import activities_in, later_in
from app.activities.rules import ActivityDraft, ShiftDraft
from app.activities.series_rules import Every
from app.activities.service.organising import check, create_once, someone_came
from app.activities.service.publishing import cancel, publish, withdraw_draft
from app.activities.service.revising import revise
from app.activities.service.signups import lock_shifts
from app.audit import service as audit
from app.core.actor import Actor
from app.core.clock import local, local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True)
class Plan:
    """`days`: those that stayed ticked."""

    every: Every
    first: date
    until: date
    days: tuple[date, ...]


@dataclass(frozen=True)
class MadeSeries:
    """`fresh` is False when the same form was sent before; `public`: how many anyone sees now."""

    series_id: int
    fresh: bool
    public: int


def create_series(draft: ActivityDraft, plan: Plan, actor: Actor, now: datetime, form_id: str, *, published: bool) -> MadeSeries:
    """One activity a day, like the draft, which stands on the plan's first day. Twice with one form is once.

    Raises Invalid where a shift can not be, Conflict when somebody else used the form.
    """
    writing()
    check(draft, actor)
    values = {"unit_id": draft.unit_id, "title": draft.title, "every": plan.every, "first_on": plan.first, "until_on": plan.until}
    made = upsert(ActivitySeries).values(form_id=form_id, made_at=now, made_by_id=actor.person_id, **values).on_conflict_do_nothing()
    series_id: int | None = db.session.execute(made.returning(ActivitySeries.id)).scalar_one_or_none()
    if series_id is None:
        known = select(ActivitySeries.id).where(ActivitySeries.form_id == form_id, ActivitySeries.made_by_id == actor.person_id)
        before = db.session.scalar(known)
        if before is None:
            raise Conflict("这张表已经用过了，请重新打开“办一场活动”。")
        return MadeSeries(before, fresh=False, public=0)
    audit.record(actor.person_id, "activity_series", "activity_series", series_id, unit=draft.unit_id, title=draft.title)
    public = 0
    for day in plan.days:
        one = create_once(_moved(draft, day - plan.first), actor, now, None, planned=(series_id, day))
        public += published and publish(one.activity_id, actor.person_id, now)
    return MadeSeries(series_id, fresh=True, public=public)


def _moved(draft: ActivityDraft, by: timedelta) -> ActivityDraft:
    shifts = tuple(replace(shift, id=None, starts_at=shift.starts_at + by, ends_at=shift.ends_at + by) for shift in draft.shifts)
    return replace(draft, shifts=shifts)


def publish_series(series_id: int, by_id: int, now: datetime) -> tuple[int, int]:
    """All drafts of it that are not over: how many are public by now, and how many wait for a second person."""
    writing()
    waiting = [row for row in activities_in(series_id) if not row.public and not row.cancelled_at and row.ends_at and row.ends_at > now]
    public = sum(publish(row.id, by_id, now) for row in waiting)
    return public, len(waiting) - public


@dataclass(frozen=True)
class Changed:
    """`told` people; `left`: days whose shifts had been changed by themselves and stayed as they were."""

    count: int
    told: int
    left: tuple[date, ...]


def revise_later(activity_id: int, draft: ActivityDraft, actor: Actor, now: datetime, *, published: bool = False) -> Changed:
    """Carry what this revision changes over to the later ones too, and publish those that are drafts where `published`.

    What one of them had changed by itself, it keeps.

    All or nothing. Raises Invalid with the day of the one that can not be changed.
    """
    writing()
    row = queries.activity(activity_id)
    if row is None or row.starts_at is None:
        raise NotFound
    later = later_in(row, now)
    standing = {one.id: queries.shifts_of(one.id) for one in [row, *later]}
    lock_shifts(*sorted(shift.id for shifts in standing.values() for shift in shifts))
    before = standing[row.id]
    told, left = revise(row.id, draft, actor, now), []
    others = [one for one in later if one.id != row.id]
    for one in others:
        own, same = _carried(row, before, draft, one, standing[one.id])
        if not same:
            left.append(_day(one))
        try:
            told += revise(one.id, own, actor, now)
        except (Invalid, Conflict) as error:
            words = next(iter(error.fields.values())) if isinstance(error, Invalid) else error.message
            raise Invalid({"shifts": f"{_day(one).month}月{_day(one).day}日那场改不了：{words}"}) from error
    for one in [row, *others] if published else []:
        publish(one.id, actor.person_id, now)
    return Changed(len(others) + 1, told, tuple(left))


def _day(row: ActivityRow) -> date:
    assert row.starts_at is not None  # noqa: S101 (later_in leaves out what has no shift)
    return local_date(row.starts_at)


KEPT = {"shifts", "kind", "unit_id", "template"}


def _carried(
    row: ActivityRow, before: list[ShiftRow], draft: ActivityDraft, other: ActivityRow, shifts: list[ShiftRow]
) -> tuple[ActivityDraft, bool]:
    """`other` with what `draft` changes on `row`; False when its shifts differ and were let be."""
    names = [one.name for one in fields(ActivityDraft) if one.name not in KEPT]
    changed = {name: getattr(draft, name) for name in names if getattr(draft, name) != getattr(row, name)}
    plain = {name: getattr(other, name) for name in names} | changed
    as_it_was = tuple(shift.draft() for shift in shifts)
    own = ActivityDraft(kind=other.kind, unit_id=other.unit_id, shifts=as_it_was, template=other.template, **plain)
    if draft.shifts == tuple(shift.draft() for shift in before):
        return own, True
    if _shape(shifts) != _shape(before):
        return own, False
    by = _day(other) - _day(row)
    ids = dict(zip((shift.id for shift in before), (shift.id for shift in shifts), strict=True))
    return replace(own, shifts=tuple(_on(shift, by, ids) for shift in draft.shifts)), True


def _on(shift: ShiftDraft, by: timedelta, ids: dict[int, int]) -> ShiftDraft:
    own = ids.get(shift.id) if shift.id is not None else None
    return replace(shift, id=own, starts_at=shift.starts_at + by, ends_at=shift.ends_at + by)


def _shape(shifts: list[ShiftRow]) -> list[tuple[object, ...]]:
    """The same for two activities whose shifts differ by the day only."""
    if not shifts:
        return []
    begin = local(shifts[0].starts_at)
    midnight = begin.replace(hour=0, minute=0)
    plain = [one.draft() for one in shifts]
    return [(one.name, one.starts_at - midnight, one.ends_at - midnight, one.break_minutes, one.capacity, one.positions) for one in plain]


def cancel_later(activity_id: int, by_id: int, now: datetime, reason: str) -> tuple[int, int]:
    """This one and all later ones that have not begun: how many, and how many people were told (once for each)."""
    writing()
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    later = [one for one in later_in(row, now) if not someone_came(one.id)]
    lock_shifts(*sorted(shift.id for one in later for shift in queries.shifts_of(one.id)))
    told = 0
    for one in later:
        if one.public:
            told += cancel(one.id, by_id, now, reason)
        else:
            withdraw_draft(one.id, by_id, now)
    return len(later), told
