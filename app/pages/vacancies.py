"""Units that are left without a secretary: on the list of those above who give roles, until one is given or is to come."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import RoleGrant
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action, Role
from app.people.models import Unit
from app.people.queries import below
from app.worklist.service import Source, WorkItem, register


@dataclass(frozen=True)
class Vacant:
    """A unit whose last secretary went on `since`. `may_give`: the reader may give it another one."""

    unit_id: int
    unit_name: str
    since: date
    may_give: bool


def _vacant(actor: Actor, today: date, *columns: Any) -> Select[Any]:
    """One row a unit: somebody was its secretary, and nobody is or will be."""
    now, secretary = aliased(RoleGrant), RoleGrant.role == Role.SECRETARY
    stands = select(now.id).where(
        now.unit_id == RoleGrant.unit_id,
        now.role == Role.SECRETARY,
        or_(now.valid_to.is_(None), now.valid_to > today),
    )
    return (
        select(RoleGrant.unit_id, *columns)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(secretary, RoleGrant.valid_to <= today, RoleGrant.valid_to > RoleGrant.valid_from, Unit.closed_on.is_(None))
        .where(~stands.correlate(RoleGrant).exists(), RoleGrant.unit_id.in_(below(actor.roots(Action.ROLE_GRANT), today)))
        .group_by(RoleGrant.unit_id)
    )


def count(actor: Actor) -> Select[int] | None:
    if not actor.may(Action.ROLE_GRANT):
        return None
    return select(func.count()).select_from(_vacant(actor, clock.today()).subquery())


def items(actor: Actor) -> list[WorkItem]:
    if not actor.may(Action.ROLE_GRANT):
        return []
    may_give = bool(actor.giving(Role.SECRETARY)[0])
    rows = db.session.execute(_vacant(actor, clock.today(), func.max(Unit.name), func.max(RoleGrant.valid_to)))
    found = [Vacant(row[0], row[1], row[2], may_give) for row in rows]
    return [WorkItem(f"vacant-{one.unit_id}", "缺书记", _moment(one.since), "pages/_vacant.html", one) for one in found]


def _moment(day: date) -> datetime:
    return clock.at_local(day)


register(Source("缺书记", count, items, stated=True))
