"""Ending spells and crediting them: the one way from attendance to the ledgers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from app.checkin import queries
from app.checkin.models import Attendance
from app.checkin.queries import Event, SpellRow
from app.checkin.rules import RULE_VERSION, ShiftTimes, ShownCode, Way, count, is_machine
from app.core import clock
from app.core.db import db, writing
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
    ending = (
        update(Attendance)
        .where(Attendance.id == spell.id, Attendance.out_at.is_(None))
        .values(out_at=shown.opened_at, out_way=shown.way, out_scan_id=shown.scan_id)
    )
    return db.session.execute(ending.returning(Attendance.id)).scalar_one_or_none() is not None


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
    credits_, results = [], []
    for ending in endings:
        spell, counted = ending.spell, count(ending.spell.shift, ending.spell.in_at, ending.out_at)
        if counted.minutes == 0 or spell.person_id not in known:
            results.append(Ended(counted.minutes))
            continue
        if queries.overlapping(spell.person_id, counted.credited_from, counted.credited_to, spell.id):
            db.session.execute(update(Attendance).where(Attendance.id == spell.id).values(review="overlap"))
            results.append(Ended(counted.minutes, review=True))
            continue
        span = {"credited_from": counted.credited_from, "credited_to": counted.credited_to, "review": None}
        db.session.execute(update(Attendance).where(Attendance.id == spell.id).values(**span))
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
        results.append(Ended(counted.minutes))
    crediting.credit(credits_, now)
    return results


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
