"""Deciding about spells that somebody should look at: they count, or they are left out. Called inside a write transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import insert, update

from app.audit import service as audit
from app.checkin import queries
from app.checkin.models import Attendance, AttendanceDecision
from app.checkin.queries import SpellRow, deciding, looking
from app.checkin.queries.deciding import HeldRow
from app.checkin.reasons import Limits, Verdict
from app.checkin.service.spells import Ending, Posting, credit_spells, spell_of
from app.core.actor import Actor
from app.core.db import db, writing
from app.core.errors import NotFound, Refused
from app.people import service as people
from app.settings import service as settings

NOT_ONES_OWN = "自己的和家人的记录不能自己核实，已经转给上级组织。"
TAKES_ANOTHER = "已经收场了，要由收场的人和组织者以外的另一位来核实。这条还在等，没有变。"


def set_limits(limits: Limits, by_id: int, now: datetime) -> None:
    """From now on; what was decided or credited before stands."""
    settings.put(looking.SETTING, {"parent_minutes": limits.parent, "subdistrict_minutes": limits.subdistrict}, by_id, now)


@dataclass(frozen=True)
class Decided:
    """`done` spells were decided; `clashing` names those that still overlap another one, `raised` those that go further up."""

    done: int
    minutes: int
    clashing: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()


def decide(attendance_ids: Collection[int], verdict: Verdict, actor: Actor, now: datetime, note: str = "") -> Decided:
    """Decide about held spells, one or many. Final; who, when and how stands on record.

    Raises Refused for one's own or a relative's, and after 收场 for who closed it, organised it or made the spell what it is;
    NotFound for what is not held or lies outside what the actor decides.
    """
    writing()
    people.lock_persons(sorted({row.person_id for row in queries.spells(attendance_ids)}))
    rows = deciding.held(attendance_ids, actor, now)
    if len(rows) < len(set(attendance_ids)):
        _explain([row for row in queries.spells(attendance_ids) if row.held], actor)
    if verdict is Verdict.LEAVE:
        leave_out([row.spell.id for row in rows], actor.person_id, now, note)
        return Decided(len(rows), 0)
    return _count(rows, actor, now, note)


def _explain(rows: Sequence[SpellRow], actor: Actor) -> None:
    person_ids = {row.person_id for row in rows}
    if actor.person_id in person_ids or deciding.relatives_among(actor.person_id, person_ids):
        raise Refused(NOT_ONES_OWN)
    if deciding.takes_another([row.id for row in rows], actor.person_id):
        raise Refused(TAKES_ANOTHER)
    raise NotFound


def _count(rows: Sequence[HeldRow], actor: Actor, now: datetime, note: str) -> Decided:
    """Count what may count now. An overlap can not be decided away, and a day that has grown longer meanwhile goes further up."""
    done: list[int] = []
    left: list[str] = []
    minutes = 0
    ordered = sorted(rows, key=lambda row: (row.activity_id, row.rung, row.spell.id))
    for (activity_id, rung), group in groupby(ordered, key=lambda row: (row.activity_id, row.rung)):
        ended = [
            (row, Ending(spell_of(row.spell), row.spell.out_at, row.spell.out_way))
            for row in group
            if row.spell.out_at and row.spell.out_way
        ]
        posting = Posting(approved_by_id=actor.person_id, decided=rung)
        results = credit_spells([ending for _, ending in ended], queries.event_of(activity_id), now, posting)
        for (row, _), result in zip(ended, results, strict=True):
            if result.review:
                left.append(row.spell.name)
            else:
                done.append(row.spell.id)
                minutes += result.minutes
    _record(done, Verdict.COUNT, actor.person_id, now, note)
    still = {row.spell.id: row.rung for row in deciding.held_now([row.spell.id for row in rows if row.spell.id not in done])}
    raised = tuple(row.spell.name for row in rows if row.spell.id in still and still[row.spell.id] is not row.rung)
    return Decided(len(done), minutes, tuple(name for name in left if name not in raised), raised)


def _record(attendance_ids: Sequence[int], verdict: Verdict, by_id: int, now: datetime, note: str) -> None:
    if not attendance_ids:
        return
    values = {"made_at": now, "made_by_id": by_id, "verdict": verdict, "note": note}
    db.session.execute(insert(AttendanceDecision), [{"attendance_id": one, **values} for one in attendance_ids])
    many = {"attendances": list(attendance_ids)} if len(attendance_ids) > 1 else {}
    audit.record(by_id, f"attendance.{verdict.value}", "attendance", attendance_ids[0], **many)


def leave_out(attendance_ids: Sequence[int], by_id: int, now: datetime, note: str = "") -> None:
    """Ended spells count nothing from now on. Who may decide so is for the caller to see to."""
    _record(attendance_ids, Verdict.LEAVE, by_id, now, note)
    leaving = update(Attendance).where(Attendance.id.in_(attendance_ids))
    db.session.execute(leaving.values(excluded_at=now, excluded_by_id=by_id, held_at=None, held_for=None, held_unit_id=None))
