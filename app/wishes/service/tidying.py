"""What is private is erased some days after the end (本地规定). It is not shown from that day on, whether or not this has run."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.wishes.models import Wish, WishClaim, WishPhoto, WishPrivate
from app.wishes.queries.facts import rule
from app.wishes.queries.tidying import not_shown, to_erase
from app.wishes.rules import ClaimKind


def erase(now: datetime) -> int:
    """How many wishes lost what was private: the words as told, names, phones, addresses, photos not shown. Idempotent."""
    writing()
    found = to_erase(clock.local_date(now) - timedelta(days=rule().erase_after))
    for wish_id in found:
        empty = update(WishPrivate).where(WishPrivate.wish_id == wish_id, WishPrivate.erased_at.is_(None))
        db.session.execute(empty.values(words="", name="", phone="", place="", erased_at=now))
        left = (WishClaim.wish_id == wish_id, WishClaim.kind == ClaimKind.DONOR, WishClaim.erased_at.is_(None))
        db.session.execute(update(WishClaim).where(*left).values(name="", phone="", erased_at=now))
        inside = select(WishPhoto.id).join(Wish, Wish.id == WishPhoto.wish_id).where(Wish.id == wish_id, not_shown())
        gone = {"removed_at": now, "removed_by_id": WishPhoto.added_by_id}
        db.session.execute(update(WishPhoto).where(WishPhoto.id.in_(inside.scalar_subquery())).values(**gone))
        audit.record(None, "wish.erasure", "wish", wish_id)
    return len(found)
