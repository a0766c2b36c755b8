"""Changing an activity: freely while it is a draft, and within what people were promised afterwards."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from app.activities import queries
from app.activities.joining_rules import needs_second
from app.activities.models import Activity, Shift, Signup
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.rules import ActivityDraft, ActivityState, ShiftDraft
from app.activities.service.organising import check, facts, make_shift, signed_up_people, someone_came
from app.activities.service.positions import drop_positions, write_positions
from app.activities.service.seats import lock_shifts
from app.activities.service.signups import promote
from app.audit import service as audit
from app.core.actor import Actor
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.people.queries import unit
from app.worklist.service import notify


def revise(activity_id: int, draft: ActivityDraft, actor: Actor, now: datetime) -> int:
    """Write the form's state over the activity, all or nothing.

    A draft may change altogether. Once published, kind and unit stay; times and shifts change only while nobody has checked
    in; seats never fall below those taken. People signed up are told when time or place changed, and when their position
    is called something else; returns how many.
    Raises Invalid with fields named as in the form, Conflict when it is over.
    """
    writing()
    before = queries.shifts_of(activity_id)
    lock_shifts(*[shift.id for shift in before])
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    if row.state(now) not in {ActivityState.DRAFT, ActivityState.OPEN}:
        raise Conflict("这场活动已经结束或取消，不能再改。可以照着它再办一场。")
    check(draft, actor)
    known = {shift.id: shift for shift in before}
    moved = _moved(draft, known)
    if moved and row.public and someone_came(activity_id):
        raise Invalid({"shifts": "已经有人签到，班次和时间不能再改；要晚点结束，请用“延长”。"})
    values = facts(draft)
    if not row.public:  # whoever asked for its publication asks again, for what it says now
        values |= {"kind": draft.kind, "unit_id": draft.unit_id, "publication_asked_at": None, "publication_asked_by_id": None}
    elif _for_all(row, draft) and not row.needs_second:
        raise Invalid({"for_unit": "放宽到全街道要另一个人同意。请先撤回，改好再请人发布；已有人报名就另办一场。"})
    db.session.execute(update(Activity).where(Activity.id == activity_id).values(**values))
    _write_shifts(activity_id, draft, known, now)
    audit.record(actor.person_id, "activity.revision", "activity", activity_id, times=moved, place=draft.place_text != row.place_text)
    return len(_tell_changes(row, draft, moved) | _tell_names(row, draft)) if row.public else 0


def _for_all(row: ActivityRow, draft: ActivityDraft) -> bool:
    """Whether what is published would be for the whole 街道 from now on."""
    chosen = unit(draft.who.unit_id) if draft.who.unit_id else None
    return needs_second(row.unit_kind, draft.who, chosen.kind if chosen else None)


def _moved(draft: ActivityDraft, known: dict[int, ShiftRow]) -> bool:
    """Whether any shift came, went or changed its times."""
    if {shift.id for shift in draft.shifts} != set(known):
        return True
    return any(_times(shift) != _times(known[shift.id]) for shift in draft.shifts if shift.id in known)


def _times(shift: ShiftDraft | ShiftRow) -> tuple[datetime, datetime, int]:
    return shift.starts_at, shift.ends_at, shift.break_minutes


def _write_shifts(activity_id: int, draft: ActivityDraft, known: dict[int, ShiftRow], now: datetime) -> None:
    faults: dict[str, str] = {}
    for shift_id in sorted(set(known) - {shift.id for shift in draft.shifts}):
        used = db.session.scalar(select(Signup.id).where(Signup.shift_id == shift_id).limit(1))
        if used is not None:
            faults["shifts"] = f"“{known[shift_id].name}”有人报过名，不能删掉。可以改时间，或取消整场活动。"
        else:
            drop_positions(shift_id)
            db.session.execute(delete(Shift).where(Shift.id == shift_id))
    for place, shift in enumerate(draft.shifts):
        if shift.id is None:
            make_shift(activity_id, shift)
        elif shift.id not in known:
            faults["shifts"] = "有一个班次不是这场活动的，请刷新页面再改。"
        elif fault := write_positions(shift.id, shift.positions):
            faults[f"s{place}-positions"] = fault
        elif not _update(shift.id, shift):
            faults[f"s{place}-capacity"] = f"已有 {known[shift.id].taken} 人报上，名额不能少于这个数"
        else:
            promote(shift.id, now)
    if faults:
        raise Invalid(faults)


def _update(shift_id: int, shift: ShiftDraft) -> bool:
    """False when more seats are taken than would be left. An extension that no longer lies after the end is dropped.

    Of a shift with positions the capacity is kept by them.
    """
    values = {"name": shift.name, "starts_at": shift.starts_at, "ends_at": shift.ends_at, "break_minutes": shift.break_minutes}
    room = [Shift.id == shift_id]
    if not shift.positions:
        values["capacity"] = shift.capacity
        if shift.capacity is not None:
            room.append(Shift.taken <= shift.capacity)
    db.session.execute(
        update(Shift)
        .where(Shift.id == shift_id, or_(Shift.extended_to <= shift.ends_at, Shift.starts_at != shift.starts_at))
        .values(extended_to=None)
    )
    return db.session.execute(update(Shift).where(*room).values(**values).returning(Shift.id)).scalar_one_or_none() is not None


def _tell_changes(row: ActivityRow, draft: ActivityDraft, moved: bool) -> set[int]:
    read_anew = bool(draft.risk_note) and draft.risk_note != row.risk_note
    news = (("时间", moved), ("地点", draft.place_text != row.place_text), ("出门前的提醒", read_anew))
    changed = [word for word, is_so in news if is_so]
    people = signed_up_people(row.id) if changed else []
    for person_id in people:
        words = f"《{draft.title}》{'和'.join(changed)}有改动，请看一眼。来不了请退出，好让别人补上。"
        notify(person_id, words, f"/activities/{row.id}")
    return set(people)


def _tell_names(row: ActivityRow, draft: ActivityDraft) -> set[int]:
    """Who holds a seat at a position that is called something else now, or waits for one."""
    renamed = {(shift.id, one.name): one.was for shift in draft.shifts for one in shift.positions if shift.id and one.was}
    told: set[int] = set()
    for signup in queries.signups_in(row.id) if renamed else []:
        was = renamed.get((signup.shift_id, signup.position_name or ""))
        if was is None:
            continue
        stays = "您还在这个岗位" if signup.seated else "您的候补不变"
        named = f"《{draft.title}》{signup.shift_name}的岗位“{was}”改叫“{signup.position_name}”"
        notify(signup.person_id, f"{named}，{stays}。不合适的话，可以换岗位或退出。", f"/activities/{row.id}")
        told.add(signup.person_id)
    return told
