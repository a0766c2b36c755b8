"""Bringing the recorded spells of one person in line with what their scans tell, when one did not come in its turn.

The rows stay who they are as far as possible: objections and reasons point to them. What was posted for a spell that is now
another one is taken back by a reversal and posted anew, through crediting as ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from app.checkin.folding import Fact, Folded, Setting, Told, fold
from app.checkin.models import Attendance
from app.checkin.queries import Door, Event
from app.checkin.queries.settling import History, Kept, history
from app.checkin.rules import Decision, Outcome, ShiftTimes, count, is_machine
from app.checkin.service.holding import forget_reasons
from app.checkin.service.spells import Ending, Spell, credit_held, credit_spells, look_again
from app.core.db import db, writing
from app.crediting import service as crediting
from app.hours.rules import SourceKind

LATE, TAKEN_BACK = "没信号时扫的码补到了，按先后重新合计", "现场撤销了这次扫码"


@dataclass(frozen=True)
class Cause:
    """Why spells are told anew: a scan that came out of its turn, or (`taken_back`) the undoing of one.

    `by_id` is who scanned or took back, None for the person themselves.
    """

    scan_id: UUID
    by_id: int | None = None
    taken_back: bool = False


@dataclass(frozen=True)
class Retold:
    """Somebody's scans at an activity told in order, beside what is recorded."""

    history: History
    folded: Folded

    def decision(self, fact: Fact) -> Decision:
        """What a scan means in its place. One between a sign-out and its undoing meets a person who is in."""
        found = self.folded.decisions.get(fact.id)
        if found is not None:
            return found
        before = [told for told in self.folded.stays if told.came.at <= fact.at]
        return Decision(Outcome.ALREADY_IN, before[-1].shift_id if before else None)


def retell(door: Door, person_id: int, now: datetime, arriving: Fact | None = None) -> Retold:
    """The person is locked by the caller."""
    known = history(door.activity_id, person_id, arriving.at if arriving else now)
    facts = [*known.facts, arriving] if arriving else list(known.facts)
    return Retold(known, fold(Setting(door.shifts, door.signed_up, known.fixed, known.void, known.elsewhere), facts, known.undone))


def settle(door: Door, person_id: int, retold: Retold, cause: Cause, now: datetime) -> None:
    """Write what follows. All scans that the spells name are rows by now."""
    writing()
    pairs, spare = _pairs(retold.history.kept, retold.folded.stays)
    changed = [(kept, told) for kept, told in pairs if kept and not _same(kept, told)]
    new = [told for kept, told in pairs if kept is None]
    if not changed and not new and not spare:
        return
    times = {shift.id: shift for shift in door.shifts}
    event = Event(door.activity_id, door.kind, door.unit_id)
    alike = [(kept, told) for kept, told in changed if _counts_the_same(kept, told, times)]
    _rewrite(alike)
    waiting = look_again(_endings(person_id, [(kept.id, told) for kept, told in alike], times), event, now)
    stands = {kept.id for kept, _ in alike if kept.id not in waiting}
    recount = [(kept, told) for kept, told in changed if kept.id not in stands]
    posted = [kept.id for kept in [*(kept for kept, _ in recount), *spare] if kept.credited_from]
    reason = TAKEN_BACK if cause.taken_back else LATE
    if posted:
        crediting.reverse(SourceKind.ATTENDANCE, posted, reason, now, made_by_id=cause.by_id or person_id)
    _uncount([kept.id for kept in [*(kept for kept, _ in recount), *spare]])
    _leave_out(spare, cause, now)
    _rewrite(recount)
    ended = [(kept.id, told) for kept, told in recount] + [(_insert(person_id, told), told) for told in new]
    credit_spells(_endings(person_id, ended, times), event, now)
    if posted:
        credit_held(person_id, now)


def _rewrite(changed: Sequence[tuple[Kept, Told]]) -> None:
    """An open spell of a shift only once the other has ended."""
    for kept, told in sorted(changed, key=lambda pair: pair[1].left is None):
        db.session.execute(update(Attendance).where(Attendance.id == kept.id).values(**_columns(told)))


def _endings(person_id: int, spells: Sequence[tuple[int, Told]], times: Mapping[int, ShiftTimes]) -> list[Ending]:
    return [
        Ending(Spell(spell_id, person_id, times[told.shift_id], told.came.at, told.came.way), told.left.at, told.left.way)
        for spell_id, told in spells
        if told.left
    ]


def _pairs(kept: Sequence[Kept], stays: Sequence[Told]) -> tuple[list[tuple[Kept | None, Told]], list[Kept]]:
    """Which recorded spell each told one is: the one with the same beginning, else the same end, else the next in order.

    The second list are recorded spells that are no more.
    """
    left, found = list(kept), dict[int, Kept]()
    for likeness in (_same_beginning, _same_end, _next):
        for place, told in enumerate(stays):
            match = next((one for one in left if likeness(one, told)), None) if place not in found else None
            if match:
                found[place] = match
                left.remove(match)
    return [(found.get(place), told) for place, told in enumerate(stays)], left


def _same_beginning(kept: Kept, told: Told) -> bool:
    return kept.in_scan_id == told.came.id


def _same_end(kept: Kept, told: Told) -> bool:
    return told.left is not None and kept.out_scan_id == told.left.id


def _next(_kept: Kept, _told: Told) -> bool:
    return True


def _same(kept: Kept, told: Told) -> bool:
    ends = told.left.id if told.left else None
    return (kept.shift_id, kept.in_scan_id, kept.out_scan_id) == (told.shift_id, told.came.id, ends)


def _counts_the_same(kept: Kept, told: Told, times: Mapping[int, ShiftTimes]) -> bool:
    """Whether what is posted may stay: the same minutes at the same time of the same shift, of the same class."""
    if kept.credited_from is None or kept.out_way is None or told.left is None or kept.shift_id != told.shift_id:
        return False
    part = count(times[told.shift_id], told.came.at, told.left.at)
    same_class = is_machine(kept.in_way, kept.out_way) == is_machine(told.came.way, told.left.way)
    return same_class and part.minutes > 0 and (part.credited_from, part.credited_to) == (kept.credited_from, kept.credited_to)


def _columns(told: Told) -> dict[str, Any]:
    return {
        "shift_id": told.shift_id,
        "in_at": told.came.at,
        "in_way": told.came.way,
        "in_scan_id": told.came.id,
        "out_at": told.left.at if told.left else None,
        "out_way": told.left.way if told.left else None,
        "out_scan_id": told.left.id if told.left else None,
    }


def _insert(person_id: int, told: Told) -> int:
    adding = insert(Attendance).values(person_id=person_id, **_columns(told)).returning(Attendance.id)
    return int(db.session.execute(adding).scalar_one())


def _uncount(attendance_ids: Sequence[int]) -> None:
    """Neither posted nor held, and why somebody should have looked is forgotten: it is found anew when they are counted."""
    if attendance_ids:
        none = dict.fromkeys(("credited_from", "credited_to", "held_at", "held_for", "held_unit_id"))
        db.session.execute(update(Attendance).where(Attendance.id.in_(attendance_ids)).values(**none))
        forget_reasons(attendance_ids)


def _leave_out(spare: Sequence[Kept], cause: Cause, now: datetime) -> None:
    """A spell that is no more ends where it began, if it was open, and counts nothing; the row stays.

    Where scans only came late, nobody has decided that.
    """
    by_id = cause.by_id if cause.taken_back else None
    for one in spare:
        ended = {} if one.out_at else {"out_at": one.in_at, "out_way": one.in_way, "out_scan_id": cause.scan_id}
        db.session.execute(update(Attendance).where(Attendance.id == one.id).values(excluded_at=now, excluded_by_id=by_id, **ended))
