"""Who may decide something for a unit, and whose turn it is.

It waits for the nearest unit where somebody can: its own secretary and deputies, else the unit above; what nobody has answered
for long is for those above as well. Features say which unit, which action and what "for long" is.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import Account, RoleGrant
from app.accounts.rules import SecretKind
from app.core.db import db
from app.core.permissions import ALLOWED, Action
from app.people.models import UnitAncestry
from app.people.queries import holds_on


def _granted(action: Action, day: date) -> ColumnElement[bool]:
    """The grant holds on a day, and is awake: its holder has an account with a real password."""
    awake = select(Account.id).where(Account.person_id == RoleGrant.person_id, Account.secret_kind == SecretKind.PASSWORD).exists()
    dated = and_(RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day))
    return and_(RoleGrant.role.in_(ALLOWED[action]), dated, awake)


def nearest(unit_ids: Collection[int], action: Action, day: date, but: Collection[int] = ()) -> dict[int, list[int]]:
    """unit id → the people of the nearest unit who may do `action` there, without those in `but`. One query for many units."""
    rows = db.session.execute(
        select(UnitAncestry.unit_id, UnitAncestry.depth, RoleGrant.person_id)
        .join(RoleGrant, RoleGrant.unit_id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id.in_(unit_ids), _granted(action, day), holds_on(UnitAncestry, day), RoleGrant.person_id.not_in(but))
        .order_by(UnitAncestry.unit_id, UnitAncestry.depth, RoleGrant.id)
    ).all()
    least: dict[int, int] = {}
    found: dict[int, list[int]] = {}
    for unit_id, depth, person_id in rows:
        if depth == least.setdefault(unit_id, depth) and person_id not in found.setdefault(unit_id, []):
            found[unit_id].append(person_id)
    return found


def turn_of(
    unit_id: InstrumentedAttribute[int], roots: Collection[int], action: Action, day: date, risen: ColumnElement[bool]
) -> ColumnElement[bool]:
    """It is the turn of somebody with these roots: nobody nearer can, or `risen` says that it has waited for long."""
    table: Any = unit_id.class_
    own, near = aliased(UnitAncestry), aliased(UnitAncestry)
    depth = select(func.min(own.depth)).where(own.unit_id == unit_id, own.ancestor_id.in_(roots), holds_on(own, day))
    mine = depth.correlate(table).scalar_subquery()
    nearer = (
        select(RoleGrant.id)
        .join(near, and_(near.ancestor_id == RoleGrant.unit_id, near.unit_id == unit_id))
        .where(_granted(action, day), holds_on(near, day), near.depth < mine)
        .correlate(table)
        .exists()
    )
    return and_(mine.is_not(None), or_(risen, ~nearer))
