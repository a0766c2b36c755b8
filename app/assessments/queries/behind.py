"""The entries behind one line, as the ledger has them; they never change, so what was frozen can be told again by their ids."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.assessments.queries.figures import lines_of
from app.assessments.queries.read import Row
from app.assessments.rules import Line, span_of
from app.core.db import db
from app.people.models import Person
from app.points.models import PointEntry, PointRule, PointScheme


@dataclass(frozen=True)
class EntryRow:
    """`wanted` is before the cap, `points` what was given."""

    id: int
    served_on: date
    booked_at: datetime
    activity_id: int | None
    rule: str
    version: str
    wanted: int
    points: int
    reason: str
    reverses_id: int | None
    made_by: str | None
    approved_by: str | None


def entries(ids: Collection[int]) -> list[EntryRow]:
    """By the day they are of; one query."""
    if not ids:
        return []
    e, maker, approver = PointEntry, aliased(Person), aliased(Person)
    found: Any = db.session.execute(
        select(
            *(e.id, e.served_on, e.booked_at, e.activity_id, PointRule.name, PointScheme.version, e.wanted, e.points, e.reason),
            *(e.reverses_id, maker.name, approver.name),
        )
        .join(PointRule, PointRule.id == e.rule_id)
        .join(PointScheme, PointScheme.id == e.scheme_id)
        .outerjoin(maker, maker.id == e.made_by_id)
        .outerjoin(approver, approver.id == e.approved_by_id)
        .where(e.id.in_(ids))
        .order_by(e.served_on, e.id)
    ).all()
    return [EntryRow(*row) for row in found]


def line_now(row: Row, person_id: int, today: date) -> Line | None:
    """The same person's result of the same period as it would be taken today."""
    times = span_of(row.span)
    lines, _, _ = lines_of([person_id], times, min(times.last, today))
    return lines[0] if lines else None
