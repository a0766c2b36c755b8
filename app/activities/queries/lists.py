"""Lists of activities with places and the reader's own state: a constant number of queries however many rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift
from app.activities.queries.activities import activity_rows, last_end, managed, open_condition, select_activities, whole_end
from app.activities.queries.rows import ActivityRow, Listed, Seats
from app.activities.queries.signups import signups_of
from app.activities.queries.walk_ins import walk_ins
from app.activities.rules import ActivityKind
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.people.queries import below


def seats(activity_ids: Collection[int], now: datetime) -> dict[int, Seats]:
    """Places of the shifts that are not over, by activity."""
    if not activity_ids:
        return {}
    query = (
        select(Shift.activity_id, Shift.id, Shift.starts_at, Shift.capacity, Shift.taken)
        .where(Shift.activity_id.in_(activity_ids), last_end > now)
        .order_by(Shift.activity_id)
    )
    rows = db.session.execute(query).all()
    came = walk_ins([(row.id, row.starts_at) for row in rows if row.capacity is not None])
    found = {}
    for activity_id, shifts in groupby(rows, key=lambda row: row.activity_id):
        found[activity_id] = _together([(row.capacity, row.taken, came.get(row.id, 0)) for row in shifts])
    return found


def _together(shifts: list[tuple[int | None, int, int]]) -> Seats:
    """Capacity, seats taken and those who came without one, of each shift. Too many at one shift take no place at another."""
    limits = [capacity for capacity, _, _ in shifts if capacity is not None]
    whole = sum(limits) if len(limits) == len(shifts) else None
    left = sum(max(0, (capacity or 0) - taken - came) for capacity, taken, came in shifts)
    return Seats(whole, sum(taken for _, taken, _ in shifts), None if whole is None else left)


def listed(rows: list[ActivityRow], person_id: int | None) -> list[Listed]:
    """With places and own state: two queries however many rows."""
    ids = [row.id for row in rows]
    places = seats(ids, clock.now())
    own = signups_of(person_id, ids) if person_id is not None else []
    return [Listed(row, places.get(row.id), tuple(entry for entry in own if entry.activity_id == row.id)) for row in rows]


def upcoming(
    person_id: int | None,
    day: date,
    limit: int,
    *,
    offset: int = 0,
    kind: ActivityKind | None = None,
    unit_id: int | None = None,
) -> list[Listed]:
    """Published activities that end on `day` or later, by start, not the cancelled ones; `unit_id` narrows to a subtree."""
    begin = clock.at_local(day)
    soon = (
        select(Shift.activity_id.label("id"), func.min(Shift.starts_at).label("start"))
        .where(Shift.ends_at >= begin - timedelta(days=1))
        .group_by(Shift.activity_id)
        .having(func.max(last_end) >= begin)
        .subquery()
    )
    query = select_activities().join(soon, soon.c.id == Activity.id).where(Activity.cancelled_at.is_(None), _filters(kind, unit_id, day))
    return listed(activity_rows(query.order_by(soon.c.start, Activity.id).limit(limit).offset(offset)), person_id)


def past(day: date, limit: int, *, offset: int = 0, kind: ActivityKind | None = None, unit_id: int | None = None) -> list[ActivityRow]:
    """Published activities whose last shift ended before `day`, latest first; walks the shifts by their end."""
    later = aliased(Shift)
    last = (
        ~select(later.id)
        .where(
            later.activity_id == Shift.activity_id,
            or_(later.ends_at > Shift.ends_at, and_(later.ends_at == Shift.ends_at, later.id > Shift.id)),
        )
        .exists()
    )
    query = (
        select_activities()
        .join(Shift, Shift.activity_id == Activity.id)
        .where(Shift.ends_at < clock.at_local(day), last, Activity.cancelled_at.is_(None), _filters(kind, unit_id, day))
        .order_by(Shift.ends_at.desc(), Shift.id.desc())
    )
    return activity_rows(query.limit(limit).offset(offset))


def _filters(kind: ActivityKind | None, unit_id: int | None, day: date) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [Activity.published_at.is_not(None)]
    if kind is not None:
        wanted.append(Activity.kind == kind)
    if unit_id is not None:
        wanted.append(Activity.unit_id.in_(below([unit_id], day)))
    return and_(*wanted)


@dataclass(frozen=True)
class Waiting:
    """What an organiser still has to do: drafts to publish, and what is over and not closed."""

    drafts: list[ActivityRow]
    to_close: list[ActivityRow]


def waiting_for(actor: Actor, now: datetime, limit: int) -> Waiting:
    drafts = and_(Activity.published_at.is_(None), Activity.cancelled_at.is_(None))
    return Waiting(managed(actor, drafts, limit), managed(actor, and_(open_condition(), whole_end() <= now), limit))
