"""Who works a door: those who manage the activity, and today's helpers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from app.activities import queries as activities
from app.activities.models import Activity, Shift
from app.activities.queries import ActivityRow
from app.checkin.models import Attendance, Helper, Scan
from app.checkin.rules import LEAVE_AFTER, OPENS_BEFORE
from app.core.actor import Actor
from app.core.db import db
from app.people.models import Person, Phone

_END = func.coalesce(Shift.extended_to, Shift.ends_at)


def helps_at(person_id: int, activity_id: int, now: datetime) -> bool:
    """Whether this person is 签到员 of a shift that has not ended."""
    found = (
        select(Helper.id)
        .join(Shift, Shift.id == Helper.shift_id)
        .where(
            Helper.person_id == person_id,
            Shift.activity_id == activity_id,
            func.coalesce(Shift.extended_to, Shift.ends_at) > now - LEAVE_AFTER,
        )
    )
    return db.session.scalar(found.limit(1)) is not None


def doors_of(actor: Actor, now: datetime) -> list[ActivityRow]:
    """Activities whose door is open now and that this actor works: those they manage, and those they help at."""
    end = func.coalesce(Shift.extended_to, Shift.ends_at)
    running = select(Shift.activity_id).where(Shift.starts_at <= now + OPENS_BEFORE, end >= now - LEAVE_AFTER)
    helping = select(Shift.activity_id).join(Helper, Helper.shift_id == Shift.id).where(Helper.person_id == actor.person_id)
    own = activities.managed(actor, and_(activities.open_condition(), Activity.id.in_(running)), 20)
    helped = db.session.execute(select(Activity.id).where(activities.open_condition(), Activity.id.in_(running), Activity.id.in_(helping)))
    more = activities.activities_by_id(set(helped.scalars()) - {one.id for one in own})
    return [*own, *more.values()]


@dataclass(frozen=True)
class HelperRow:
    """签到员 of one activity: once a person, with the shifts they help at and how many they scanned."""

    person_id: int
    name: str
    shifts: list[str]
    until: datetime
    scanned: int


def helpers_of(activity_id: int) -> list[HelperRow]:
    """By name; one query."""
    scanned = (
        select(func.count()).where(Scan.activity_id == activity_id, Scan.by_id == Helper.person_id).correlate(Helper).scalar_subquery()
    )
    rows = db.session.execute(
        select(Helper.person_id, Person.name, scanned, Shift.name, _END)
        .join(Person, Person.id == Helper.person_id)
        .join(Shift, Shift.id == Helper.shift_id)
        .where(Shift.activity_id == activity_id)
        .order_by(Person.name, Person.id, Shift.starts_at, Shift.id)
    )
    found: dict[int, HelperRow] = {}
    for person_id, name, number, shift, until in rows:
        one = found.get(person_id)
        shifts = [*(one.shifts if one else []), shift]
        found[person_id] = HelperRow(person_id, name, shifts, max(until, one.until) if one else until, number)
    return list(found.values())


@dataclass(frozen=True)
class Helping:
    """Where somebody is today's 签到员."""

    activity_id: int
    title: str
    shifts: list[str]
    until: datetime


def helping(person_id: int, now: datetime) -> list[Helping]:
    """Doors that are open now and that this person was asked to work; one query."""
    rows = db.session.execute(
        select(Activity.id, Activity.title, Shift.name, _END)
        .join(Shift, Shift.activity_id == Activity.id)
        .join(Helper, Helper.shift_id == Shift.id)
        .where(Helper.person_id == person_id, activities.open_condition(), Shift.starts_at <= now + OPENS_BEFORE, now - LEAVE_AFTER <= _END)
        .order_by(Shift.starts_at, Shift.id)
    )
    found: dict[int, Helping] = {}
    for activity_id, title, shift, until in rows:
        one = found.get(activity_id)
        found[activity_id] = Helping(activity_id, title, [*(one.shifts if one else []), shift], max(until, one.until) if one else until)
    return list(found.values())


def present(activity_id: int, name: str, phone_tail: str) -> list[int]:
    """Confirmed persons who checked in here, by full name and the last four digits of a phone."""
    rows = db.session.execute(
        select(Person.id)
        .distinct()
        .join(Attendance, Attendance.person_id == Person.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Phone, and_(Phone.person_id == Person.id, Phone.valid_to.is_(None)))
        .where(
            Shift.activity_id == activity_id,
            Person.name == name,
            Person.confirmed_at.is_not(None),
            Phone.number.endswith(phone_tail, autoescape=True),
        )
    )
    return list(rows.scalars()) if len(phone_tail) == 4 else []
