"""What the clock has decided and somebody has yet to write down: claims that lapsed, private things that are due to go."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select

from app.core.db import db
from app.wishes.models import Wish, WishClaim, WishPhoto, WishPrivate
from app.wishes.queries.showing import agreed_to
from app.wishes.rules import OVER, ClaimKind, Step


def to_settle(now_day: date) -> list[int]:
    """Wishes whose claim lapsed by its day and on which nothing was recorded since."""
    return list(
        db.session.scalars(
            select(Wish.id)
            .join(WishClaim, WishClaim.wish_id == Wish.id)
            .where(Wish.state == Step.CLAIMED, WishClaim.ended_on.is_(None), WishClaim.connected_on.is_(None), WishClaim.due_on < now_day)
            .order_by(Wish.id)
        )
    )


def removed_photos(before: datetime) -> list[str]:
    """The files of photos that were taken down before a moment."""
    return list(db.session.scalars(select(WishPhoto.name).where(WishPhoto.removed_at < before).order_by(WishPhoto.id)))


def not_shown() -> ColumnElement[bool]:
    """A photo of the wish that stands and is not public: not agreed to by who is on it, or not by whose wish it was."""
    return and_(WishPhoto.wish_id == Wish.id, WishPhoto.removed_at.is_(None), or_(WishPhoto.agreed_at.is_(None), ~agreed_to()))


def to_erase(day: date) -> list[int]:
    """Wishes that were over before `day` and still have something private. What a donor left goes as the claim ends (trigger)."""
    kept = WishPrivate.erased_at.is_(None)
    donor = and_(WishClaim.kind == ClaimKind.DONOR, WishClaim.erased_at.is_(None), WishClaim.wish_id == Wish.id)
    return list(
        db.session.scalars(
            select(Wish.id)
            .join(WishPrivate, WishPrivate.wish_id == Wish.id)
            .where(Wish.state.in_(OVER), Wish.ended_on < day)
            .where(or_(kept, select(WishClaim.id).where(donor).exists(), select(WishPhoto.id).where(not_shown()).exists()))
            .order_by(Wish.id)
        )
    )
