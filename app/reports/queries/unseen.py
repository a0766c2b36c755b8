"""半年没见: whom to visit. For those who look after the branch, never for anybody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.checkin.queries import last_seen
from app.core import clock
from app.core.db import db
from app.people.models import Membership, Person
from app.people.queries import below, holds_on
from app.people.rules import MembershipKind
from app.reports.rules import UNSEEN


@dataclass(frozen=True)
class Unseen:
    """`last_at` None: has not come yet, though here for half a year."""

    person_id: int
    name: str
    unit_id: int
    last_at: datetime | None
    last_title: str


def unseen(unit_id: int, now: datetime) -> list[Unseen]:
    """Home members of a unit and below who have been here for half a year and came to nothing in it, longest ago first. Two queries."""
    today = clock.local_date(now)
    since = func.min(Membership.valid_from)
    rows = db.session.execute(
        select(Person.id, Person.name, func.max(Membership.unit_id))
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.kind == MembershipKind.HOME, holds_on(Membership, today), Membership.unit_id.in_(below([unit_id], today)))
        .group_by(Person.id, Person.name)
        .having(since <= today - UNSEEN)
        .order_by(Person.name, Person.id)
    ).all()
    seen = last_seen([row[0] for row in rows])
    found = [
        Unseen(person_id, name, home, *seen.get(person_id, (None, "")))
        for person_id, name, home in rows
        if person_id not in seen or seen[person_id][0] < now - UNSEEN
    ]
    return sorted(found, key=lambda one: (one.last_at is not None, one.last_at or now - timedelta(days=36500), one.name, one.person_id))
