"""What calendars show: somebody's own sign-ups, and what a unit and those below it hold. Three queries each, however much there is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.activities.calendar_rules import BACK, MOST, Entry
from app.activities.models import Activity, CalendarFeed, Shift, ShiftPosition, Signup
from app.activities.queries.activities import last_end
from app.audit.models import AuditEvent
from app.core.db import db
from app.people.models import Unit
from app.people.queries import below, records_of


@dataclass(frozen=True)
class FeedRow:
    id: int
    person_id: int
    made_at: datetime


def feed(feed_id: int) -> FeedRow | None:
    """One that stands; None for a revoked one."""
    return _feed(CalendarFeed.id == feed_id)


def feed_of(person_id: int) -> FeedRow | None:
    """Their own record's first, else one of a record that was merged into it."""
    return _feed(CalendarFeed.person_id.in_(records_of(person_id)), (CalendarFeed.person_id == person_id).desc(), CalendarFeed.id)


def _feed(condition: ColumnElement[bool], *order: Any) -> FeedRow | None:
    query = select(CalendarFeed.id, CalendarFeed.person_id, CalendarFeed.made_at).where(condition, CalendarFeed.revoked_at.is_(None))
    row = db.session.execute(query.order_by(*order).limit(1)).one_or_none()
    return FeedRow(*row) if row else None


def own_entries(person_id: int, now: datetime) -> list[Entry]:
    """Standing sign-ups, by start; what was over long ago is left out."""
    query = (
        _shifts(now)
        .add_columns(Signup.made_at, Signup.seated_at, ShiftPosition.name)
        .join(Signup, Signup.shift_id == Shift.id)
        .outerjoin(ShiftPosition, ShiftPosition.id == Signup.position_id)
        .where(Signup.person_id == person_id, Signup.withdrawn_at.is_(None))
    )
    rows = sorted(db.session.execute(query), key=lambda row: (row.starts_at, row[0]))
    changes = _Changes(rows)
    return [changes.entry(row, (row[-3], row[-2]), waiting=row[-2] is None, own=True, position=row[-1]) for row in rows]


def unit_entries(unit_id: int, now: datetime, day: date) -> list[Entry]:
    """Shifts of everything that the unit and those below it published, by start; cancelled ones too, so that they leave no wrong entry."""
    query = _shifts(now).where(Activity.unit_id.in_(below([unit_id], day)))
    rows = sorted(db.session.execute(query), key=lambda row: (row.starts_at, row[0]))
    changes = _Changes(rows)
    return [changes.entry(row, ()) for row in rows]


def _shifts(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Shift.id,
            Activity.id,
            Activity.title,
            Shift.name,
            Shift.starts_at,
            last_end,
            Activity.place_text,
            Unit.name,
            Activity.published_at,
            Activity.cancelled_at,
        )
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Activity.published_at.is_not(None), last_end > now - BACK)
        .order_by(last_end <= now, Shift.starts_at, Shift.id)  # where there is too much, what is over gives way
        .limit(MOST)
    )


CHANGES = ("activity.revision", "activity.cancellation", "activity.publication", "shift.extension")


class _Changes:
    """How often what the rows show was changed, and when last: from the audit, where every change stands."""

    def __init__(self, rows: Collection[Any]) -> None:
        self.activities = _counted("activity", {row[1] for row in rows})
        self.shifts = _counted("shift", {row[0] for row in rows})

    def entry(
        self, row: Any, dates: Collection[datetime | None], *, waiting: bool = False, own: bool = False, position: str | None = None
    ) -> Entry:
        shift_id, activity_id, title, name, starts_at, ends_at, place, unit_name, published_at, cancelled_at = row[:10]
        changes = [found for found in (self.activities.get(activity_id), self.shifts.get(shift_id)) if found]
        seen = [one for one in (published_at, cancelled_at, *dates, *(last for _, last in changes)) if one is not None]
        return Entry(
            shift_id,
            activity_id,
            title,
            f"{name}·{position}" if position else name,
            starts_at,
            ends_at,
            place,
            unit_name,
            changed_at=max(seen).replace(microsecond=0),
            changes=sum(count for count, _ in changes) + (own and not waiting),
            cancelled=cancelled_at is not None,
            waiting=waiting,
            own=own,
        )


def _counted(subject: str, ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    if not ids:
        return {}
    rows = db.session.execute(
        select(AuditEvent.subject_id, func.count(), func.max(AuditEvent.at))
        .where(AuditEvent.subject == subject, AuditEvent.subject_id.in_(ids), AuditEvent.action.in_(CHANGES))
        .group_by(AuditEvent.subject_id)
    )
    return {subject_id: (count, last) for subject_id, count, last in rows if subject_id is not None}
