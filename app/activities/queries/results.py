"""What came of activities: their outcomes, figures and photos."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app.activities.models import Activity, ActivityOutcome, ActivityPhoto, Shift
from app.activities.templates import Outcome
from app.core import clock
from app.core.db import db
from app.people.models import Membership
from app.people.queries import below, holds_on


def outcomes_of(activity_id: int) -> dict[Outcome, int]:
    """办成的事 of one activity; kinds of which there was none are left out."""
    rows = db.session.execute(
        select(ActivityOutcome.kind, ActivityOutcome.count.label("count_")).where(ActivityOutcome.activity_id == activity_id)
    )
    return {row.kind: row.count_ for row in rows}


@dataclass(frozen=True)
class Totals:
    """Over closed activities: how many they were, 服务人次 where it was said, and 办成的事."""

    activities: int
    served: int
    outcomes: dict[Outcome, int]


def outcomes_between(roots: Collection[int], first: date, last: date) -> Totals:
    """Of the activities organised by these units and those below that ended on these days, both included, and are closed.

    The tree as it stands on the last day. Three queries.
    """
    start, end = clock.at_local(first), clock.at_local(last + timedelta(days=1))
    ended = select(func.max(func.coalesce(Shift.extended_to, Shift.ends_at))).where(Shift.activity_id == Activity.id)
    over = ended.correlate(Activity).scalar_subquery()
    closed = select(Activity.id).where(Activity.unit_id.in_(below(roots, last)), Activity.closed_at.is_not(None), over >= start, over < end)
    sums = select(func.count(), func.sum(Activity.served_count)).where(Activity.id.in_(closed))
    number, served = db.session.execute(sums).one()
    rows = db.session.execute(
        select(ActivityOutcome.kind, func.sum(ActivityOutcome.count))
        .where(ActivityOutcome.activity_id.in_(closed))
        .group_by(ActivityOutcome.kind)
    )
    return Totals(int(number), int(served or 0), {kind: int(count) for kind, count in rows})


@dataclass(frozen=True)
class Counted:
    """到场人次 as it was counted at closing and as the organiser says, where that is another number."""

    counted: int | None
    said: int | None
    closed_by_id: int | None

    @property
    def came(self) -> int | None:
        return self.counted if self.said is None else self.said


def counted(activity_id: int) -> Counted:
    query = select(Activity.came_counted, Activity.came_said, Activity.closed_by_id).where(Activity.id == activity_id)
    return Counted(*db.session.execute(query).one())


@dataclass(frozen=True)
class PhotoRow:
    """`agreed`: those who can be made out agreed to publication; else it is for the unit only."""

    id: int
    activity_id: int
    name: str
    alt: str
    width: int
    height: int
    agreed: bool


_PHOTO = (
    ActivityPhoto.id,
    ActivityPhoto.activity_id,
    ActivityPhoto.name,
    ActivityPhoto.alt,
    ActivityPhoto.width,
    ActivityPhoto.height,
    ActivityPhoto.agreed_at.is_not(None),
)


def photos_of(activity_id: int) -> list[PhotoRow]:
    """Those that stand, in the order in which they were added."""
    query = select(*_PHOTO).where(ActivityPhoto.activity_id == activity_id, ActivityPhoto.removed_at.is_(None))
    return [PhotoRow(*row) for row in db.session.execute(query.order_by(ActivityPhoto.id))]


def photo(activity_id: int, name: str) -> PhotoRow | None:
    """By the name of its files. None when it was removed."""
    query = select(*_PHOTO).where(ActivityPhoto.activity_id == activity_id, ActivityPhoto.name == name, ActivityPhoto.removed_at.is_(None))
    row = db.session.execute(query).one_or_none()
    return PhotoRow(*row) if row else None


def removed_before(moment: datetime) -> list[str]:
    """The names of photos that were removed before."""
    return list(db.session.execute(select(ActivityPhoto.name).where(ActivityPhoto.removed_at < moment)).scalars())


def belongs(person_id: int, unit_id: int, day: date) -> bool:
    """Whether somebody is of a unit or of one below it, in any kind of membership."""
    query = select(Membership.id).where(
        Membership.person_id == person_id, holds_on(Membership, day), Membership.unit_id.in_(below([unit_id], day))
    )
    return db.session.scalar(query.limit(1)) is not None


def overdue(ended_before: datetime) -> list[int]:
    """Activities that were held, ended before and are not closed, the oldest first."""
    over = func.max(func.coalesce(Shift.extended_to, Shift.ends_at))
    query = (
        select(Activity.id)
        .join(Shift, Shift.activity_id == Activity.id)
        .where(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None), Activity.closed_at.is_(None))
        .group_by(Activity.id)
        .having(over < ended_before)
        .order_by(over, Activity.id)
    )
    return list(db.session.execute(query).scalars())
