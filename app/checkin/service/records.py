"""Records that people make and unmake: spells from a list of names that was approved, and a spell that is declared void."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, update

from app.audit import service as audit
from app.checkin.models import Attendance, Scan
from app.checkin.queries import Event, records
from app.checkin.rules import UNDO_FOR, Counted, Outcome, ShiftTimes, ShownCode, Way, count
from app.checkin.service.spells import Ending, Posting, Spell, credit_held, credit_spells
from app.core.db import db, writing
from app.core.errors import Conflict
from app.crediting import service as crediting
from app.hours.rules import SourceKind
from app.people import queries as people_read
from app.people import service as people

RECORDED_ALREADY = "这一班已有记录，没有再记"
OVERLAPS = "和另一场已记的时间重叠，没有记"
NOT_CONFIRMED = "还没核实是谁，没有记"


@dataclass(frozen=True)
class PaperSpell:
    """One person, said by people to have been there."""

    person_id: int
    in_at: datetime
    out_at: datetime


@dataclass(frozen=True)
class Recorded:
    """What a named spell came to: `skipped` says why there is no attendance, `held` that somebody looks first.

    `minutes` 0 is 时间太短.
    """

    attendance_id: int | None
    minutes: int
    skipped: str = ""
    held: bool = False


def record_paper(
    event: Event, shift: ShiftTimes, spells: Sequence[PaperSpell], now: datetime, *, made_by_id: int, approved_by_id: int, batch_id: int
) -> dict[int, Recorded]:
    """Scans, attendance and credits (补录时长) of one list of names, set-wise. Returns what came of each person.

    Who has a record at this shift, overlaps with a credited spell or is not confirmed is left out, with the reason. What
    somebody should look at first (a long day) is recorded and held.
    """
    writing()
    spells = sorted(spells, key=lambda spell: spell.person_id)
    everyone = [spell.person_id for spell in spells]
    people.lock_persons(everyone)
    counted = {spell.person_id: count(shift, spell.in_at, spell.out_at) for spell in spells}
    skipped = _reasons(shift, counted)
    chosen = [spell for spell in spells if spell.person_id not in skipped]
    ids = _write(event, shift, chosen, now, made_by_id) if chosen else []
    endings = [
        Ending(Spell(attendance_id, spell.person_id, shift, spell.in_at, Way.PAPER), spell.out_at, Way.PAPER)
        for spell, attendance_id in zip(chosen, ids, strict=True)
    ]
    counts = credit_spells(endings, event, now, Posting(made_by_id, approved_by_id, batch_id))
    done = {
        one.spell.person_id: Recorded(one.spell.id, ended.minutes, held=ended.review) for one, ended in zip(endings, counts, strict=True)
    }
    return done | {person_id: Recorded(None, 0, reason) for person_id, reason in skipped.items()}


def _reasons(shift: ShiftTimes, counted: Mapping[int, Counted]) -> dict[int, str]:
    """Who can not be recorded, and why."""
    here, known = records.recorded(shift.id, counted.keys()), people_read.confirmed_among(counted.keys())
    spans = records.credited_spans(counted.keys(), shift.starts_at, shift.last_end)
    reasons = {}
    for person_id, part in counted.items():
        if person_id in here:
            reasons[person_id] = RECORDED_ALREADY
        elif person_id not in known:
            reasons[person_id] = NOT_CONFIRMED
        elif part.minutes and any(begin < part.credited_to and end > part.credited_from for begin, end in spans.get(person_id, [])):
            reasons[person_id] = OVERLAPS
    return reasons


def _write(event: Event, shift: ShiftTimes, spells: Sequence[PaperSpell], now: datetime, by_id: int) -> list[int]:
    """The scans of both ends and the spells; the spells' ids in the order given."""
    scans: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for spell in spells:
        ends = [(Outcome.IN, ShownCode(uuid4(), event.activity_id, Way.PAPER, spell.in_at))]
        ends.append((Outcome.OUT, ShownCode(uuid4(), event.activity_id, Way.PAPER, spell.out_at)))
        scans += [
            {
                "id": shown.scan_id,
                "activity_id": event.activity_id,
                "shift_id": shift.id,
                "person_id": spell.person_id,
                "by_id": by_id,
                "way": Way.PAPER,
                "outcome": outcome,
                "at": shown.opened_at,
                "received_at": now,
                "content": shown.content(spell.person_id),
            }
            for outcome, shown in ends
        ]
        rows.append(
            {
                "shift_id": shift.id,
                "person_id": spell.person_id,
                "in_at": spell.in_at,
                "in_way": Way.PAPER,
                "in_scan_id": ends[0][1].scan_id,
                "out_at": spell.out_at,
                "out_way": Way.PAPER,
                "out_scan_id": ends[1][1].scan_id,
            }
        )
    db.session.execute(insert(Scan), scans)
    db.session.execute(insert(Attendance), rows)
    ids = records.ids_at(shift.id, [spell.person_id for spell in spells])
    return [ids[spell.person_id] for spell in spells]


def void(attendance_id: int, by_id: int, reason: str, now: datetime, approved_by_id: int | None = None) -> None:
    """这条作废: an ended spell counts no more; what was credited is reversed with the reason, the record itself stays.

    Raises Conflict while the spell is open or its sign-out can be taken back, and when it is void already. That `by_id`
    had no part in making the record is for the caller to see to (`queries.records.makers_of`).
    """
    writing()
    ending = (
        update(Attendance)
        .where(Attendance.id == attendance_id, Attendance.out_at < now - UNDO_FOR, Attendance.excluded_at.is_(None))
        .values(
            excluded_at=now,
            excluded_by_id=by_id,
            credited_from=None,
            credited_to=None,
            held_at=None,
            held_for=None,
            held_unit_id=None,
        )
    )
    person_id = db.session.execute(ending.returning(Attendance.person_id)).scalar_one_or_none()
    if person_id is None:
        raise Conflict("这条记录现在还不能作废：要么还没签退，要么刚签退，要么已经作废了。")
    crediting.reverse(SourceKind.ATTENDANCE, [attendance_id], reason, now, made_by_id=by_id, approved_by_id=approved_by_id)
    audit.record(by_id, "attendance.voiding", "attendance", attendance_id)
    credit_held(person_id, now)
