"""更正: two people name the ends of a finished record anew; what was credited is reversed and credited again (docs/decisions/0033)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from app.activities import queries as activities
from app.checkin import queries
from app.checkin.models import Attendance, Scan
from app.checkin.queries import Event, SpellRow, records
from app.checkin.reasons import Rung
from app.checkin.rules import Outcome, ShownCode, Way, count
from app.checkin.service.holding import forget_reasons
from app.checkin.service.spells import Ended, Ending, Posting, Spell, credit_held, credit_spells
from app.core.db import db, writing
from app.core.errors import Conflict
from app.crediting import service as crediting
from app.hours.rules import SourceKind
from app.people import service as people

OVERLAPS = "改成这样，会和另一场已记的时间重叠。请先核对那一场。"
LOOKED_AT = "这条先前核实过，改成这样又要上级核实，这里办不了。请作废这条，另行补录。"
NOT_CLOSED = "活动还没收场，现场的人还能改。收场以后再更正。"


def amend_fault(row: SpellRow, person_confirmed: bool, closed: bool) -> str | None:
    """Why a record can not be corrected now. Void is another question."""
    if row.excluded:
        return "这条已经作废了，不能再改。要重新记，请补录。"
    if not closed:
        return NOT_CLOSED
    if row.held:
        return "这条还在等人核实，先核实，再更正。"
    return None if person_confirmed else "还没核实这位是谁，先核实身份。"


@dataclass(frozen=True)
class Hands:
    """Who proposed a correction, who approved it (None while it is only tried), and why."""

    made_by_id: int
    approved_by_id: int | None
    reason: str


def amend(attendance_id: int, in_at: datetime, out_at: datetime, hands: Hands, now: datetime) -> Ended:
    """An end whose time changes is named by people from now on; where neither does, the later one is. So it is 补录时长.

    What somebody further up must look at (a long day) is held, as for everybody. Raises Conflict where it can not be.
    """
    writing()
    first = queries.spells([attendance_id])[0]
    people.lock_persons([first.person_id])
    row = queries.spells([attendance_id])[0]
    activity = activities.activity(row.activity_id)
    if fault := amend_fault(row, row.confirmed, activity is not None and activity.closed_at is not None):
        raise Conflict(fault)
    part = count(row.shift, in_at, out_at)
    if row.credited:
        crediting.reverse(
            SourceKind.ATTENDANCE, [row.id], hands.reason, now, made_by_id=hands.made_by_id, approved_by_id=hands.approved_by_id
        )
    event = queries.event_of(row.activity_id)
    ways = _name_ends(row, event, in_at, out_at, hands.made_by_id, now)
    spans = records.credited_spans([row.person_id], part.credited_from, part.credited_to).get(row.person_id, [])
    if part.minutes and any(begin < part.credited_to and end > part.credited_from for begin, end in spans):
        raise Conflict(OVERLAPS)
    forget_reasons([row.id])
    ending = Ending(Spell(row.id, row.person_id, row.shift, in_at, ways[0]), out_at, ways[1])
    posting = Posting(hands.made_by_id, hands.approved_by_id, decided=Rung.ORGANISER)
    try:
        done = credit_spells([ending], event, now, posting)[0]
    except IntegrityError as refused:  # a decision is final: what was decided about is not held a second time
        raise Conflict(LOOKED_AT) from refused
    credit_held(row.person_id, now)
    return done


def _name_ends(row: SpellRow, event: Event, in_at: datetime, out_at: datetime, by_id: int, now: datetime) -> tuple[Way, Way]:
    """Scans for the ends that people name, and the record with them; it counts nothing until it is credited anew."""
    values: dict[str, Any] = {"credited_from": None, "credited_to": None}
    came, left = in_at != row.in_at, out_at != row.out_at or in_at == row.in_at
    if came:
        values |= {"in_at": in_at, "in_way": Way.PAPER, "in_scan_id": _scan(row, event, Outcome.IN, in_at, by_id, now)}
    if left:
        values |= {"out_at": out_at, "out_way": Way.PAPER, "out_scan_id": _scan(row, event, Outcome.OUT, out_at, by_id, now)}
    db.session.execute(update(Attendance).where(Attendance.id == row.id).values(**values))
    kept = row.out_way or Way.PAPER
    return (Way.PAPER if came else row.in_way), (Way.PAPER if left else kept)


def _scan(row: SpellRow, event: Event, outcome: Outcome, at: datetime, by_id: int, now: datetime) -> UUID:
    shown = ShownCode(uuid4(), event.activity_id, Way.PAPER, at)
    db.session.execute(
        insert(Scan).values(
            id=shown.scan_id,
            activity_id=event.activity_id,
            shift_id=row.shift_id,
            person_id=row.person_id,
            by_id=by_id,
            way=Way.PAPER,
            outcome=outcome,
            at=at,
            received_at=now,
            content=shown.content(row.person_id),
        )
    )
    return shown.scan_id
