"""代办: who stands in for whom, and what that lets them do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import RoleGrant
from app.accounts.queries import roles_held
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import ALLOWED, READS_ONLY, Action
from app.fund.models import FundStepEntry
from app.fund.models_office import FundDelegation
from app.people.models import Person
from app.people.queries import is_below

DECIDES = frozenset({Action.FUND_APPROVE, Action.FUND_PAY, Action.FUND_RECONCILE})  # what a deputy may do for somebody
ROLES = frozenset(role for action in DECIDES for role in ALLOWED[action]) - READS_ONLY


def in_force(now: datetime) -> ColumnElement[bool]:
    """Accepted, begun, not over and not ended early."""
    today = clock.local_date(now)
    return and_(
        FundDelegation.accepted_at.is_not(None),
        FundDelegation.accepted_at <= now,
        FundDelegation.first_on <= today,
        FundDelegation.last_on >= today,
        or_(FundDelegation.ended_at.is_(None), FundDelegation.ended_at > now),
    )


def roots_of(person_id: int, action: Action, day: date) -> frozenset[int]:
    """Below which units somebody may do this."""
    return Actor(person_id, "", 0, tuple(roles_held(person_id, day))).roots(action)


def stands_in(by_id: int, for_id: int, action: Action, unit_id: int, now: datetime) -> bool:
    """Whether `by_id` stands in for `for_id` now, who may do this there."""
    return action in DECIDES and stands_in_on_road(by_id, for_id, [action], unit_id, now)


def stands_in_on_road(by_id: int, for_id: int, actions: Collection[Action], unit_id: int, now: datetime) -> bool:
    """The same of a project's stages, where also what an officer decides may be done for them."""
    day = clock.local_date(now)
    found = select(FundDelegation.id).where(FundDelegation.to_id == by_id, FundDelegation.from_id == for_id, in_force(now)).limit(1)
    may = any(is_below(unit_id, roots_of(for_id, action, day), day) for action in actions)
    return may and db.session.scalar(found) is not None


def principals(by_id: int, now: datetime) -> list[int]:
    """For whom this person stands in now; one query."""
    found = select(FundDelegation.from_id).where(FundDelegation.to_id == by_id, in_force(now)).distinct().order_by(FundDelegation.from_id)
    return list(db.session.execute(found).scalars())


@dataclass(frozen=True)
class Hat:
    """In which capacity an actor acts: for themselves, or as a deputy for somebody with that person's permissions."""

    actor: Actor
    for_id: int | None = None
    for_name: str = ""

    @property
    def people(self) -> tuple[int, ...]:
        return (self.actor.person_id,) if self.for_id is None else (self.actor.person_id, self.for_id)

    def roots(self, action: Action) -> frozenset[int]:
        return self.actor.roots(action) if self.for_id is None or action in DECIDES else frozenset()


def hats(actor: Actor, now: datetime) -> list[Hat]:
    """One's own first. Only who decides about the fund can be a deputy, so everybody else costs no query."""
    own = [Hat(actor)]
    if not actor.may(Action.FUND_STEP):
        return own
    day = clock.local_date(now)
    for person_id in principals(actor.person_id, now):
        name = db.session.scalar(select(Person.name).where(Person.id == person_id)) or ""
        held = tuple(roles_held(person_id, day))
        own.append(Hat(Actor(actor.person_id, actor.name, actor.session_id, held), person_id, name))
    return own


def told_instead(by_id: int, what: str, done: str) -> str:
    """The line for who is away."""
    name = db.session.scalar(select(Person.name).where(Person.id == by_id)) or ""
    return f"{name}替您办了：{what}，{done}"


@dataclass(frozen=True)
class DelegationRow:
    id: int
    from_id: int
    from_name: str
    to_id: int
    to_name: str
    first_on: date
    last_on: date
    reason: str
    made_by: str
    made_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    steps: int

    def state(self, today: date) -> str:
        if self.ended_at:
            return "ended"
        if self.last_on < today:
            return "over"
        if not self.accepted_at:
            return "asked"
        return "now" if self.first_on <= today else "later"


def delegations(where: ColumnElement[bool] | None = None, limit: int = 50) -> list[DelegationRow]:
    """Newest first, with how many steps were taken that way; one query."""
    away, deputy, maker = aliased(Person), aliased(Person), aliased(Person)
    taken = (
        select(func.count())
        .where(
            FundStepEntry.by_id == FundDelegation.to_id,
            FundStepEntry.for_id == FundDelegation.from_id,
            FundStepEntry.at >= FundDelegation.made_at,
        )
        .correlate(FundDelegation)
        .scalar_subquery()
    )
    query = (
        select(
            FundDelegation.id,
            FundDelegation.from_id,
            away.name,
            FundDelegation.to_id,
            deputy.name,
            FundDelegation.first_on,
            FundDelegation.last_on,
            FundDelegation.reason,
            maker.name,
            FundDelegation.made_at,
            FundDelegation.accepted_at,
            FundDelegation.ended_at,
            taken,
        )
        .join(away, away.id == FundDelegation.from_id)
        .join(deputy, deputy.id == FundDelegation.to_id)
        .join(maker, maker.id == FundDelegation.made_by_id)
        .order_by(FundDelegation.id.desc())
        .limit(limit)
    )
    rows = db.session.execute(query if where is None else query.where(where))
    return [DelegationRow(*tuple(row)) for row in rows]


def both(delegation_id: int) -> tuple[int, ...]:
    """Who is away and who stands in; nobody where there is no such row."""
    found = select(FundDelegation.from_id, FundDelegation.to_id).where(FundDelegation.id == delegation_id)
    row = db.session.execute(found).one_or_none()
    return tuple(row) if row else ()


def asked_of(person_id: int, today: date) -> ColumnElement[bool]:
    """Waiting for this person to say yes."""
    return and_(
        FundDelegation.to_id == person_id,
        FundDelegation.accepted_at.is_(None),
        FundDelegation.ended_at.is_(None),
        FundDelegation.last_on >= today,
    )


def staff(day: date) -> list[tuple[int, str]]:
    """Who decides about the fund today: those who can be away, and those who can stand in."""
    found = (
        select(Person.id, Person.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role.in_(sorted(ROLES)),
            RoleGrant.valid_from <= day,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day),
        )
        .distinct()
        .order_by(Person.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(found)]
