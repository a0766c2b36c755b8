"""What shows that a wish came true: photos with the consent of who is on them. The files are the caller's, see activities.photo_files."""

from datetime import datetime

from sqlalchemy import select, update

from app.activities.photo_files import Picture
from app.audit import service as audit
from app.core.db import db, upsert
from app.core.errors import Conflict, NotFound
from app.wishes.models import WishPhoto
from app.wishes.rules import Step
from app.wishes.service.steps import locked

MOST = 3
WITH_PHOTOS = frozenset({Step.CONNECTED, Step.FULFILLED, Step.THANKED})


def add_photo(wish_id: int, name: str, picture: Picture, alt: str, *, agreed: bool, by_id: int, now: datetime) -> bool:
    """False when this very picture is there already. Raises Conflict before anybody was connected, and when three are there."""
    wish = locked(wish_id)
    if wish.state not in WITH_PHOTOS:
        raise Conflict("联系上以后，才放照片。")
    standing = select(WishPhoto.slot, WishPhoto.digest).where(WishPhoto.wish_id == wish_id, WishPhoto.removed_at.is_(None))
    rows = db.session.execute(standing).all()
    if any(digest == picture.digest for _, digest in rows):
        return False
    free = sorted(set(range(1, MOST + 1)) - {slot for slot, _ in rows})
    if not free:
        raise Conflict(f"最多放 {MOST} 张。要换，先撤下一张。")
    made = upsert(WishPhoto).values(  # the indexes decide, should two come at once
        wish_id=wish_id,
        slot=free[0],
        name=name,
        digest=picture.digest,
        alt=alt,
        width=picture.width,
        height=picture.height,
        agreed_at=now if agreed else None,
        added_at=now,
        added_by_id=by_id,
    )
    db.session.execute(made)
    audit.record(by_id, "wish.photo", "wish", wish_id)
    return True


def remove_photo(wish_id: int, photo_id: int, by_id: int, now: datetime) -> None:
    """From now on nobody sees it; twice is once. Raises NotFound for one of another wish."""
    locked(wish_id)
    here = (WishPhoto.id == photo_id, WishPhoto.wish_id == wish_id)
    removing = update(WishPhoto).where(*here, WishPhoto.removed_at.is_(None)).values(removed_at=now, removed_by_id=by_id)
    if db.session.execute(removing.returning(WishPhoto.id)).scalar_one_or_none() is not None:
        audit.record(by_id, "wish.photo_removal", "wish", wish_id)
    elif db.session.scalar(select(WishPhoto.id).where(*here)) is None:
        raise NotFound
