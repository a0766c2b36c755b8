"""What waits for a second person to publish it; of a series once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select

from app.activities.models import Activity
from app.activities.queries.activities import activity_rows, select_activities
from app.activities.queries.rows import ActivityRow
from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.people.queries import below


@dataclass(frozen=True)
class Asked:
    """`row` is the first one where it is a series of `count`."""

    row: ActivityRow
    since: datetime
    count: int


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Activity.published_at.is_(None),
        Activity.cancelled_at.is_(None),
        Activity.publication_asked_at.is_not(None),
        Activity.publication_asked_by_id != actor.person_id,
        Activity.unit_id.in_(below(actor.roots(Action.ACTIVITY_MANAGE), clock.today())),
    )


_ONE = func.coalesce(-Activity.series_id, Activity.id)  # a series is one


def asked_for_count(actor: Actor) -> Select[int] | None:
    if not actor.may(Action.ACTIVITY_MANAGE):
        return None
    return select(func.count(_ONE.distinct())).where(_waits_for(actor))


def asked_for(actor: Actor) -> list[Asked]:
    """Longest waiting first; one query."""
    if not actor.may(Action.ACTIVITY_MANAGE):
        return []
    found: dict[tuple[str, int], Asked] = {}
    for row in activity_rows(select_activities().where(_waits_for(actor)).order_by(Activity.publication_asked_at, Activity.id)):
        key = ("series", row.series_id) if row.series_id else ("one", row.id)
        before = found.get(key)
        since = row.publication_asked_at or clock.now()
        found[key] = Asked(before.row, before.since, before.count + 1) if before else Asked(row, since, 1)
    return list(found.values())
