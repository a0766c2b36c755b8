"""Who may decide about what belongs to a unit, and whose turn it is: one rule for every work list.

Something waits for the nearest unit where somebody can decide: its own secretary and deputies, else the unit above. After
five working days (a setting) without an answer it waits for those above as well. Nothing lapses.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import Account, RoleGrant, SecondFactor
from app.accounts.rules import RISES_AFTER, SecretKind, rises_before
from app.core import clock
from app.core.db import db
from app.core.permissions import ALLOWED, SECOND_FACTOR, Action, Role
from app.people.models import Person, Unit, UnitAncestry
from app.people.queries import holds_on
from app.settings import queries as settings

SETTING = "rising"  # {"days": 5}, working days


@dataclass(frozen=True)
class Decider:
    """`depth` 0 is the unit itself, 1 the one above."""

    person_id: int
    name: str
    depth: int


def _granted(action: Action, day: date) -> ColumnElement[bool]:
    """The grant holds on a day, and is awake: its holder has an account with a real password, and a second factor where one is due."""
    awake = select(Account.id).where(Account.person_id == RoleGrant.person_id, Account.secret_kind == SecretKind.PASSWORD).exists()
    coded = select(SecondFactor.person_id).where(SecondFactor.person_id == RoleGrant.person_id, SecondFactor.sealed.is_not(None)).exists()
    dated = and_(RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day))
    return and_(RoleGrant.role.in_(ALLOWED[action]), dated, awake, or_(RoleGrant.role.not_in(SECOND_FACTOR), coded))


_RANK = case((RoleGrant.role == Role.SECRETARY, 0), (RoleGrant.role == Role.DEPUTY, 1), else_=2)


def deciders(unit_id: int, action: Action, day: date, but: Collection[int] = ()) -> list[Decider]:
    """Everyone who may, without those in `but`: the nearest unit first, there the secretary first. One query."""
    rows = db.session.execute(
        select(Person.id, Person.name, UnitAncestry.depth)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(UnitAncestry, and_(UnitAncestry.ancestor_id == RoleGrant.unit_id, UnitAncestry.unit_id == unit_id))
        .where(_granted(action, day), holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth, _RANK, RoleGrant.id)
    )
    found: dict[int, Decider] = {}
    for row in rows:
        if row.id not in but:
            found.setdefault(row.id, Decider(*row))
    return list(found.values())


def nearest(found: list[Decider]) -> list[Decider]:
    """Those of the nearest unit: whom it waits for, and who is told."""
    return [one for one in found if one.depth == found[0].depth]


def risen_before(now: datetime) -> datetime:
    """What began to wait before this moment shows for the units above too."""
    days = int(settings.value(SETTING, {"days": RISES_AFTER})["days"])
    return clock.at_local(rises_before(clock.local_date(now), days, settings.holidays()))


def turn_of(
    unit_id: InstrumentedAttribute[int] | ColumnElement[int],
    since: InstrumentedAttribute[datetime] | ColumnElement[datetime],
    roots: Collection[int],
    action: Action,
    now: datetime,
    concerned: ColumnElement[bool] | None = None,
    tables: Collection[Any] = (),
) -> ColumnElement[bool]:
    """It is the turn of somebody with these roots, of things that belong to `unit_id` and wait since `since`.

    Both are columns of one table, or of the `tables` that the enclosing statement reads. `concerned` says of a RoleGrant that its
    holder may not decide here.
    """
    today = clock.local_date(now)
    table = tables or (cast("InstrumentedAttribute[int]", unit_id).class_,)
    own, near = aliased(UnitAncestry), aliased(UnitAncestry)
    depth: Select[int] = select(func.min(own.depth)).where(own.unit_id == unit_id, own.ancestor_id.in_(roots), holds_on(own, today))
    mine = depth.correlate(*table).scalar_subquery()
    aside = false() if concerned is None else concerned
    nearer = (
        select(RoleGrant.id)
        .join(near, and_(near.ancestor_id == RoleGrant.unit_id, near.unit_id == unit_id))
        .where(_granted(action, today), holds_on(near, today), near.depth < mine, ~aside)
        .correlate(*table)
        .exists()
    )
    return and_(mine.is_not(None), or_(since < risen_before(now), ~nearer))


@dataclass(frozen=True)
class Risen:
    """One thing on a work list: where it belongs, since when, and who may not decide about it."""

    key: str
    unit_id: int
    since: datetime
    concerned: frozenset[int] = frozenset()


def risen(items: Collection[Risen], action: Action, roots: Collection[int], now: datetime) -> dict[str, str]:
    """Of those that came up from a unit below: key → 已等 7 天，原来该锦园第二党支部李柏豪处理. Two queries, none when nothing is old."""
    old = [item for item in items if item.since < risen_before(now)] if items else []
    if not old:
        return {}
    today, units = clock.local_date(now), {item.unit_id for item in old}
    mine = select(UnitAncestry.unit_id, func.min(UnitAncestry.depth)).where(
        UnitAncestry.unit_id.in_(units), UnitAncestry.ancestor_id.in_(roots), holds_on(UnitAncestry, today)
    )
    depths: dict[int, int] = dict(db.session.execute(mine.group_by(UnitAncestry.unit_id)).all())
    grants = select(UnitAncestry.unit_id, UnitAncestry.depth, Unit.name.label("unit"), Person.id, Person.name).join_from(
        UnitAncestry, RoleGrant, RoleGrant.unit_id == UnitAncestry.ancestor_id
    )
    rows = db.session.execute(
        grants.join(Unit, Unit.id == RoleGrant.unit_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(UnitAncestry.unit_id.in_(units), _granted(action, today), holds_on(UnitAncestry, today))
        .order_by(UnitAncestry.depth, _RANK, RoleGrant.id)
    ).all()
    return {item.key: words for item in old if (words := _words(item, rows, depths.get(item.unit_id, 0), today))}


def _words(item: Risen, rows: Collection[Any], depth: int, today: date) -> str:
    whose = [row for row in rows if row.unit_id == item.unit_id and row.depth < depth and row.id not in item.concerned]
    if not whose:
        return ""
    return f"已等 {(today - clock.local_date(item.since)).days} 天，原来该{whose[0].unit}{whose[0].name}处理"
