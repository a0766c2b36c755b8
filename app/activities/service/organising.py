"""Making and extending activities; publishing and cancelling are in publishing.py, closing in closing.py. Called inside a
write transaction; who may is the caller's to check through queries.managed_activity, the organising unit is checked here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update

from app.activities import queries
from app.activities.models import Activity, Shift, Signup
from app.activities.position_rules import rename_fault
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.rules import EXTENDS_UNTIL, MAX_SHIFT, ActivityDraft, ActivityState, ShiftDraft, shift_fault
from app.activities.service.positions import make_positions
from app.activities.service.seats import lock_shifts
from app.audit import service as audit
from app.core import clock, trace
from app.core.actor import Actor
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.core.words import time_words
from app.people.queries import is_below
from app.people.rules import StageKind

_attended: Callable[[int], bool] | None = None


def ask_attendance(someone_came: Callable[[int], bool]) -> None:
    """Check-in lends its answer to "has anyone come to this activity?" (by activity id), which it alone knows."""
    global _attended
    _attended = someone_came


def someone_came(activity_id: int) -> bool:
    return _attended is not None and _attended(activity_id)


@dataclass(frozen=True)
class Made:
    """`fresh` is False when the same form, or the same day of a series, was sent before: a resent one changes nothing."""

    activity_id: int
    fresh: bool


def create_activity(draft: ActivityDraft, actor: Actor, now: datetime) -> int:
    """A draft that only its managers see. Raises Invalid for a unit out of scope or a shift that can not be."""
    return create_once(draft, actor, now, None).activity_id


def create_once(draft: ActivityDraft, actor: Actor, now: datetime, form_id: str | None, *, planned: tuple[int, date] | None = None) -> Made:
    """The same, once a form and once a day of a series (`planned`: its id and the day).

    Raises Conflict when somebody else's activity was made with this form.
    """
    writing()
    check(draft, actor)
    values = facts(draft) | {
        "unit_id": draft.unit_id,
        "kind": draft.kind,
        "template": draft.template,
        "contact_id": actor.person_id,
        "created_at": now,
        "created_by_id": actor.person_id,
        "form_id": form_id,
        "series_id": planned[0] if planned else None,
        "series_on": planned[1] if planned else None,
    }
    activity_id = _insert_with_code(values)
    if activity_id is None:
        return _made_before(values, actor)
    for shift in draft.shifts:
        make_shift(activity_id, shift)
    audit.record(actor.person_id, "activity", "activity", activity_id, unit=draft.unit_id, kind=draft.kind.value)
    return Made(activity_id, fresh=True)


def make_shift(activity_id: int, shift: ShiftDraft) -> None:
    """With its positions."""
    made = insert(Shift).values(
        activity_id=activity_id,
        name=shift.name,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        break_minutes=shift.break_minutes,
        capacity=shift.capacity,
        taken=0,
    )
    make_positions(db.session.execute(made.returning(Shift.id)).scalar_one(), shift.positions)


def _made_before(values: dict[str, object], actor: Actor) -> Made:
    known = made_with(values["form_id"]) or _planned(values["series_id"], values["series_on"])
    row = queries.activity(known) if known else None
    if row is None or (values["form_id"] and row.created_by_id != actor.person_id):
        raise Conflict("这张表已经用过了，请重新打开“办一场活动”。")
    return Made(row.id, fresh=False)


def check(draft: ActivityDraft, actor: Actor) -> None:
    """Raises Invalid. Fields of the third shift are named `s2-end` as in the form."""
    faults = {f"s{place}-end": fault for place, shift in enumerate(draft.shifts) if (fault := shift_fault(shift))}
    for place, shift in enumerate(draft.shifts):
        if shift.id is None and (fault := rename_fault(shift.positions, ())):
            faults[f"s{place}-positions"] = fault
    if not is_below(draft.unit_id, actor.roots(Action.ACTIVITY_MANAGE), clock.today()):
        faults["unit_id"] = "请选择您管理的组织"
    if not draft.shifts:
        faults["shifts"] = "至少要有一个班次"
    if faults:
        raise Invalid(faults)


def facts(draft: ActivityDraft) -> dict[str, object]:
    """What a revision may change as well: everything but kind, unit and shifts."""
    return {
        "title": draft.title,
        "place_text": draft.place_text,
        "description": draft.description,
        "risk_note": draft.risk_note,
        "code_way": draft.code_way,
        "insurance_note": draft.insurance_note,
        "for_unit_id": draft.who.unit_id,
        "age_from": draft.who.age_from,
        "age_to": draft.who.age_to,
        "for_stages": " ".join(kind for kind in StageKind if kind in draft.who.stages),
        "asks_training": draft.who.training,
        "training_months": draft.who.training_months,
        "gives_training": draft.gives_training,
    }


def _insert_with_code(values: dict[str, object]) -> int | None:
    """Four characters while they last, then five: the unique index says which are taken. None when the form or the day of
    the series was used before.
    """
    for length in (4, 4, 4, 4, 5, 5, 6, 8):
        made = upsert(Activity).values(code=trace.new_code(length), **values).on_conflict_do_nothing()
        activity_id: int | None = db.session.execute(made.returning(Activity.id)).scalar_one_or_none()
        if activity_id is not None:
            return activity_id
        if made_with(values.get("form_id")) or _planned(values.get("series_id"), values.get("series_on")):
            return None
    raise Conflict("这次没有排到活动号，请再试一次。")


def made_with(form_id: object) -> int | None:
    """The activity that was made with a form."""
    return db.session.scalar(select(Activity.id).where(Activity.form_id == form_id)) if form_id else None


def _planned(series_id: object, day: object) -> int | None:
    known = select(Activity.id).where(Activity.series_id == series_id, Activity.series_on == day)
    return db.session.scalar(known) if series_id else None


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


def _known(activity_id: int) -> ActivityRow:
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    return row
