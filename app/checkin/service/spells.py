"""Ending spells and crediting them: the one way from attendance to the ledgers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update

from app.checkin import queries
from app.checkin.models import Attendance
from app.checkin.queries import Event, SpellRow, looking
from app.checkin.reasons import LOWEST_LIMIT, Evidence, Found, Limits, Reason, Rung, Stay, find, still_holding
from app.checkin.rules import LEAVE_AFTER, OPENS_BEFORE, RULE_VERSION, Counted, ShiftTimes, ShownCode, Way, count, is_machine
from app.checkin.service.holding import Hold, forget_reasons, hold, note_reasons
from app.core import clock
from app.core.db import put_rows, rows, table_of, writing
from app.core.errors import Conflict
from app.crediting import service as crediting
from app.crediting.rules import HOUR_KIND, Credit
from app.hours.rules import HourClass
from app.people import queries as people_read

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    """An open spell, as far as ending and counting it needs."""

    id: int
    person_id: int
    shift: ShiftTimes
    in_at: datetime
    in_way: Way


def spell_of(row: SpellRow) -> Spell:
    return Spell(row.id, row.person_id, row.shift, row.in_at, row.in_way)


def end_spell(spell: Spell, shown: ShownCode) -> bool:
    """Write the end of an open spell. False when it was ended meanwhile."""
    return bool(rows(_END, spell=spell.id, at=shown.opened_at, way=shown.way, scan=shown.scan_id))


_END = (
    update(table_of(Attendance))
    .where(Attendance.id == bindparam("spell"), Attendance.out_at.is_(None))
    .values(out_at=bindparam("at"), out_way=bindparam("way"), out_scan_id=bindparam("scan"))
    .returning(Attendance.id)
)


@dataclass(frozen=True)
class Ended:
    """What a spell came to. `minutes` is what it counts, 0 for 时间太短; with `review` somebody looks first."""

    minutes: int
    review: bool = False


def sign_out(spell: Spell, event: Event, shown: ShownCode, now: datetime) -> Ended:
    """End an open spell and credit it.

    Raises Conflict when the spell was ended meanwhile.
    """
    if not end_spell(spell, shown):
        raise Conflict("刚刚已经签退了，不用再点。")
    return credit_spell(spell, event, shown.opened_at, shown.way, now)


def reopen(attendance_id: int) -> None:
    """A sign-out is taken back: the spell is open again, and why somebody should have looked is forgotten.

    What was credited is for the caller to reverse. The database refuses it for a spell that was decided about.
    """
    writing()
    put_rows(_REOPEN, [{"spell": attendance_id}])
    forget_reasons([attendance_id])


_REOPEN = (
    update(table_of(Attendance))
    .where(Attendance.id == bindparam("spell"))
    .values(
        out_at=None, out_way=None, out_scan_id=None, credited_from=None, credited_to=None, held_at=None, held_for=None, held_unit_id=None
    )
)


@dataclass(frozen=True)
class Ending:
    """A spell with its end, ready to be counted."""

    spell: Spell
    out_at: datetime
    out_way: Way


@dataclass(frozen=True)
class Posting:
    """Who stands behind the entries in the ledger, and at which rung somebody has decided that the spells count."""

    made_by_id: int | None = None
    approved_by_id: int | None = None
    batch_id: int | None = None
    decided: Rung | None = None


def credit_spell(spell: Spell, event: Event, out_at: datetime, out_way: Way, now: datetime, *, made_by_id: int | None = None) -> Ended:
    """Count one spell that ended and post it, see `credit_spells`."""
    return credit_spells([Ending(spell, out_at, out_way)], event, now, Posting(made_by_id))[0]


def credit_spells(endings: Sequence[Ending], event: Event, now: datetime, posting: Posting = Posting()) -> list[Ended]:
    """Count spells of one activity that ended and post them together. What came of each, in the order given.

    What somebody should look at first is held instead, with its reasons. Nothing is posted for somebody not yet
    confirmed; `credit_waiting` does it once they are.
    """
    writing()
    known = people_read.confirmed_among({ending.spell.person_id for ending in endings})
    look = Look.at([ending for ending in endings if ending.spell.person_id in known], event)
    credits_: list[Credit] = []
    results: list[Ended] = []
    marks: list[dict[str, Any]] = []
    reasons: list[tuple[int, list[Found]]] = []
    holds: list[Hold] = []
    for ending in endings:
        spell = ending.spell
        stay = _stay(ending, event, look.evidence.get(spell.id))
        if spell.person_id not in known:
            results.append(Ended(stay.minutes))
            continue
        found = look.reasons(spell.person_id, stay)
        if posting.approved_by_id is not None:
            found = [one for one in found if one.reason is not Reason.CLOSED]  # two people stand behind it
        if found:
            reasons.append((spell.id, found))
        holding = still_holding(found, posting.decided)
        results.append(Ended(stay.minutes, review=bool(holding)))
        if holding:
            holds.append(Hold(spell.id, spell.person_id, holding))
        elif stay.minutes:
            look.count(spell.person_id, stay)
            marks.append({"spell": spell.id, "start": stay.start, "end": stay.end})
            credits_.append(_credit(ending, stay, event, posting, look.evidence.get(spell.id)))
    put_rows(_MARK, marks)
    if reasons:
        note_reasons(reasons, now)
    if holds:
        hold(holds, event, now, posting.decided)
    crediting.credit(credits_, now)
    return results


def look_again(endings: Sequence[Ending], event: Event, now: datetime) -> set[int]:
    """Of spells that count the same by other scans: those that somebody should look at first now. What is noted of the rest is noted anew.

    No day grows longer by them, so nothing is asked about that.
    """
    if not endings:
        return set()
    look = replace(Look.at(endings, event), gives_hours=False)
    found = {one.spell.id: look.reasons(one.spell.person_id, _stay(one, event, look.evidence.get(one.spell.id))) for one in endings}
    waiting = {spell_id for spell_id, reasons in found.items() if still_holding(reasons, None)}
    stands = {spell_id: reasons for spell_id, reasons in found.items() if spell_id not in waiting}
    forget_reasons(stands)
    note_reasons([(spell_id, reasons) for spell_id, reasons in stands.items() if reasons], now)
    return waiting


_MARK = (
    update(table_of(Attendance))
    .where(Attendance.id == bindparam("spell"))
    .values(credited_from=bindparam("start"), credited_to=bindparam("end"), held_at=None, held_for=None, held_unit_id=None)
)


def _stay(ending: Ending, event: Event, evidence: Evidence | None) -> Stay:
    spell = ending.spell
    part = count(spell.shift, spell.in_at, ending.out_at)
    place = evidence.place if evidence else ""
    return Stay(spell.id, event.activity_id, place, spell.in_at, ending.out_at, part.credited_from, part.credited_to, part.minutes)


def _credit(ending: Ending, stay: Stay, event: Event, posting: Posting, evidence: Evidence | None) -> Credit:
    """After a decision the entry names who named an end, and who decided; one person alone is its maker."""
    maker, approver = posting.made_by_id, posting.approved_by_id
    if maker is None and posting.decided is not None and evidence is not None and evidence.named_by is not None:
        maker = evidence.named_by
    if maker is not None and maker == approver:
        approver = None
    return Credit(
        person_id=ending.spell.person_id,
        activity_id=event.activity_id,
        activity_kind=event.kind,
        organising_unit_id=event.unit_id,
        served_on=clock.local_date(stay.start),
        minutes=stay.minutes,
        hour_class=HourClass.CREDIT if is_machine(ending.spell.in_way, ending.out_way) else HourClass.HONOUR,
        source_id=ending.spell.id,
        rule_version=RULE_VERSION,
        batch_id=posting.batch_id,
        made_by_id=maker,
        approved_by_id=approver,
    )


@dataclass
class Look:
    """What is known while spells are counted one after the other: each that counts stands in the way of the next."""

    evidence: dict[int, Evidence]
    others: dict[int, list[Stay]]
    of_day: dict[tuple[int, date], int]
    limits: Limits
    gives_hours: bool
    new: dict[tuple[int, date], int] = field(default_factory=dict)

    @classmethod
    def at(cls, endings: Sequence[Ending], event: Event) -> "Look":
        """Two queries; two more where somebody's day may have grown long."""
        parts = [(ending, count(ending.spell.shift, ending.spell.in_at, ending.out_at)) for ending in endings]
        counted = [(ending, part) for ending, part in parts if part.minutes]
        gives = event.kind in HOUR_KIND
        if not counted:
            return cls({}, {}, {}, Limits(), gives)
        evidence = looking.evidence([ending.spell.id for ending, _ in counted])
        days = {clock.local_date(part.credited_from) for _, part in counted}
        start = min(clock.at_local(min(days)), *(part.credited_from for _, part in counted)) - OPENS_BEFORE - LEAVE_AFTER
        end = max(clock.at_local(max(days)) + DAY, *(part.credited_to for _, part in counted)) + OPENS_BEFORE + LEAVE_AFTER
        everyone = {ending.spell.person_id for ending, _ in counted}
        others = looking.others(everyone, start, end)
        if not gives or not _may_be_long(counted, others):
            return cls(evidence, others, {}, Limits(), gives)
        return cls(evidence, others, looking.minutes_on(everyone, days), looking.limits(), gives)

    def reasons(self, person_id: int, stay: Stay) -> list[Found]:
        key = (person_id, clock.local_date(stay.start))
        before = self.of_day.get(key, 0) + self.new.get(key, 0) if self.gives_hours else None
        others = [other for other in self.others.get(person_id, []) if other.attendance_id != stay.attendance_id]
        return find(stay, self.evidence.get(stay.attendance_id, Evidence()), others, before, self.limits)

    def count(self, person_id: int, stay: Stay) -> None:
        self.others.setdefault(person_id, []).append(stay)
        key = (person_id, clock.local_date(stay.start))
        self.new[key] = self.new.get(key, 0) + stay.minutes


def _may_be_long(counted: Sequence[tuple[Ending, Counted]], others: dict[int, list[Stay]]) -> bool:
    """Whether anybody could come near a limit of the day: without breaks, and with all that they did around that day."""
    sums: dict[int, int] = {}
    for ending, part in counted:
        person_id = ending.spell.person_id
        sums[person_id] = sums.get(person_id, sum(one.minutes for one in others.get(person_id, []))) + part.minutes
    return max(sums.values()) > LOWEST_LIMIT


def credit_waiting(person_id: int, now: datetime) -> None:
    """Credit the ended spells of somebody who has just been confirmed, by whomever and in whichever way."""
    writing()
    for row, event in queries.waiting_of(person_id):
        if row.out_at and row.out_way:
            credit_spell(spell_of(row), event, row.out_at, row.out_way, now)


def credit_held(person_id: int, now: datetime) -> None:
    """Look again at what was held: another spell of theirs counts no more, which may have been the only reason."""
    writing()
    for row, event in queries.waiting_of(person_id, held=True):
        if row.out_at and row.out_way:
            forget_reasons([row.id])
            credit_spell(spell_of(row), event, row.out_at, row.out_way, now)
