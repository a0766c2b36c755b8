"""What somebody finds under 我的: what they claimed, and what they wished for themselves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.people.models import Unit
from app.people.queries import records_of
from app.wishes.models import Wish, WishClaim
from app.wishes.queries.showing import agreed_to
from app.wishes.rules import PUBLIC, STATE_NAMES, ClaimKind, Step
from app.wishes.step_rules import Standing


@dataclass(frozen=True)
class OwnClaim:
    """`state` is where the wish stands for this claim today: claimed, connected, fulfilled, thanked, or how the claim ended."""

    wish_id: int
    number: str
    title: str
    veiled: bool
    unit_name: str
    for_unit: str | None
    kind: ClaimKind
    claimed_on: date
    due_on: date
    state: Step

    @property
    def waits(self) -> bool:
        return self.state in (Step.CLAIMED, Step.CONNECTED)


FOR = Unit.__table__.alias("for_unit")


def my_claims(person_id: int, today: date) -> list[OwnClaim]:
    """What they took on, for themselves or for a unit, the latest first; a claim that lapsed by its day says so. One query."""
    rows: Any = db.session.execute(
        select(
            Wish.id,
            Wish.number,
            Wish.title,
            Wish.veiled_at,
            Unit.name,
            FOR.c.name,
            WishClaim.kind,
            WishClaim.claimed_on,
            WishClaim.due_on,
            Wish.state,
            WishClaim.connected_on,
            WishClaim.ended_on,
        )
        .join(WishClaim, WishClaim.wish_id == Wish.id)
        .join(Unit, Unit.id == Wish.unit_id)
        .outerjoin(FOR, FOR.c.id == WishClaim.unit_id)
        .where(WishClaim.by_id.in_(records_of(person_id)))
        .order_by(WishClaim.id.desc())
        .limit(100)
    )
    made = []
    for *first, state, connected_on, ended_on in rows:
        due_on = first[8]
        if ended_on is not None:
            state = Step.LAPSED if connected_on is None and ended_on > due_on else Step.RELEASED
        else:
            state = Standing(state, due_on=None if connected_on else due_on).on(today).state
        first[3] = first[3] is not None
        values: Any = (*first, state)
        made.append(OwnClaim(*values))
    return made


@dataclass(frozen=True)
class OwnWish:
    id: int
    number: str
    title: str
    unit_name: str
    told_on: date
    state: Step
    public: bool
    shown: bool

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.state]


def my_wishes(person_id: int, today: date) -> list[OwnWish]:
    rows: Any = db.session.execute(
        select(
            Wish.id,
            Wish.number,
            Wish.title,
            Unit.name,
            Wish.told_on,
            Wish.state,
            Wish.published_on,
            WishClaim.due_on,
            WishClaim.connected_on,
            agreed_to(),
        )
        .join(Unit, Unit.id == Wish.unit_id)
        .outerjoin(WishClaim, (WishClaim.wish_id == Wish.id) & WishClaim.ended_on.is_(None))
        .where(Wish.own_id.in_(records_of(person_id)))
        .order_by(Wish.id.desc())
        .limit(50)
    )
    made = []
    for *first, state, published_on, due_on, connected_on, shown in rows:
        now = Standing(state, due_on=None if connected_on else due_on).on(today).state
        values: Any = (*first, now, published_on is not None and now in PUBLIC, bool(shown))
        made.append(OwnWish(*values))
    return made


def units_to_claim_for(unit_ids: Collection[int]) -> list[tuple[int, str]]:
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids), Unit.closed_on.is_(None)).order_by(Unit.id))
    return [(row[0], row[1]) for row in rows]
