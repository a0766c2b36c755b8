"""Who may decide about a unit's claims and disputes, and whose turn it is.

It waits for the nearest unit where somebody can: its own secretary and deputies, else the unit above; after five working
days without an answer, for those above as well.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account, RoleGrant
from app.accounts.rules import SecretKind
from app.claims.models import ClaimBatch, Dispute
from app.claims.rules import rises_before
from app.core import clock
from app.core.db import db
from app.core.permissions import ALLOWED, Action, Role
from app.people.models import Person, UnitAncestry
from app.people.queries import holds_on


@dataclass(frozen=True)
class Decider:
    """`depth` 0 is the unit itself, 1 the one above."""

    person_id: int
    name: str
    depth: int


def _granted(action: Action, day: date) -> ColumnElement[bool]:
    """The grant holds on a day, and is awake: its holder has an account with a real password."""
    awake = select(Account.id).where(Account.person_id == RoleGrant.person_id, Account.secret_kind == SecretKind.PASSWORD).exists()
    dated = and_(RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day))
    return and_(RoleGrant.role.in_(ALLOWED[action]), dated, awake)


def deciders(unit_id: int, action: Action, day: date, but: Collection[int] = ()) -> list[Decider]:
    """Everyone who may, without those in `but`: the nearest unit first, there the secretary first. One query."""
    rank = case((RoleGrant.role == Role.SECRETARY, 0), (RoleGrant.role == Role.DEPUTY, 1), else_=2)
    rows = db.session.execute(
        select(Person.id, Person.name, UnitAncestry.depth)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(UnitAncestry, and_(UnitAncestry.ancestor_id == RoleGrant.unit_id, UnitAncestry.unit_id == unit_id))
        .where(_granted(action, day), holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth, rank, RoleGrant.id)
    )
    found: dict[int, Decider] = {}
    for row in rows:
        if row.id not in but:
            found.setdefault(row.id, Decider(*row))
    return list(found.values())


def nearest(found: list[Decider]) -> list[Decider]:
    """Those of the nearest unit: whom it waits for, and who is told."""
    return [one for one in found if one.depth == found[0].depth]


def turn_of(
    table: type[ClaimBatch] | type[Dispute], roots: Collection[int], action: Action, now: datetime, concerned: ColumnElement[bool]
) -> ColumnElement[bool]:
    """It is the turn of somebody with these roots. `concerned` says of a grant that its holder may not decide here."""
    today = clock.local_date(now)
    own, near = aliased(UnitAncestry), aliased(UnitAncestry)
    depth: Select[int] = select(func.min(own.depth)).where(own.unit_id == table.unit_id, own.ancestor_id.in_(roots), holds_on(own, today))
    mine = depth.correlate(table).scalar_subquery()
    nearer = (
        select(RoleGrant.id)
        .join(near, and_(near.ancestor_id == RoleGrant.unit_id, near.unit_id == table.unit_id))
        .where(_granted(action, today), holds_on(near, today), near.depth < mine, ~concerned)
        .correlate(table)
        .exists()
    )
    return and_(mine.is_not(None), or_(table.made_at < clock.at_local(rises_before(today)), ~nearer))
