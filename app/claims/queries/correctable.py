"""A record as it stands, before somebody proposes to change it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, column, select, table
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift
from app.checkin import queries as checkin
from app.checkin.models import Attendance
from app.checkin.queries import SpellRow
from app.checkin.rules import count
from app.core import clock
from app.core.db import db
from app.core.words import minutes_words
from app.hours.models import HourEntry
from app.hours.rules import CLASS_NAMES, HourClass, HourKind, SourceKind
from app.people.models import Person, Unit
from app.people.queries import being

PAST = table("past_hour", column("id"), column("words"), column("source"))  # of registers, which stand above
OLD = "以前的服务"


@dataclass(frozen=True)
class Subject:
    """A record as it stands. `entry_id` is what stands of it in the ledger, None where it counts nothing or only points.

    `minutes` is what it counts now, 0 for nothing; `spell` None for hours from before this system.
    """

    person_id: int
    person_name: str
    unit_id: int
    unit_name: str
    title: str
    served_on: date
    minutes: int
    hour_class: HourClass | None
    kind: HourKind | None
    attendance_id: int | None
    entry_id: int | None
    spell: SpellRow | None
    closed: bool = True

    @property
    def counted(self) -> str:
        """2 小时，扫码时长."""
        if not self.minutes:
            return "没有计入"
        return minutes_words(self.minutes) + (f"，{CLASS_NAMES[self.hour_class]}" if self.hour_class else "，计积分，不计时长")


def attendance_subject(attendance_id: int) -> Subject | None:
    """Three queries."""
    row = db.session.execute(
        select(Attendance.person_id, Person.name, Unit.id, Unit.name, Activity.title, Activity.closed_at)
        .join(Person, Person.id == Attendance.person_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Attendance.id == attendance_id)
    ).one_or_none()
    if row is None:
        return None
    spell = checkin.spells([attendance_id])[0]
    entry = standing(attendance_id)
    minutes = entry.minutes if entry else 0
    if entry is None and spell.credited and spell.out_at:
        minutes = count(spell.shift, spell.in_at, spell.out_at).minutes
    day = entry.served_on if entry else clock.local_date(spell.in_at)
    hour_class, kind, entry_id = (entry.hour_class, entry.kind, entry.id) if entry else (None, None, None)
    return Subject(*row[:4], row.title, day, minutes, hour_class, kind, attendance_id, entry_id, spell, row.closed_at is not None)


def entry_subject(entry_id: int) -> Subject | None:
    """An entry of hours from before this system, while it stands."""
    reversal = aliased(HourEntry)
    row = db.session.execute(
        select(HourEntry, Person.name, Unit.name, PAST.c.words)
        .join(Person, Person.id == HourEntry.person_id)
        .join(Unit, Unit.id == HourEntry.organising_unit_id)
        .outerjoin(PAST, PAST.c.id == HourEntry.source_id)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(HourEntry.id == entry_id, HourEntry.source_kind == SourceKind.IMPORT, HourEntry.reverses_id.is_(None), reversal.id.is_(None))
    ).one_or_none()
    if row is None:
        return None
    entry, name, unit_name, words = row
    return Subject(
        entry.person_id, name, entry.organising_unit_id, unit_name, words or OLD, entry.served_on, entry.minutes, entry.hour_class,
        entry.kind, None, entry.id, None,
    )  # fmt: skip


@dataclass(frozen=True)
class PastRecord:
    """A line of a register of hours from before this system, as it stands. `root_id` is its first entry in the ledger, `entry_id` the
    one that stands, None where it was taken back; `minutes` 0 then. `makers`: who brought it in, approved or corrected it, each as
    it was written and as who they are now."""

    root_id: int
    entry_id: int | None
    person_id: int
    unit_id: int
    unit_name: str
    title: str
    source: str
    served_on: date
    minutes: int
    hour_class: HourClass
    makers: frozenset[int]

    @property
    def counted(self) -> str:
        return f"{minutes_words(self.minutes)}，{CLASS_NAMES[self.hour_class]}" if self.minutes else "作废了，不计"


def past_records(entry_ids: Collection[int]) -> dict[int, PastRecord]:
    """By any entry of the same line of the register; two queries, none for no entries."""
    if not entry_ids:
        return {}
    given, reversal = aliased(HourEntry), aliased(HourEntry)
    rows = db.session.execute(
        select(given.id, HourEntry, reversal, Unit.name, PAST.c.words, PAST.c.source, Activity.title, *_hands(HourEntry), *_hands(reversal))
        .join(HourEntry, and_(HourEntry.source_kind == given.source_kind, HourEntry.source_id == given.source_id))
        .join(Unit, Unit.id == HourEntry.organising_unit_id)
        .outerjoin(PAST, PAST.c.id == HourEntry.source_id)
        .outerjoin(Activity, Activity.id == HourEntry.activity_id)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(given.id.in_(entry_ids), given.source_kind == SourceKind.IMPORT, HourEntry.reverses_id.is_(None))
        .order_by(given.id, HourEntry.generation)
    ).all()
    found: dict[int, PastRecord] = {}
    for given_id, entry, back, unit_name, words, source, title, *hands in rows:
        first = found.get(given_id)
        makers = frozenset(hands) - {None} | (first.makers if first else frozenset())
        stands = (None, 0) if back else (entry.id, entry.minutes)
        root_id = first.root_id if first else entry.id
        found[given_id] = PastRecord(
            root_id, stands[0], entry.person_id, entry.organising_unit_id, unit_name, title or words or OLD, source or "", entry.served_on,
            stands[1], entry.hour_class, makers - {entry.person_id},
        )  # fmt: skip
    return found


def _hands(entry: Any) -> list[Any]:
    return [entry.made_by_id, entry.approved_by_id, being(entry.made_by_id), being(entry.approved_by_id)]


def standing(attendance_id: int) -> HourEntry | None:
    """What stands in the ledger of hours of one attendance."""
    reversal = aliased(HourEntry)
    found = (
        select(HourEntry)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(
            HourEntry.source_kind == SourceKind.ATTENDANCE,
            HourEntry.source_id == attendance_id,
            HourEntry.reverses_id.is_(None),
            reversal.id.is_(None),
        )
    )
    return db.session.scalars(found).one_or_none()
