"""Activities whose door waits for somebody: people whom nobody has confirmed, spells to look at, an end that was not made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.checkin.models import Attendance
from app.checkin.queries.deciding import DECIDES
from app.checkin.queries.looking import organises, settles
from app.checkin.reasons import REMIND_AFTER, Rung
from app.checkin.rules import LEAVE_AFTER
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import being


@dataclass(frozen=True)
class DoorWork:
    """`since` is when the last shift ended. `walk_ins`: people to confirm; `inside`: not signed out; `reviews`: spells to look at.

    `aside`: who (now) closed or organised what is closed, and does not decide about its hours.
    """

    activity_id: int
    title: str
    unit_id: int
    unit_name: str
    since: datetime
    aside: frozenset[int]
    over: bool
    walk_ins: int
    inside: int
    reviews: int


_ENDED = aliased(Shift)
last_end = (
    select(func.max(func.coalesce(_ENDED.extended_to, _ENDED.ends_at)))
    .where(_ENDED.activity_id == Activity.id)
    .correlate(Activity)
    .scalar_subquery()
)


def _waits(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """It is this actor's turn to look at an activity: see `_ours` and `_others`."""
    public = and_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None))
    return and_(public, or_(_ours(actor, now), _others(actor, now)))


def _turn(actor: Actor, now: datetime, concerned: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    return turn_of(Activity.unit_id, last_end, actor.roots(Action.ACTIVITY_MANAGE), Action.ACTIVITY_MANAGE, now, concerned)


def _ours(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Over and not closed, or with people of whom nobody has said who they are, or with spells for its organisers to look at.

    Once closed those wait for another than who closed or organised it, in the unit above where there is nobody else.
    """
    strangers = (
        select(Shift.activity_id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Person.confirmed_at.is_(None), Attendance.excluded_at.is_(None))
    )
    held = select(Shift.activity_id).join(Attendance, Attendance.shift_id == Shift.id)
    held = held.where(Attendance.held_at.is_not(None), Attendance.held_for == Rung.ORGANISER)
    waits, still = Activity.id.in_(held), Activity.closed_at.is_(None)
    ours = and_(or_(Activity.id.in_(strangers), and_(still, or_(waits, last_end < (now - LEAVE_AFTER)))), _turn(actor, now))
    turn = _turn(actor, now, settles(RoleGrant.person_id))
    return or_(ours, and_(waits, ~still, ~settles(actor.person_id), turn))


def _others(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Whoever organised it never signed out, and nobody names an end for themselves."""
    theirs = (
        select(Shift.activity_id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .where(
            Attendance.out_at.is_(None),
            organises(Attendance.person_id),
        )
    )
    return and_(
        Activity.closed_at.is_(None),
        last_end < (now - LEAVE_AFTER),
        Activity.id.in_(theirs.correlate(Activity)),
        ~organises(actor.person_id),
        _turn(actor, now, organises(RoleGrant.person_id)),
    )


def waiting_doors_count(actor: Actor, now: datetime) -> Select[int] | None:
    """How many activities wait for this actor, for the work list to ask."""
    if not actor.may(Action.ACTIVITY_MANAGE):
        return None
    return select(func.count()).select_from(Activity).where(_waits(actor, now))


def waiting_doors(actor: Actor, now: datetime) -> list[DoorWork]:
    """The same with their figures; two queries."""
    if not actor.may(Action.ACTIVITY_MANAGE):
        return []
    rows = db.session.execute(
        select(Activity.id, Activity.title, Activity.unit_id, Unit.name, last_end.label("since"), Activity.closed_at, *_SETTLERS)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(_waits(actor, now))
        .order_by(last_end, Activity.id)
    ).all()
    figures = _figures([row.id for row in rows])
    none = (0, 0, 0)
    return [
        DoorWork(
            row.id,
            row.title,
            row.unit_id,
            row.name,
            row.since,
            _aside(row.closed_at, row[-3:]),
            row.closed_at is None and row.since < now,
            *figures.get(row.id, none),
        )
        for row in rows
    ]


_SETTLERS: tuple[Any, ...] = tuple(being(one) for one in (Activity.created_by_id, Activity.contact_id, Activity.closed_by_id))


def _aside(closed_at: datetime | None, who: Collection[int | None]) -> frozenset[int]:
    """See `looking.settles`."""
    return frozenset(one for one in who if one is not None) if closed_at else frozenset()


def _figures(activity_ids: Collection[int]) -> dict[int, tuple[int, int, int]]:
    if not activity_ids:
        return {}
    unknown = Person.confirmed_at.is_(None)
    rows = db.session.execute(
        select(
            Shift.activity_id,
            func.count(Attendance.person_id.distinct()).filter(unknown),
            func.count().filter(Attendance.out_at.is_(None)),
            func.count().filter(Attendance.held_for == Rung.ORGANISER),
        )
        .join(Attendance, Attendance.shift_id == Shift.id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Shift.activity_id.in_(activity_ids), Attendance.excluded_at.is_(None))
        .group_by(Shift.activity_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


@dataclass(frozen=True)
class Unreminded:
    """A spell that has waited for 72 hours, and whose deciders have not been reminded of it. `aside` may not decide about it."""

    attendance_id: int
    unit_id: int
    action: Action
    aside: frozenset[int]


def unreminded(now: datetime) -> list[Unreminded]:
    """Held for as long, or never signed out since the shift ended; two queries."""
    before = now - REMIND_AFTER
    held = select(Attendance.id, Attendance.person_id, Attendance.held_unit_id, Attendance.held_for, Activity.closed_at, *_SETTLERS)
    held = held.join(Shift, Shift.id == Attendance.shift_id).join(Activity, Activity.id == Shift.activity_id)
    held = held.where(Attendance.held_at < before, Attendance.reminded_at.is_(None)).order_by(Attendance.id)
    found = [
        Unreminded(row.id, row.held_unit_id, DECIDES[row.held_for], _aside(row.closed_at, row[-3:]) | {row.person_id})
        for row in db.session.execute(held)
    ]
    never = (
        select(Attendance.id, Attendance.person_id, Activity.unit_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Attendance.out_at.is_(None),
            Attendance.reminded_at.is_(None),
            func.coalesce(Shift.extended_to, Shift.ends_at) < before,
            Activity.cancelled_at.is_(None),
            Activity.closed_at.is_(None),
        )
        .order_by(Attendance.id)
    )
    left = db.session.execute(never)
    return found + [Unreminded(id_, unit_id, Action.ACTIVITY_MANAGE, frozenset({person_id})) for id_, person_id, unit_id in left]
