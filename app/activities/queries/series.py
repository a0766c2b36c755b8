"""Reading a series and its activities."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.activities.models import Activity, ActivitySeries
from app.activities.queries.activities import activity_rows, select_activities
from app.activities.queries.rows import ActivityRow
from app.activities.rules import ActivityState
from app.activities.series_rules import Every, every_words
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.models import Unit
from app.people.queries import is_below

CHANGEABLE = frozenset({ActivityState.DRAFT, ActivityState.OPEN})


@dataclass(frozen=True)
class SeriesRow:
    id: int
    title: str
    unit_id: int
    unit_name: str
    every: Every
    first_on: date
    until_on: date
    made_by_id: int

    @property
    def words(self) -> str:
        return every_words(self.first_on, self.every)


def series_for(actor: Actor, series_id: int, action: Action = Action.ACTIVITY_MANAGE) -> SeriesRow:
    """The series whose unit lies where the actor may do that, or that they made. Raises NotFound for all others."""
    columns = (
        ActivitySeries.id,
        ActivitySeries.title,
        ActivitySeries.unit_id,
        Unit.name,
        ActivitySeries.every,
        ActivitySeries.first_on,
        ActivitySeries.until_on,
        ActivitySeries.made_by_id,
    )
    query = select(*columns).join(Unit, Unit.id == ActivitySeries.unit_id).where(ActivitySeries.id == series_id)
    found = db.session.execute(query).one_or_none()
    roots = actor.roots(action)
    row = SeriesRow(*found) if found else None
    if row is None or not roots or not (row.made_by_id == actor.person_id or is_below(row.unit_id, roots, clock.today())):
        raise NotFound
    return row


def activities_in(series_id: int) -> list[ActivityRow]:
    """By the day that each was planned for."""
    return activity_rows(select_activities().where(Activity.series_id == series_id).order_by(Activity.series_on))


def later_in(row: ActivityRow, now: datetime) -> list[ActivityRow]:
    """This one and all that were planned after it, as far as they have not begun and were not put away."""
    if row.series_id is None or row.series_on is None:
        return []
    query = select_activities().where(Activity.series_id == row.series_id, Activity.series_on >= row.series_on).order_by(Activity.series_on)
    return [one for one in activity_rows(query) if one.state(now) in CHANGEABLE and one.starts_at and one.starts_at > now]
