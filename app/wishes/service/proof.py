"""What shows that a wish came true: photos with the consent of who is on them. The files are the caller's, see activities.photo_files."""

from datetime import datetime

from app.activities.photo_files import Picture
from app.activities.service import places
from app.audit import service as audit
from app.core.errors import Conflict
from app.wishes.models import WishPhoto
from app.wishes.rules import Step
from app.wishes.service.steps import locked

MOST = 3
WITH_PHOTOS = frozenset({Step.CONNECTED, Step.FULFILLED})  # afterwards nobody would look at them before they are public


def add_photo(wish_id: int, name: str, picture: Picture, alt: str, *, agreed: bool, by_id: int, now: datetime) -> bool:
    """False when this very picture is there already.

    Raises Conflict before anybody was connected, after the call back, and when three are there.
    """
    wish = locked(wish_id)
    if wish.state not in WITH_PHOTOS:
        raise Conflict("回访过了，照片不再放。" if wish.state is Step.THANKED else "联系上以后，才放照片。")
    added = places.put(WishPhoto, MOST, name, picture, alt, agreed=agreed, by_id=by_id, now=now, wish_id=wish_id)
    if added.fresh:
        audit.record(by_id, "wish.photo", "wish", wish_id)
    return added.fresh


def remove_photo(wish_id: int, photo_id: int, by_id: int, now: datetime) -> None:
    """From now on nobody sees it; twice is once. Raises NotFound for one of another wish."""
    locked(wish_id)
    if places.take_down(WishPhoto, photo_id, by_id, now, wish_id=wish_id):
        audit.record(by_id, "wish.photo_removal", "wish", wish_id)
