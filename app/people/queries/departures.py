"""Who left a branch: for its page of some days, and on the page of who left."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select

from app.core.db import db
from app.people.models import Departure, Person, Unit
from app.people.rules import LISTED_FOR, TAKEN_BACK_WITHIN, DepartureReason


@dataclass(frozen=True)
class DepartureRow:
    """`to_name` is where somebody was transferred to; else there is a reason, known inside only."""

    id: int
    person_id: int
    name: str
    membership_id: int
    from_id: int
    to_id: int | None
    to_name: str | None
    reason: DepartureReason | None
    note: str
    left_on: date
    recorded_on: date

    def returns(self, today: date) -> bool:
        """It may still be taken back."""
        return today <= self.recorded_on + timedelta(days=TAKEN_BACK_WITHIN)


def _rows() -> Select[*tuple[Any, ...]]:
    left = Departure
    columns = (left.id, left.person_id, Person.name, left.membership_id, left.from_id, left.to_id, Unit.name, left.reason, left.note)
    return (
        select(*columns, left.left_on, left.recorded_on)
        .join(Person, Person.id == left.person_id)
        .outerjoin(Unit, Unit.id == left.to_id)
        .where(left.taken_back_on.is_(None))
        .order_by(left.id.desc())
    )


def departure(departure_id: int) -> DepartureRow | None:
    """One that stands."""
    row = db.session.execute(_rows().where(Departure.id == departure_id)).one_or_none()
    return DepartureRow(*row) if row else None


def departures_from(unit_ids: Collection[int], today: date) -> list[DepartureRow]:
    """Those of the last days, the newest first; not from one of these units to another of them."""
    recent = Departure.recorded_on >= today - timedelta(days=LISTED_FOR)
    rows = [DepartureRow(*row) for row in db.session.execute(_rows().where(Departure.from_id.in_(unit_ids), recent))]
    inside = set(unit_ids)
    return [row for row in rows if row.to_id not in inside]


def departures_of(person_id: int) -> dict[int, DepartureRow]:
    """membership id → how it ended; of those that ended for a reason."""
    rows = db.session.execute(_rows().where(Departure.person_id == person_id, Departure.reason.is_not(None)))
    return {row.membership_id: row for row in (DepartureRow(*one) for one in rows)}
