"""Rounds, and what they mean for a wish: whether it can be claimed today, and how many rounds it waited."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import db
from app.people.models import Unit, UnitAncestry
from app.people.queries import below, holds_on
from app.wishes.models import Wish, WishClaim, WishRound
from app.wishes.rules import FULL, PUBLIC, Held, Round, Step


@dataclass(frozen=True)
class RoundRow:
    id: int
    unit_id: int
    unit_name: str
    name: str
    opens_on: date
    closes_on: date

    def state(self, today: date) -> str:
        return "soon" if today < self.opens_on else "open" if today <= self.closes_on else "over"


def _rows(*where: ColumnElement[bool]) -> list[RoundRow]:
    query = select(WishRound.id, Unit.id, Unit.name, WishRound.name, WishRound.opens_on, WishRound.closes_on)
    rows = db.session.execute(
        query.join(Unit, Unit.id == WishRound.unit_id).where(*where).order_by(WishRound.opens_on.desc(), WishRound.id.desc())
    )
    return [RoundRow(*row) for row in rows]


def rounds(limit: int = 60) -> list[RoundRow]:
    """All, the latest first."""
    return _rows()[:limit]


def rounds_in(roots: Collection[int], day: date) -> list[RoundRow]:
    """Those of the units below, and of the units above them: what somebody with these roots sees."""
    above = select(UnitAncestry.ancestor_id).where(UnitAncestry.unit_id.in_(roots), holds_on(UnitAncestry, day))
    return _rows(or_(WishRound.unit_id.in_(below(roots, day)), WishRound.unit_id.in_(above)))


def round_row(round_id: int) -> RoundRow | None:
    return next(iter(_rows(WishRound.id == round_id)), None)


def rounds_of(unit_ids: Collection[int], day: date) -> dict[int, list[RoundRow]]:
    """community → the rounds that are held for it, by itself or by a unit above it, the earliest first; one query."""
    if not unit_ids:
        return {}
    rows = db.session.execute(
        select(UnitAncestry.unit_id, WishRound.id, Unit.id, Unit.name, WishRound.name, WishRound.opens_on, WishRound.closes_on)
        .join(WishRound, WishRound.unit_id == UnitAncestry.ancestor_id)
        .join(Unit, Unit.id == WishRound.unit_id)
        .where(UnitAncestry.unit_id.in_(unit_ids), holds_on(UnitAncestry, day))
        .order_by(WishRound.opens_on, WishRound.id)
    )
    found: dict[int, list[RoundRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(RoundRow(*row[1:]))
    return found


def days_of(found: Collection[RoundRow]) -> list[Round]:
    return [Round(one.opens_on, one.closes_on) for one in found]


def held_of(wish_ids: Collection[int]) -> dict[int, list[Held]]:
    """wish → its claims by their days; one query."""
    if not wish_ids:
        return {}
    rows = db.session.execute(
        select(WishClaim.wish_id, WishClaim.claimed_on, WishClaim.due_on, WishClaim.connected_on, WishClaim.ended_on).where(
            WishClaim.wish_id.in_(wish_ids)
        )
    )
    found: dict[int, list[Held]] = {}
    for wish_id, claimed_on, due_on, connected_on, ended_on in rows:
        found.setdefault(wish_id, []).append(Held(claimed_on, due_on, connected_on is not None, ended_on))
    return found


class Shown:
    """The wishes behind each figure of a round. A figure is the count of one of these, so that a list opened from it has as many lines."""

    CLAIMED, FULL, LEFT = "claimed", "full", "left"


def in_round(one: RoundRow, what: str, today: date) -> ColumnElement[bool]:
    """A wish of this round's units, that was published by its end: claimed in its days; come true so; or left over at its end.

    While the round runs, left over are those that are free today.
    """
    here = Wish.unit_id.in_(below([one.unit_id], min(today, one.closes_on)))
    claim = and_(WishClaim.wish_id == Wish.id, WishClaim.claimed_on.between(one.opens_on, one.closes_on))
    if what == Shown.CLAIMED:
        return and_(here, select(WishClaim.id).where(claim).correlate(Wish).exists())
    if what == Shown.FULL:
        standing = select(WishClaim.id).where(claim, WishClaim.ended_on.is_(None)).correlate(Wish).exists()
        return and_(here, Wish.state.in_(FULL), standing)
    last = min(one.closes_on, today)
    ended = or_(WishClaim.ended_on.is_(None), WishClaim.ended_on > last)
    kept = or_(WishClaim.connected_on.is_not(None), WishClaim.due_on >= last)
    held = select(WishClaim.id).where(WishClaim.wish_id == Wish.id, WishClaim.claimed_on <= last, ended, kept).correlate(Wish).exists()
    listed = or_(Wish.ended_on.is_(None), Wish.ended_on > last)
    return and_(here, Wish.published_on <= last, listed, ~held)


def came_true() -> ColumnElement[bool]:
    return Wish.state.in_(FULL)


def is_public() -> ColumnElement[bool]:
    return and_(Wish.state.in_(PUBLIC), Wish.published_on.is_not(None))


@dataclass(frozen=True)
class CommunityFigures:
    """One community: wishes that are or were public, by where they stand."""

    unit_id: int
    name: str
    free: int
    taken: int
    full: int

    @property
    def all(self) -> int:
        return self.free + self.taken + self.full


def free_on(today: date) -> ColumnElement[bool]:
    """On the list and nobody's, a claim that lapsed by its day included."""
    late = and_(WishClaim.wish_id == Wish.id, WishClaim.ended_on.is_(None), WishClaim.connected_on.is_(None), WishClaim.due_on < today)
    lapsed = and_(Wish.state == Step.CLAIMED, select(WishClaim.id).where(late).correlate(Wish).exists())
    return or_(Wish.state.in_((Step.PUBLISHED, Step.LAPSED, Step.RELEASED)), lapsed)


def taken_on(today: date) -> ColumnElement[bool]:
    return and_(Wish.state.in_((Step.CLAIMED, Step.CONNECTED)), ~free_on(today))


def community_figures(today: date) -> list[CommunityFigures]:
    """Communities with a public wish, the most first; one query."""

    def many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    rows = db.session.execute(
        select(Unit.id, Unit.name, many(free_on(today)), many(taken_on(today)), many(came_true()))
        .select_from(Wish)
        .join(Unit, Unit.id == Wish.unit_id)
        .where(is_public())
        .group_by(Unit.id, Unit.name)
        .order_by(func.count().desc(), Unit.id)
    )
    return [CommunityFigures(*row) for row in rows]


@dataclass(frozen=True)
class RoundFigures:
    round: RoundRow
    claimed: int
    full: int
    left: int


def round_figures(found: Collection[RoundRow], today: date) -> list[RoundFigures]:
    """One query for each round that is shown."""

    def many(one: RoundRow, what: str) -> ColumnElement[int]:
        return func.count().filter(in_round(one, what, today))

    made = []
    for one in found:
        row = db.session.execute(
            select(many(one, Shown.CLAIMED), many(one, Shown.FULL), many(one, Shown.LEFT)).select_from(Wish).where(is_public())
        ).one()
        made.append(RoundFigures(one, *row))
    return made
