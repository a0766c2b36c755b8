"""Whether attendance and the ledger of hours tell the same story, both ways."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift
from app.checkin.models import Attendance
from app.checkin.rules import is_machine
from app.core.db import db
from app.crediting.rules import HOUR_KIND
from app.hours.models import HourEntry
from app.hours.rules import HourClass, SourceKind

PAGE = 10_000  # rows read at a time
Reversal = aliased(HourEntry)
STANDS = and_(HourEntry.source_kind == SourceKind.ATTENDANCE, HourEntry.reverses_id.is_(None), Reversal.id.is_(None))


def disagreements() -> list[str]:
    """In words for an operator; ids only, no names."""
    return [*_without_entry(), *_without_spell(), *_unlike()]


def _without_entry() -> list[str]:
    standing = select(HourEntry.source_id).outerjoin(Reversal, Reversal.reverses_id == HourEntry.id).where(STANDS)
    spells = (
        select(Attendance.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Attendance.credited_from.is_not(None), Activity.kind.in_(HOUR_KIND), Attendance.id.not_in(standing))
        .order_by(Attendance.id)
    )
    return [f"考勤 {one} 号已计入，时长流水里却没有它" for one in db.session.scalars(spells)]


def _without_spell() -> list[str]:
    entries = (
        select(HourEntry.id, HourEntry.source_id)
        .outerjoin(Reversal, Reversal.reverses_id == HourEntry.id)
        .outerjoin(Attendance, Attendance.id == HourEntry.source_id)
        .where(STANDS, or_(Attendance.id.is_(None), Attendance.credited_from.is_(None)))
        .order_by(HourEntry.id)
    )
    return [f"时长流水 {entry} 号来自考勤 {spell} 号，那次考勤却没有计入" for entry, spell in db.session.execute(entries)]


def _unlike() -> list[str]:
    """Another person, more minutes than the spell lasted, or 扫码时长 where an end was named by people."""
    pairs = (
        select(
            HourEntry.id,
            HourEntry.person_id,
            HourEntry.minutes,
            HourEntry.hour_class,
            Attendance.id,
            Attendance.person_id,
            Attendance.credited_from,
            Attendance.credited_to,
            Attendance.in_way,
            Attendance.out_way,
        )
        .outerjoin(Reversal, Reversal.reverses_id == HourEntry.id)
        .join(Attendance, Attendance.id == HourEntry.source_id)
        .where(STANDS, Attendance.credited_from.is_not(None))
        .order_by(HourEntry.id)
        .limit(PAGE)
    )
    faults: list[str] = []
    last = 0
    while rows := db.session.execute(pairs.where(HourEntry.id > last)).all():
        last = rows[-1][0]
        for row in rows:
            faults += _faults(row)
    return faults


def _faults(row: Row[*tuple[Any, ...]]) -> Iterator[str]:
    entry, person, minutes, hour_class, spell, whose, start, end, in_way, out_way = row
    words = f"时长流水 {entry} 号与考勤 {spell} 号"
    if person != whose:
        yield f"{words}不是同一个人"
    if minutes * 60 > (end - start).total_seconds():
        yield f"{words}：计了 {minutes} 分，比那次考勤还长"
    if hour_class is HourClass.CREDIT and not (out_way and is_machine(in_way, out_way)):
        yield f"{words}：记成扫码时长，其实有一端不是扫码"
