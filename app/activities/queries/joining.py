"""What is known of a person when they ask to join, and which trainings there are."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.activities.models import Activity, Shift
from app.core.db import db
from app.people.models import Membership, Person, UnitAncestry
from app.people.queries import holds_on, stage_on
from app.people.rules import StageKind


@dataclass(frozen=True)
class Known:
    """Of one person on a day; `minor_until` where they are said to be under 14 and no birth date is known."""

    birth_date: date | None
    minor_until: date | None
    stage: StageKind


def known_of(person_id: int, day: date) -> Known:
    """Who has no stage on record is 群众."""
    born, until = db.session.execute(select(Person.birth_date, Person.minor_until).where(Person.id == person_id)).one()
    fact = stage_on(person_id, day)
    return Known(born, until, fact.kind if fact else StageKind.MASSES)


def belongs_below(person_id: int, unit_id: int, day: date) -> bool:
    """Whether any tie of the person (home, reported in, a team's …) holds with the unit or one below it."""
    found = (
        select(Membership.id)
        .join(UnitAncestry, UnitAncestry.unit_id == Membership.unit_id)
        .where(
            Membership.person_id == person_id,
            UnitAncestry.ancestor_id == unit_id,
            holds_on(Membership, day),
            holds_on(UnitAncestry, day),
        )
    )
    return db.session.scalar(found.limit(1)) is not None


def given_in(training: str, since: datetime | None) -> list[int]:
    """The published activities that gave the training, with a shift from `since` on."""
    query = select(Activity.id).where(
        Activity.gives_training == training, Activity.published_at.is_not(None), Activity.cancelled_at.is_(None)
    )
    if since is not None:
        query = query.where(select(Shift.id).where(Shift.activity_id == Activity.id, Shift.starts_at >= since).exists())
    return list(db.session.scalars(query))


def trainings(limit: int = 40) -> list[str]:
    """Names that are in use, to be chosen from; by name."""
    query = select(Activity.gives_training).where(Activity.gives_training != "").group_by(Activity.gives_training)
    return list(db.session.scalars(query.order_by(Activity.gives_training).limit(limit)))
