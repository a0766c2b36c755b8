"""What waits for somebody who handles wishes, as one condition: the work list counts it and shows it."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.accounts.deciders import Risen, risen, turn_of
from app.accounts.models import RoleGrant
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.queries import being, records_of
from app.wishes.models import Wish, WishClaim
from app.wishes.queries.desk import DeskRow, lines
from app.wishes.rules import Step

SHOWN = 50
ANOTHERS = (Step.TOLD, Step.VERIFIED, Step.FULFILLED)  # who took the last step does not take the next


def _waiting(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """To verify, to publish, to complete, to connect (or to note that it lapsed), to thank: not one's own, and one's turn."""
    me, today = records_of(actor.person_id), clock.local_date(now)
    claimed_by_me = select(WishClaim.id).where(WishClaim.wish_id == Wish.id, WishClaim.ended_on.is_(None), WishClaim.by_id.in_(me))
    late = select(WishClaim.id).where(WishClaim.wish_id == Wish.id, WishClaim.ended_on.is_(None), WishClaim.due_on < today)
    mine = claimed_by_me.correlate(Wish).exists()
    steps = or_(
        and_(Wish.state.in_(ANOTHERS), or_(Wish.last_by_id.is_(None), Wish.last_by_id.not_in(me)), ~mine),
        Wish.state == Step.RETURNED,
        and_(Wish.state == Step.CLAIMED, or_(~mine, late.correlate(Wish).exists())),
    )
    aside = or_(RoleGrant.person_id == being(Wish.own_id), and_(RoleGrant.person_id == being(Wish.last_by_id), Wish.state.in_(ANOTHERS)))
    since = func.coalesce(Wish.state_at, Wish.told_at)
    turn = turn_of(Wish.unit_id, since, actor.roots(Action.WISH_MANAGE), Action.WISH_MANAGE, now, aside)
    return and_(steps, or_(Wish.own_id.is_(None), Wish.own_id.not_in(me)), turn)


def count(actor: Actor, now: datetime) -> int:
    if not actor.may(Action.WISH_MANAGE):
        return 0
    return int(db.session.scalar(select(func.count()).select_from(Wish).where(_waiting(actor, now))) or 0)


def waiting(actor: Actor, now: datetime) -> list[tuple[DeskRow, str]]:
    """The oldest first, each with whose turn it was where it came up from a unit below."""
    if not actor.may(Action.WISH_MANAGE):
        return []
    rows = lines(_waiting(actor, now), clock.local_date(now), limit=SHOWN)
    old = risen([Risen(str(row.id), row.unit_id, row.state_at) for row in rows], Action.WISH_MANAGE, actor.roots(Action.WISH_MANAGE), now)
    return [(row, old.get(str(row.id), "")) for row in rows]
