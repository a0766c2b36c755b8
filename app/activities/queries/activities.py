"""Reading activities and shifts. Drafts are among them: callers that serve the public ask `row.public`."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.activities.joining_rules import Who
from app.activities.models import Activity, Shift, ShiftPosition
from app.activities.queries.rows import ActivityRow, PositionRow, ShiftRow
from app.activities.queries.walk_ins import walk_ins
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import below, is_below
from app.people.rules import StageKind

last_end = func.coalesce(Shift.extended_to, Shift.ends_at)


def whole_start() -> ScalarSelect[datetime]:
    return select(func.min(Shift.starts_at)).where(Shift.activity_id == Activity.id).correlate(Activity).scalar_subquery()


def whole_end() -> ScalarSelect[datetime]:
    return select(func.max(last_end)).where(Shift.activity_id == Activity.id).correlate(Activity).scalar_subquery()


for_unit = aliased(Unit)
WHO_COLUMNS = (
    Activity.for_unit_id,
    Activity.age_from,
    Activity.age_to,
    Activity.for_stages,
    Activity.asks_training,
    Activity.training_months,
)


def select_activities() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Activity.id,
            Activity.code,
            Activity.title,
            Activity.kind,
            Activity.unit_id,
            Unit.name,
            Activity.place_text,
            Activity.description,
            Activity.risk_note,
            Activity.code_way,
            Activity.contact_id,
            Person.name,
            Activity.created_by_id,
            Activity.published_at,
            Activity.cancelled_at,
            Activity.closed_at,
            Activity.served_count,
            whole_start(),
            whole_end(),
            Unit.kind,
            Activity.template,
            Activity.insurance_note,
            Activity.gives_training,
            Activity.series_id,
            Activity.series_on,
            Activity.publication_asked_at,
            Activity.publication_asked_by_id,
            Activity.cancel_reason,
            for_unit.name,
            for_unit.kind,
            *WHO_COLUMNS,
        )
        .join(Unit, Unit.id == Activity.unit_id)
        .join(Person, Person.id == Activity.contact_id)
        .outerjoin(for_unit, for_unit.id == Activity.for_unit_id)
    )


def activity_rows(query: Select[*tuple[Any, ...]]) -> list[ActivityRow]:
    """The last columns of the select are those of `who`."""
    found = []
    for row in db.session.execute(query):
        *plain, unit_id, age_from, age_to, stages, training, months = row
        who = Who(unit_id, age_from, age_to, frozenset(map(StageKind, stages.split())), training, months)
        found.append(ActivityRow(*(*plain, who)))
    return found


def activity(activity_id: int) -> ActivityRow | None:
    found = activity_rows(select_activities().where(Activity.id == activity_id))
    return found[0] if found else None


def activity_by_code(code: str) -> ActivityRow | None:
    """By the short code as people type it: capitals or not, blanks around it ignored."""
    found = activity_rows(select_activities().where(Activity.code == code.strip().upper()))
    return found[0] if found else None


def activities_by_id(activity_ids: Collection[int]) -> dict[int, ActivityRow]:
    """Many in one query."""
    return {row.id: row for row in activity_rows(select_activities().where(Activity.id.in_(activity_ids)))} if activity_ids else {}


SHIFT_COLUMNS = (
    Shift.id,
    Shift.activity_id,
    Shift.name,
    Shift.starts_at,
    Shift.ends_at,
    Shift.extended_to,
    Shift.break_minutes,
    Shift.capacity,
    Shift.taken,
)


def shifts_of(activity_id: int) -> list[ShiftRow]:
    """In the order of their start."""
    return _shift_rows(Shift.activity_id == activity_id)


def shift(shift_id: int) -> ShiftRow | None:
    found = _shift_rows(Shift.id == shift_id)
    return found[0] if found else None


def _shift_rows(condition: ColumnElement[bool]) -> list[ShiftRow]:
    """With their positions, in one query: a row for each position."""
    query = (
        select(*SHIFT_COLUMNS, ShiftPosition.id, ShiftPosition.name, ShiftPosition.capacity, ShiftPosition.taken)
        .outerjoin(ShiftPosition, ShiftPosition.shift_id == Shift.id)
        .where(condition)
        .order_by(Shift.starts_at, Shift.id, ShiftPosition.place, ShiftPosition.id)
    )
    width = len(SHIFT_COLUMNS)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in db.session.execute(query)]
    found = [
        ShiftRow(*(*columns, tuple(PositionRow(*row[width:]) for row in same if row[width] is not None)))
        for columns, same in groupby(rows, key=lambda row: row[:width])
    ]
    came = walk_ins([(shift.id, shift.starts_at) for shift in found if shift.capacity is not None])
    return [replace(shift, walk_ins=came[shift.id]) if shift.id in came else shift for shift in found]


def open_condition() -> ColumnElement[bool]:
    """Published, neither cancelled nor closed."""
    return and_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None), Activity.closed_at.is_(None))


def held_condition() -> ColumnElement[bool]:
    """Published and not cancelled: what one might hold again."""
    return and_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None))


def held_or_draft() -> ColumnElement[bool]:
    """Everything but drafts that were put away; of a series its first one stands for all."""
    first = aliased(Activity)
    earlier = select(first.id).where(first.series_id == Activity.series_id, first.series_on < Activity.series_on).exists()
    stands = or_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None), Activity.series_id.is_not(None))
    return and_(stands, or_(Activity.series_id.is_(None), ~earlier))


def managed_activity(actor: Actor, activity_id: int) -> ActivityRow | None:
    """The activity when the actor manages it: its unit lies below one of theirs, or they made it or are its contact
    (and still hold the right somewhere). None otherwise, which callers answer with 404.
    """
    row = activity(activity_id)
    roots = actor.roots(Action.ACTIVITY_MANAGE)
    if row is None or not roots:
        return None
    own = actor.person_id in {row.contact_id, row.created_by_id}
    return row if own or is_below(row.unit_id, roots, clock.today()) else None


def readable_activity(actor: Actor, activity_id: int) -> ActivityRow | None:
    """The activity when the actor manages it, or may read all of its unit. None otherwise."""
    found = managed_activity(actor, activity_id)
    if found is not None:
        return found
    row = activity(activity_id)
    return row if row and is_below(row.unit_id, actor.roots(Action.ACTIVITY_READ), clock.today()) else None


def to_manage(actor: Actor, activity_id: int) -> ActivityRow:
    """The activity that the actor manages. Raises NotFound for all others."""
    row = managed_activity(actor, activity_id)
    if row is None:
        raise NotFound
    return row


def managed(actor: Actor, condition: ColumnElement[bool], limit: int, *, offset: int = 0) -> list[ActivityRow]:
    """Activities that the actor manages, narrowed by a condition, newest first."""
    roots = actor.roots(Action.ACTIVITY_MANAGE)
    if not roots:
        return []
    mine = or_(
        Activity.unit_id.in_(below(roots, clock.today())),
        Activity.contact_id == actor.person_id,
        Activity.created_by_id == actor.person_id,
    )
    return activity_rows(select_activities().where(mine, condition).order_by(Activity.id.desc()).limit(limit).offset(offset))


def open_for_unit(unit_id: int, day: date, limit: int) -> list[ActivityRow]:
    """Published activities of a unit's subtree that are neither cancelled nor closed, the last to end first."""
    query = select_activities().where(open_condition(), Activity.unit_id.in_(below([unit_id], day)))
    return activity_rows(query.order_by(whole_end().desc(), Activity.id.desc()).limit(limit))
