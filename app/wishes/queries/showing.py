"""Whether it may be shown how a wish came true, and what somebody looked at who says so."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.core.db import db
from app.people.models import Person
from app.people.queries import being
from app.wishes.models import Wish, WishConsent, WishPhoto, WishStepEntry
from app.wishes.rules import Step
from app.wishes.step_rules import Came


def agreed_to() -> ColumnElement[bool]:
    """A wish whose photos and words may be public: called back, the wisher agreed, and it is not veiled."""
    stands = select(WishConsent.id).where(WishConsent.wish_id == Wish.id, WishConsent.withdrawn_at.is_(None)).correlate(Wish).exists()
    return (Wish.state == Step.THANKED) & Wish.veiled_at.is_(None) & stands


def may_show(wish_id: int) -> bool:
    return db.session.scalar(select(Wish.id).where(Wish.id == wish_id, agreed_to())) is not None


@dataclass(frozen=True)
class ConsentRow:
    """`name` of who asked; on the staff's page only."""

    agreed_at: datetime
    name: str


def consent(wish_id: int) -> ConsentRow | None:
    row = db.session.execute(
        select(WishConsent.agreed_at, Person.name)
        .join(Person, Person.id == WishConsent.asked_by_id)
        .where(WishConsent.wish_id == wish_id, WishConsent.withdrawn_at.is_(None))
    ).one_or_none()
    return ConsentRow(*row) if row else None


def came(wish_id: int) -> Came:
    """Two queries."""
    last = select(being(WishStepEntry.by_id)).where(WishStepEntry.wish_id == wish_id, WishStepEntry.step == Step.FULFILLED)
    said_by = db.session.execute(last.order_by(WishStepEntry.seq.desc()).limit(1)).scalar_one_or_none()
    standing = (WishPhoto.wish_id == wish_id, WishPhoto.removed_at.is_(None), WishPhoto.agreed_at.is_not(None))
    return Came(said_by, frozenset(db.session.scalars(select(being(WishPhoto.added_by_id)).where(*standing))))


def seen(wish_id: int) -> str:
    """A mark of the words and photos that would be shown: other words or another photo, another mark."""
    said = select(WishStepEntry.seq).where(WishStepEntry.wish_id == wish_id, WishStepEntry.step == Step.FULFILLED)
    last = db.session.execute(said.order_by(WishStepEntry.seq.desc()).limit(1)).scalar_one_or_none()
    standing = (WishPhoto.wish_id == wish_id, WishPhoto.removed_at.is_(None), WishPhoto.agreed_at.is_not(None))
    photos = db.session.scalars(select(WishPhoto.id).where(*standing).order_by(WishPhoto.id))
    return "-".join(str(one) for one in (last or 0, *photos))
