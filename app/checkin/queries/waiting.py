"""Activities whose door waits for somebody: people whom nobody has confirmed, spells to look at, an end that was not made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.activities.models import Activity, Shift
from app.checkin.models import Attendance
from app.checkin.reasons import Rung
from app.checkin.rules import LEAVE_AFTER
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit


@dataclass(frozen=True)
class DoorWork:
    """`since` is when the last shift ended. `walk_ins`: people to confirm; `inside`: not signed out; `reviews`: spells to look at."""

    activity_id: int
    title: str
    unit_id: int
    unit_name: str
    since: datetime
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
    """Over and not closed, or with people of whom nobody has said who they are."""
    strangers = (
        select(Shift.activity_id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Person.confirmed_at.is_(None), Attendance.excluded_at.is_(None))
    )
    open_end = and_(Activity.closed_at.is_(None), last_end < (now - LEAVE_AFTER))
    turn = turn_of(Activity.unit_id, last_end, actor.roots(Action.ACTIVITY_MANAGE), Action.ACTIVITY_MANAGE, now)
    return and_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None), or_(open_end, Activity.id.in_(strangers)), turn)


def waiting_doors_count(actor: Actor, now: datetime) -> int:
    """How many activities wait for this actor; one query."""
    if not actor.may(Action.ACTIVITY_MANAGE):
        return 0
    return db.session.scalar(select(func.count()).select_from(Activity).where(_waits(actor, now))) or 0


def waiting_doors(actor: Actor, now: datetime) -> list[DoorWork]:
    """The same with their figures; two queries."""
    if not actor.may(Action.ACTIVITY_MANAGE):
        return []
    rows = db.session.execute(
        select(Activity.id, Activity.title, Activity.unit_id, Unit.name, last_end.label("since"), Activity.closed_at)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(_waits(actor, now))
        .order_by(last_end, Activity.id)
    ).all()
    figures = _figures([row.id for row in rows])
    none = (0, 0, 0)
    return [
        DoorWork(row.id, row.title, row.unit_id, row.name, row.since, row.closed_at is None and row.since < now, *figures.get(row.id, none))
        for row in rows
    ]


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
