"""What is private is erased some days after the end (本地规定). It is not shown from that day on, whether or not this has run."""

from datetime import datetime, timedelta

from sqlalchemy import update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.wishes.models import WishClaim, WishPhoto, WishPrivate
from app.wishes.queries.desk import to_erase
from app.wishes.queries.facts import rule
from app.wishes.rules import ClaimKind


def erase(now: datetime) -> int:
    """How many wishes lost what was private: the words as told, names, phones, addresses, photos not agreed to. Idempotent."""
    writing()
    found = to_erase(clock.local_date(now) - timedelta(days=rule().erase_after))
    for wish_id in found:
        empty = update(WishPrivate).where(WishPrivate.wish_id == wish_id, WishPrivate.erased_at.is_(None))
        db.session.execute(empty.values(words="", name="", phone="", place="", erased_at=now))
        left = (WishClaim.wish_id == wish_id, WishClaim.kind == ClaimKind.DONOR, WishClaim.erased_at.is_(None))
        db.session.execute(update(WishClaim).where(*left).values(name="", phone="", erased_at=now))
        inside = (WishPhoto.wish_id == wish_id, WishPhoto.agreed_at.is_(None), WishPhoto.removed_at.is_(None))
        db.session.execute(update(WishPhoto).where(*inside).values(removed_at=now, removed_by_id=WishPhoto.added_by_id))
        audit.record(None, "wish.erasure", "wish", wish_id)
    return len(found)
