"""Spells of attendance, for the organiser's lists and for crediting."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.activities.models import Activity, Shift
from app.activities.rules import ActivityKind
from app.checkin.models import Attendance, Scan
from app.checkin.reasons import Rung
from app.checkin.rules import LEAVE_AFTER, OWN_PHONE, ShiftTimes, Way, waits_for_organiser
from app.core import clock
from app.core.db import db
from app.hours.models import HourEntry
from app.hours.rules import HourClass
from app.people.models import Membership, Person, Phone, Unit
from app.people.queries import below, holds_on
from app.people.rules import MembershipKind


@dataclass(frozen=True)
class Event:
    """The activity that a credit belongs to."""

    activity_id: int
    kind: ActivityKind
    unit_id: int


@dataclass(frozen=True)
class SpellRow:
    """One spell for the organiser's lists. `held`: it waits for somebody to look, at that rung, and counts nothing yet."""

    id: int
    person_id: int
    name: str
    confirmed: bool
    shift_id: int
    shift_name: str
    shift: ShiftTimes
    in_at: datetime
    in_way: Way
    out_at: datetime | None
    out_way: Way | None
    credited: bool
    held: Rung | None
    excluded: bool
    activity_id: int

    def waits(self, now: datetime) -> bool:
        """待核实: nobody signed out, and the time for it is over."""
        return self.out_at is None and waits_for_organiser(self.shift, now)


def spells_of(activity_id: int) -> list[SpellRow]:
    """All spells of an activity, the newest first; one query."""
    rows = db.session.execute(
        _spell_select().where(Shift.activity_id == activity_id).order_by(Attendance.in_at.desc(), Attendance.id.desc())
    )
    return [_spell_row(tuple(row)) for row in rows]


def spells_of_person(person_id: int, *, uncounted: bool = False) -> list[SpellRow]:
    """All spells of one person, the newest first; one query. `uncounted`: only those that neither count nor were left out."""
    theirs = _spell_select().where(Attendance.person_id == person_id).order_by(Attendance.in_at.desc())
    if uncounted:
        theirs = theirs.where(Attendance.credited_from.is_(None), Attendance.excluded_at.is_(None))
    return [_spell_row(tuple(row)) for row in db.session.execute(theirs)]


def spells(attendance_ids: Collection[int]) -> list[SpellRow]:
    rows = db.session.execute(_spell_select().where(Attendance.id.in_(attendance_ids)).order_by(Attendance.id))
    return [_spell_row(tuple(row)) for row in rows]


def _spell_select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Attendance.id,
            Person.id,
            Person.name,
            Person.confirmed_at,
            Shift.id,
            Shift.name,
            Shift.starts_at,
            Shift.ends_at,
            Shift.extended_to,
            Shift.break_minutes,
            Attendance.in_at,
            Attendance.in_way,
            Attendance.out_at,
            Attendance.out_way,
            Attendance.credited_from,
            Attendance.held_for,
            Attendance.excluded_at,
            Shift.activity_id,
        )
        .join(Person, Person.id == Attendance.person_id)
        .join(Shift, Shift.id == Attendance.shift_id)
    )


def _spell_row(row: tuple[Any, ...]) -> SpellRow:
    (id_, person_id, name, confirmed_at, shift_id, shift_name, starts_at, ends_at, extended_to, pause, *rest) = row
    in_at, in_way, out_at, out_way, credited_from, held, excluded_at, activity_id = rest
    times = ShiftTimes(shift_id, starts_at, ends_at, extended_to, pause)
    return SpellRow(
        id_,
        person_id,
        name,
        confirmed_at is not None,
        shift_id,
        shift_name,
        times,
        in_at,
        in_way,
        out_at,
        out_way,
        credited_from is not None,
        held,
        excluded_at is not None,
        activity_id,
    )


def has_attendance(activity_id: int) -> bool:
    """Whether anyone has checked in: from then on the times of its shifts stand."""
    found = select(Attendance.id).join(Shift, Shift.id == Attendance.shift_id).where(Shift.activity_id == activity_id)
    return db.session.scalar(found.limit(1)) is not None


def came_to(activity_id: int) -> set[tuple[int, int]]:
    """(shift, person) of everybody who has a spell at an activity that is not void; one query."""
    query = select(Attendance.shift_id, Attendance.person_id).join(Shift, Shift.id == Attendance.shift_id)
    found = db.session.execute(query.where(Shift.activity_id == activity_id, Attendance.excluded_at.is_(None)))
    return {(shift_id, person_id) for shift_id, person_id in found}


def event_of(activity_id: int) -> Event:
    """The activity that credits belong to."""
    return Event(*db.session.execute(select(Activity.id, Activity.kind, Activity.unit_id).where(Activity.id == activity_id)).one())


def activity_of_shift(shift_id: int) -> int:
    return db.session.execute(select(Shift.activity_id).where(Shift.id == shift_id)).scalar_one()


def activities_of_shifts(shift_ids: Collection[int]) -> dict[int, int]:
    """shift id → activity id; one query."""
    return dict(db.session.execute(select(Shift.id, Shift.activity_id).where(Shift.id.in_(shift_ids))).all())


def waiting_of(person_id: int, *, held: bool = False) -> list[tuple[SpellRow, Event]]:
    """Ended spells that are not credited yet and that nobody excluded; those held only where `held`."""
    query = (
        _spell_select()
        .add_columns(Activity.id, Activity.kind, Activity.unit_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Attendance.person_id == person_id,
            Attendance.out_at.is_not(None),
            Attendance.credited_from.is_(None),
            Attendance.held_at.is_not(None) if held else Attendance.held_at.is_(None),
            Attendance.excluded_at.is_(None),
        )
        .order_by(Attendance.id)
    )
    return [(_spell_row(tuple(row)[:-3]), Event(*tuple(row)[-3:])) for row in db.session.execute(query)]


def roster_twins(person_ids: Collection[int], roots: Collection[int]) -> dict[int, tuple[int, str]]:
    """For walk-ins: the one confirmed person in scope with the same name and phone, and their home unit's name.

    Only where there is exactly one, and for walk-ins without an account of their own; who is asked about it has the right to
    know that unit's members.
    """
    known, phone, own_phone = aliased(Person), aliased(Phone), aliased(Phone)
    today = clock.today()
    rows = db.session.execute(
        select(Person.id, known.id, Unit.name)
        .join(own_phone, own_phone.person_id == Person.id)
        .join(phone, and_(phone.number == own_phone.number, phone.person_id != Person.id, phone.valid_to.is_(None)))
        .join(known, and_(known.id == phone.person_id, known.name == Person.name, known.confirmed_at.is_not(None)))
        .join(Membership, and_(Membership.person_id == known.id, Membership.kind == MembershipKind.HOME, holds_on(Membership, today)))
        .join(Unit, Unit.id == Membership.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(person_ids), Person.confirmed_at.is_(None), Account.id.is_(None), Membership.unit_id.in_(below(roots, today)))
    ).all()
    twins: dict[int, list[tuple[int, str]]] = {}
    for person_id, known_id, unit_name in rows:
        twins.setdefault(person_id, []).append((known_id, unit_name))
    return {person_id: found[0] for person_id, found in twins.items() if len({one for one, _ in found}) == 1}


def credited(activity_id: int) -> dict[HourClass, int]:
    """Minutes in the ledger for an activity, by class."""
    rows = db.session.execute(
        select(HourEntry.hour_class, func.sum(HourEntry.minutes)).where(HourEntry.activity_id == activity_id).group_by(HourEntry.hour_class)
    )
    return {hour_class: int(minutes) for hour_class, minutes in rows}


@dataclass(frozen=True)
class Inside:
    """Where somebody is serving right now."""

    activity_id: int
    title: str
    place_text: str
    in_at: datetime
    ends_at: datetime


def inside_now(person_id: int, now: datetime) -> Inside | None:
    """The spell that is open and may still be ended by a scan, the newest; None when at no door."""
    end = func.coalesce(Shift.extended_to, Shift.ends_at)
    row = db.session.execute(
        select(Activity.id, Activity.title, Activity.place_text, Attendance.in_at, Shift.extended_to, Shift.ends_at)
        .select_from(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Attendance.person_id == person_id, Attendance.out_at.is_(None), end >= now - LEAVE_AFTER)
        .order_by(Attendance.in_at.desc())
        .limit(1)
    ).one_or_none()
    return Inside(row[0], row[1], row[2], row[3], row[4] or row[5]) if row else None


def states_at(activity_id: int, person_ids: Collection[int]) -> dict[int, str]:
    """in or out, of those who have a spell at an activity that is not void: their newest one; one query."""
    rows = db.session.execute(
        select(Attendance.person_id, Attendance.out_at)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(Shift.activity_id == activity_id, Attendance.person_id.in_(person_ids), Attendance.excluded_at.is_(None))
        .order_by(Attendance.in_at)
    )
    return {person_id: "in" if out_at is None else "out" for person_id, out_at in rows}


def proxied(attendance_ids: Collection[int]) -> dict[int, str]:
    """attendance id → who scanned a poster or a screen for the person at either end, by name; one query.

    Scans of 我的码 and cards are not among them: those are made by whoever works the door.
    """
    ends = or_(Scan.id == Attendance.in_scan_id, Scan.id == Attendance.out_scan_id)
    rows = db.session.execute(
        select(Attendance.id, Person.name)
        .join(Scan, ends)
        .join(Person, Person.id == Scan.by_id)
        .where(Attendance.id.in_(attendance_ids), Scan.way.in_(OWN_PHONE))
        .distinct()
        .order_by(Person.name)
    )
    found: dict[int, list[str]] = {}
    for attendance_id, name in rows:
        found.setdefault(attendance_id, []).append(name)
    return {attendance_id: "、".join(names) for attendance_id, names in found.items()}


def last_seen(person_ids: Collection[int]) -> dict[int, tuple[datetime, str]]:
    """When and at which activity each person was last; one query, people never seen are left out."""
    newest = (
        select(Attendance.person_id, func.max(Attendance.in_at).label("at"))
        .where(Attendance.person_id.in_(person_ids), Attendance.excluded_at.is_(None))
        .group_by(Attendance.person_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Attendance.person_id, Attendance.in_at, Activity.title)
        .join(newest, and_(newest.c.person_id == Attendance.person_id, newest.c.at == Attendance.in_at))
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
    )
    return {person_id: (at, title) for person_id, at, title in rows}


def times_served(person_id: int, since: datetime) -> int:
    """How many shifts somebody served since then, counted ones only."""
    found = (
        select(func.count(Attendance.shift_id.distinct()))
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Attendance.person_id == person_id,
            Attendance.in_at >= since,
            Attendance.credited_from.is_not(None),
            Activity.kind == ActivityKind.SERVICE,
        )
    )
    return db.session.scalar(found) or 0
