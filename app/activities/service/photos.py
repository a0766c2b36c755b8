"""Photos of an activity: added and removed by those who manage it. The files are the caller's, see photo_files. Inside a transaction."""

from datetime import datetime

from sqlalchemy import select

from app.activities import queries
from app.activities.models import Activity, ActivityPhoto
from app.activities.outcomes import MOST_PHOTOS
from app.activities.photo_files import Picture
from app.activities.service import places
from app.activities.service.places import Added
from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound


def add_photo(activity_id: int, name: str, picture: Picture, alt: str, *, agreed: bool, by_id: int, now: datetime) -> Added:
    """Raises Conflict when nine are there, and for what was never held."""
    writing()
    db.session.execute(select(Activity.id).where(Activity.id == activity_id).with_for_update())
    row = queries.activity(activity_id)
    if row is None:
        raise NotFound
    if row.cancelled_at or not row.published_at or row.starts_at is None or row.starts_at > now:
        raise Conflict("活动开始以后再放照片。")
    added = places.put(ActivityPhoto, MOST_PHOTOS, name, picture, alt, agreed=agreed, by_id=by_id, now=now, activity_id=activity_id)
    if added.fresh:
        audit.record(by_id, "activity.photo", "activity", activity_id)
    return added


def remove_photo(activity_id: int, photo_id: int, by_id: int, now: datetime) -> None:
    """From now on nobody sees it; twice is once. Raises NotFound for one of another activity."""
    writing()
    if places.take_down(ActivityPhoto, photo_id, by_id, now, activity_id=activity_id):
        audit.record(by_id, "activity.photo_removal", "activity", activity_id)
