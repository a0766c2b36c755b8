"""Photos of an activity: added and removed by those who manage it. The files are the caller's, see photo_files. Inside a transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.activities import queries
from app.activities.models import Activity, ActivityPhoto
from app.activities.outcomes import MOST_PHOTOS
from app.activities.photo_files import Picture
from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound


@dataclass(frozen=True)
class Added:
    """`fresh` is False when this very picture is there already: nothing was added, and its files are not needed."""

    photo_id: int
    fresh: bool


def add_photo(activity_id: int, name: str, picture: Picture, alt: str, *, agreed: bool, by_id: int, now: datetime) -> Added:
    """Raises Conflict when nine are there, and for what was never held."""
    writing()
    db.session.execute(select(Activity.id).where(Activity.id == activity_id).with_for_update())
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    if row.cancelled_at or not row.published_at or row.starts_at is None or row.starts_at > now:
        raise Conflict("活动开始以后再放照片。")
    standing = select(ActivityPhoto.slot, ActivityPhoto.digest, ActivityPhoto.id)
    rows = db.session.execute(standing.where(ActivityPhoto.activity_id == activity_id, ActivityPhoto.removed_at.is_(None))).all()
    for _, digest, photo_id in rows:
        if digest == picture.digest:
            return Added(photo_id, fresh=False)
    free = sorted(set(range(1, MOST_PHOTOS + 1)) - {slot for slot, _, _ in rows})
    if not free:
        raise Conflict(f"最多放 {MOST_PHOTOS} 张。要换，先撤下一张。")
    made = upsert(ActivityPhoto).values(  # the indexes decide, should two come at once
        activity_id=activity_id,
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
    photo_id = int(db.session.execute(made.returning(ActivityPhoto.id)).scalar_one())
    audit.record(by_id, "activity.photo", "activity", activity_id)
    return Added(photo_id, fresh=True)


def remove_photo(activity_id: int, photo_id: int, by_id: int, now: datetime) -> None:
    """From now on nobody sees it; twice is once. Raises NotFound for one of another activity."""
    writing()
    here = (ActivityPhoto.id == photo_id, ActivityPhoto.activity_id == activity_id)
    removing = update(ActivityPhoto).where(*here, ActivityPhoto.removed_at.is_(None))
    done = db.session.execute(removing.values(removed_at=now, removed_by_id=by_id).returning(ActivityPhoto.id)).scalar_one_or_none()
    if done is not None:
        audit.record(by_id, "activity.photo_removal", "activity", activity_id)
    elif db.session.scalar(select(ActivityPhoto.id).where(*here)) is None:
        raise NotFound
