"""双50 of a branch, a community or the whole subdistrict: sums made by the database, a constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Subquery, and_, bindparam, case, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.core.clock import at_local, local_date
from app.core.db import UtcDateTime, db, is_sqlite, rows
from app.core.permissions import Action
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind
from app.people.models import Membership, Person, Stage, Unit, UnitAncestry
from app.people.queries import below, holds_on
from app.people.rules import STAGE_ORDER, MembershipKind, StageKind
from app.requirements.models import ConfirmedPack, PackWithdrawal, Requirement
from app.requirements.queries.sets import holding, needs_of
from app.requirements.rules import Progress, State, state_of, summed


@dataclass(frozen=True)
class Line:
    """One person of the table, in the stage they are in. `pack_id`: what the branch confirmed of it, where it stands."""

    person_id: int
    name: str
    unit_id: int
    unit_name: str
    stage: StageKind
    began_on: date
    pack_id: int | None
    needs: list[Progress] = field(default_factory=list)

    @property
    def state(self) -> State:
        return state_of(self.needs, confirmed=self.pack_id is not None)

    @property
    def missing(self) -> int:
        return sum(one.missing for one in self.needs)

    @property
    def days_left(self) -> int | None:
        """Of what is not full yet, the nearest end."""
        left = [one.days_left for one in self.needs if one.days_left is not None and not one.complete]
        return min(left, default=None)

    @property
    def weekly(self) -> int | None:
        """Minutes a week of all kinds together; None where nothing has to be done."""
        pace = [one.weekly for one in self.needs if one.weekly]
        return sum(pace) if pace else None

    def of(self, kind: str) -> Progress | None:
        return next((one for one in self.needs if one.need.kind.value == kind), None)


def _now_in(day: date) -> ColumnElement[bool]:
    """The stage is the one that holds on a day: none begins later, and of two of one day the later in order."""
    later = aliased(Stage)
    order = [case({kind: place for kind, place in STAGE_ORDER.items()}, value=one) for one in (Stage.kind, later.kind)]  # noqa: C416
    newer = or_(later.began_on > Stage.began_on, and_(later.began_on == Stage.began_on, order[1] > order[0]))
    known = select(later.id).where(later.person_id == Stage.person_id, later.began_on <= day, newer)
    return and_(Stage.began_on <= day, ~known.exists())


def _before_due() -> ColumnElement[bool]:
    """The entry lies before the end of the window; without a limit that is always so."""
    if is_sqlite():
        due: ColumnElement[Any] = func.date(Stage.began_on, "+" + cast(Requirement.window_days, db.String) + " days")
    else:
        due = cast(Stage.began_on + Requirement.window_days, Date)
    return or_(Requirement.window_days.is_(None), HourEntry.served_on < due)


def _minutes(hour_class: HourClass) -> ColumnElement[int]:
    """A reversal has the opposite sign, the day and the class of what it takes back: the plain sum is what stands."""
    return func.coalesce(func.sum(case((HourEntry.hour_class == hour_class, HourEntry.minutes), else_=0)), 0)


def _sums(set_id: int | ColumnElement[int], day: date, *columns: Any) -> Select[*tuple[Any, ...]]:
    """One row for each person now in a stage and each requirement of it. Home members, on the day."""
    served = and_(
        HourEntry.person_id == Stage.person_id,
        HourEntry.kind == Requirement.kind,
        HourEntry.served_on >= Stage.began_on,
        _before_due(),
    )
    return (
        select(*columns)
        .select_from(Stage)
        .join(Requirement, and_(Requirement.stage == Stage.kind, Requirement.set_id == set_id))
        .join(Membership, and_(Membership.person_id == Stage.person_id, Membership.kind == MembershipKind.HOME, holds_on(Membership, day)))
        .outerjoin(HourEntry, served)
        .where(_now_in(day))
    )


_WHO = (Stage.person_id, Person.name, Membership.unit_id, Unit.name.label("unit_name"), Stage.kind, Stage.began_on)


def _members(roots: Any, day: date) -> Select[int]:
    """Home members below `roots`: so that the database begins with the few of a branch and not with every stage there is."""
    home, above = aliased(Membership), aliased(UnitAncestry)
    dated = and_(home.valid_from <= day, or_(home.valid_to.is_(None), home.valid_to > day))
    reached = select(above.unit_id).where(
        above.ancestor_id.in_(roots), above.valid_from <= day, or_(above.valid_to.is_(None), above.valid_to > day)
    )
    return select(home.person_id).where(home.kind == MembershipKind.HOME, home.unit_id.in_(reached), dated)


def _standing() -> ColumnElement[int | None]:
    """The id of the confirmation of that person's present stage that stands."""
    withdrawn = select(PackWithdrawal.id).where(PackWithdrawal.pack_id == ConfirmedPack.id).exists()
    of_stage = and_(ConfirmedPack.person_id == Stage.person_id, ConfirmedPack.stage == Stage.kind, ConfirmedPack.began_on == Stage.began_on)
    return select(ConfirmedPack.id).where(of_stage, ~withdrawn).correlate(Stage).scalar_subquery()


def lines(roots: Collection[int], set_id: int, day: date) -> list[Line]:
    """Everybody below `roots` of whom the version asks something, by name. Two queries, however many people and entries."""
    if not roots:
        return []
    query = (
        _sums(
            set_id,
            day,
            *_WHO,
            _standing().label("pack_id"),
            Requirement.id,
            _minutes(HourClass.CREDIT),
            _minutes(HourClass.HONOUR),
        )
        .join(Person, Person.id == Stage.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.unit_id.in_(below(roots, day)))
        .group_by(*_WHO, Requirement.id)
        .order_by(Person.name, Stage.person_id, Requirement.id)
    )
    needs = {need.id: need for need in needs_of(set_id)}
    found: dict[int, Line] = {}
    for person_id, name, unit_id, unit_name, stage, began_on, pack_id, need_id, credit, honour in db.session.execute(query):
        line = found.setdefault(person_id, Line(person_id, name, unit_id, unit_name, stage, began_on, pack_id))
        line.needs.append(summed(needs[need_id], began_on, int(credit), int(honour), day))
    return list(found.values())


def _full(roots: Any, actor_id: Any, now: datetime) -> Subquery:
    """Those whose every requirement is met, whose branch has not confirmed it, and for whom it is the turn of these roots."""
    day = local_date(now)
    credit, honour = _minutes(HourClass.CREDIT), _minutes(HourClass.HONOUR)
    used = case((honour > Requirement.honour_minutes, Requirement.honour_minutes), else_=honour)
    full = case((credit + used >= Requirement.minutes_needed, 1), else_=0).label("full")
    since = literal(now, UtcDateTime())
    mine = turn_of(Membership.unit_id, since, roots, Action.DOUBLE50_CONFIRM, now, RoleGrant.person_id == Membership.person_id)
    each = (
        _sums(holding(day).scalar_subquery(), day, Stage.person_id.label("person_id"), full)
        .where(Stage.person_id.in_(_members(roots, day)), mine, Stage.person_id != actor_id, _standing().is_(None))
        .group_by(Stage.person_id, Requirement.id, Requirement.honour_minutes, Requirement.minutes_needed)
        .subquery()
    )
    return select(each.c.person_id).group_by(each.c.person_id).having(func.min(each.c.full) == 1).subquery()


@lru_cache(maxsize=4)
def _count_on(day: date, _sqlite: bool) -> Select[int]:
    """Built once a day: every page of a secretary counts, and building it takes longer than counting."""
    full = _full(bindparam("roots", expanding=True), bindparam("actor_id"), at_local(day))
    return select(func.count()).select_from(full)


def waiting_count(roots: Collection[int], actor_id: int, now: datetime) -> int:
    """How many wait for the confirmation of somebody with these roots; one query, none without roots."""
    if not roots:
        return 0
    return int(rows(_count_on(local_date(now), is_sqlite()), roots=list(roots), actor_id=actor_id)[0][0])


@dataclass(frozen=True)
class Waiting:
    """Somebody whose hours are full. `since` is when the last of them was booked."""

    person_id: int
    name: str
    unit_name: str
    stage: StageKind
    began_on: date
    since: datetime


def waiting(roots: Collection[int], actor_id: int, now: datetime) -> list[Waiting]:
    """The people that `waiting_count` counts; one query."""
    if not roots:
        return []
    day, full = local_date(now), _full(roots, actor_id, now)
    booked = select(func.max(HourEntry.booked_at)).where(HourEntry.person_id == Stage.person_id, HourEntry.kind.in_(list(HourKind)))
    found = db.session.execute(
        select(Person.id, Person.name, Unit.name, Stage.kind, Stage.began_on, booked.correlate(Stage).scalar_subquery())
        .select_from(Stage)
        .join(full, full.c.person_id == Stage.person_id)
        .join(Person, Person.id == Stage.person_id)
        .join(Membership, and_(Membership.person_id == Stage.person_id, Membership.kind == MembershipKind.HOME, holds_on(Membership, day)))
        .join(Unit, Unit.id == Membership.unit_id)
        .where(_now_in(day))
        .order_by(Person.name, Person.id)
    )
    return [Waiting(*row[:5], row[5] or now) for row in found]
