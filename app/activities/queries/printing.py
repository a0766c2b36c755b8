"""What the printed list of services shows: shifts of the next days, and whose they are."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select

from app.activities.models import Activity, Shift, ShiftPosition
from app.activities.queries.activities import last_end
from app.activities.rules import ActivityKind
from app.core.clock import at_local, local_date
from app.core.db import db
from app.people.models import Unit
from app.people.queries import below, communities_of

MOST = 200


@dataclass(frozen=True)
class PrintedRow:
    """An activity on one day, from its first start to its last end; `community_id` is where one asks.

    `wanted`: the positions that have a seat left.
    """

    day: date
    activity_id: int
    title: str
    place_text: str
    unit_name: str
    community_id: int | None
    starts_at: datetime
    ends_at: datetime
    full: bool
    wanted: tuple[str, ...] = ()


def printed(first: date, until: date, unit_id: int | None) -> list[PrintedRow]:
    """Published activities, but for 组织生活, from `first` to before `until`, by start; four queries however many."""
    query = (
        select(
            Activity.id,
            Activity.title,
            Activity.place_text,
            Activity.unit_id,
            Unit.name,
            Shift.starts_at,
            last_end,
            and_(Shift.capacity.is_not(None), Shift.taken >= func.coalesce(Shift.capacity, 0)),
            Shift.id,
        )
        .join(Shift, Shift.activity_id == Activity.id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(
            Activity.kind != ActivityKind.PARTY_LIFE,  # not for everybody who reads it
            Activity.published_at.is_not(None),
            Activity.cancelled_at.is_(None),
            Activity.closed_at.is_(None),
            Shift.ends_at >= at_local(first),
            Shift.starts_at >= at_local(first),
            Shift.starts_at < at_local(until),
        )
        .order_by(Shift.starts_at, Activity.id)
        .limit(MOST)
    )
    if unit_id is not None:
        query = query.where(Activity.unit_id.in_(below([unit_id], first)))
    rows = db.session.execute(query).all()
    above, wanted = communities_of({row[3] for row in rows}, first), _wanted({row[8] for row in rows})
    found: dict[tuple[date, int], PrintedRow] = {}
    for activity_id, title, place, unit, unit_name, starts_at, ends_at, full, shift_id in rows:
        key = (local_date(starts_at), activity_id)
        before = found.get(key)
        found[key] = PrintedRow(
            key[0],
            activity_id,
            title,
            place,
            unit_name,
            above.get(unit),
            before.starts_at if before else starts_at,
            max(before.ends_at, ends_at) if before else ends_at,
            bool(full) and (before.full if before else True),
            tuple(dict.fromkeys((*(before.wanted if before else ()), *wanted.get(shift_id, ())))),
        )
    return sorted(found.values(), key=lambda row: (row.starts_at, row.activity_id))


def _wanted(shift_ids: set[int]) -> dict[int, list[str]]:
    """The names of the positions with a seat left, by shift."""
    free = select(ShiftPosition.shift_id, ShiftPosition.name).where(
        ShiftPosition.shift_id.in_(shift_ids), ShiftPosition.taken < ShiftPosition.capacity
    )
    found: dict[int, list[str]] = {}
    for shift_id, name in db.session.execute(free.order_by(ShiftPosition.place, ShiftPosition.id)) if shift_ids else ():
        found.setdefault(shift_id, []).append(name)
    return found
