"""Activities that ended in a time: which, how many, how many people came, and what was counted at their closing."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity, ActivityOutcome, Shift
from app.activities.rules import ActivityKind
from app.activities.templates import Outcome
from app.core import clock
from app.core.db import db
from app.hours.rules import Period, PeriodKind
from app.reports.rules import KindLine

LONGEST = timedelta(days=2)  # a shift and all that its organiser may let it run on


def ended_between(start: datetime, end: datetime) -> Subquery:
    """Activities whose last shift ended in [start, end), with that end: a range of the index, and a look at the others of each.

    No plan can go wrong here, also one that PostgreSQL keeps for every period: what it costs is the shifts of the period.
    """
    later = aliased(Shift)
    last, of_later = func.coalesce(Shift.extended_to, Shift.ends_at), func.coalesce(later.extended_to, later.ends_at)
    after = select(later.id).where(
        later.activity_id == Shift.activity_id, or_(of_later > last, and_(of_later == last, later.id > Shift.id))
    )
    return (
        select(Shift.activity_id, last.label("last"))
        .where(Shift.ends_at >= start - LONGEST, Shift.ends_at < end, last >= start, last < end, ~after.correlate(Shift).exists())
        .subquery()
    )


def ended_in(span: Period, now: datetime) -> Subquery:
    """Those that ended in a period and before now, with their end."""
    if span.kind is PeriodKind.ALL:
        last = func.max(func.coalesce(Shift.extended_to, Shift.ends_at))
        return select(Shift.activity_id, last.label("last")).group_by(Shift.activity_id).having(last < now).subquery()
    return ended_between(clock.at_local(span.first), min(clock.at_local(span.last + timedelta(days=1)), now))


def was_held() -> ColumnElement[bool]:
    """Published and not cancelled."""
    return and_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None))


def held(tops: dict[int, list[int]], ended: Subquery, unit_id: int) -> tuple[dict[int, Counter[str]], list[KindLine]]:
    """Of each unit of `tops` how many were held and what was counted at their closing; of the unit itself by kind. One query."""
    came = func.coalesce(Activity.came_said, Activity.came_counted)
    by_unit = (  # rolled up here: a plan that PostgreSQL keeps for all periods would guess wrong
        select(
            Activity.unit_id,
            Activity.kind,
            func.count().label("held"),
            func.sum(came).label("came"),
            func.sum(Activity.served_count).label("served"),
        )
        .join(ended, ended.c.activity_id == Activity.id)
        .where(was_held())
        .group_by(Activity.unit_id, Activity.kind)
    )
    kinds: dict[ActivityKind, Counter[str]] = defaultdict(Counter)
    totals: dict[int, Counter[str]] = defaultdict(Counter)
    for unit, kind, number, many, served in db.session.execute(by_unit):
        counts = {"held": int(number), "came": int(many or 0), "served": int(served or 0)}
        for top in tops.get(unit, ()):
            totals[top].update(counts)
            if top == unit_id:
                kinds[kind].update(counts)
    return totals, [KindLine(kind, **kinds[kind]) for kind in ActivityKind if kind in kinds]


def outcomes(up: Subquery, ended: Subquery, unit_id: int) -> dict[Outcome, int]:
    """What was handed out, lifted, collected … at what the unit and those below it held."""
    found = db.session.execute(
        select(ActivityOutcome.kind, func.sum(ActivityOutcome.count))
        .join(ended, ended.c.activity_id == ActivityOutcome.activity_id)
        .join(Activity, Activity.id == ended.c.activity_id)
        .join(up, and_(up.c.unit_id == Activity.unit_id, up.c.top == unit_id))
        .group_by(ActivityOutcome.kind)
    )
    return {kind: int(many) for kind, many in found}
