"""Ending spells and crediting them: the one way from attendance to the ledgers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from app.checkin import queries
from app.checkin.models import Attendance
from app.checkin.queries import Event, SpellRow, records
from app.checkin.rules import RULE_VERSION, Counted, ShiftTimes, ShownCode, Way, count, is_machine
from app.core import clock
from app.core.db import put_rows, rows, table_of, writing
from app.core.errors import Conflict
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.people import queries as people_read


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


@dataclass(frozen=True)
class Ending:
    """A spell with its end, ready to be counted."""

    spell: Spell
    out_at: datetime
    out_way: Way


def credit_spell(spell: Spell, event: Event, out_at: datetime, out_way: Way, now: datetime, *, made_by_id: int | None = None) -> Ended:
    """Count one spell that ended and post it, see `credit_spells`."""
    return credit_spells([Ending(spell, out_at, out_way)], event, now, made_by_id=made_by_id)[0]


def credit_spells(endings: Sequence[Ending], event: Event, now: datetime, *, made_by_id: int | None = None) -> list[Ended]:
    """Count spells of one activity that ended and post them together. What came of each, in the order given.

    An overlap with another credited spell is kept for review instead. Nothing is posted for somebody not yet confirmed;
    `credit_waiting` does it once they are.
    """
    writing()
    known = people_read.confirmed_among({ending.spell.person_id for ending in endings})
    counts = [count(ending.spell.shift, ending.spell.in_at, ending.out_at) for ending in endings]
    taken = _credited_spans(endings, counts)
    credits_: list[Credit] = []
    results: list[Ended] = []
    marks: list[dict[str, Any]] = []
    for ending, counted in zip(endings, counts, strict=True):
        spell = ending.spell
        if counted.minutes == 0 or spell.person_id not in known:
            results.append(Ended(counted.minutes))
            continue
        spans = taken.setdefault(spell.person_id, [])
        held = any(begin < counted.credited_to and end > counted.credited_from for begin, end in spans)
        results.append(Ended(counted.minutes, review=held))
        if held:
            marks.append({"spell": spell.id, "start": None, "end": None, "why": "overlap"})
            continue
        spans.append((counted.credited_from, counted.credited_to))
        marks.append({"spell": spell.id, "start": counted.credited_from, "end": counted.credited_to, "why": None})
        credits_.append(
            Credit(
                person_id=spell.person_id,
                activity_id=event.activity_id,
                activity_kind=event.kind,
                organising_unit_id=event.unit_id,
                served_on=clock.local_date(counted.credited_from),
                minutes=counted.minutes,
                hour_class=HourClass.CREDIT if is_machine(spell.in_way, ending.out_way) else HourClass.HONOUR,
                source_id=spell.id,
                rule_version=RULE_VERSION,
                made_by_id=made_by_id,
            )
        )
    put_rows(_MARK, marks)
    crediting.credit(credits_, now)
    return results


_MARK = (
    update(table_of(Attendance))
    .where(Attendance.id == bindparam("spell"))
    .values(credited_from=bindparam("start"), credited_to=bindparam("end"), review=bindparam("why"))
)


def _credited_spans(endings: Sequence[Ending], counts: Sequence[Counted]) -> dict[int, list[tuple[datetime, datetime]]]:
    """The credited spells of these people that touch the time in question; one query."""
    counted = [one for one in counts if one.minutes]
    if not counted:
        return {}
    start, end = min(one.credited_from for one in counted), max(one.credited_to for one in counted)
    return records.credited_spans({ending.spell.person_id for ending in endings}, start, end)


def credit_waiting(person_id: int, now: datetime) -> None:
    """Credit the ended spells of somebody who has just been confirmed, by whomever and in whichever way."""
    writing()
    for row, event in queries.waiting_of(person_id):
        if row.out_at and row.out_way:
            credit_spell(spell_of(row), event, row.out_at, row.out_way, now)


def credit_held(person_id: int, now: datetime) -> None:
    """Count again what was held as an overlap: another spell has been made void."""
    writing()
    for row, event in queries.waiting_of(person_id, held=True):
        if row.out_at and row.out_way:
            credit_spell(spell_of(row), event, row.out_at, row.out_way, now)
