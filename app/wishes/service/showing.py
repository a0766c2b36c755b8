"""回访, and the wisher's consent to show how it came true: asked by somebody who looked at photos and words that others put there."""

from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.errors import Conflict, Refused
from app.wishes.models import WishConsent
from app.wishes.queries import showing as read
from app.wishes.queries.facts import Facts
from app.wishes.rules import Step
from app.wishes.service.steps import locked, take
from app.wishes.step_rules import consent_fault

MOVED = "照片或怎么圆的话刚刚改过，请再看一遍。"


def thank(wish_id: int, by_id: int, handles: bool, now: datetime, *, note: str, agreed: bool, seen: str) -> None:
    """回访: `agreed` when the wisher said that it may be shown; `seen` marks what the caller had before their eyes.

    Raises Conflict when that is not what stands now, Refused when the caller put some of it there.
    """
    wish = locked(wish_id)
    if agreed and wish.state is Step.FULFILLED:
        _looked(wish_id, seen)
    take(wish_id, Step.THANKED, by_id, handles, now, note=note)
    if agreed:
        _agree(locked(wish_id), by_id, handles, now)


def agree(wish_id: int, by_id: int, handles: bool, now: datetime, *, seen: str) -> None:
    """The wisher agreed later than the call back, or again. Twice is once."""
    wish = locked(wish_id)
    _looked(wish_id, seen)
    _agree(wish, by_id, handles, now)


def _looked(wish_id: int, seen: str) -> None:
    if seen != read.seen(wish_id):
        raise Conflict(MOVED)


def _agree(wish: Facts, by_id: int, handles: bool, now: datetime) -> None:
    if fault := consent_fault(wish.standing, read.came(wish.id), by_id, handles):
        raise Refused(fault)
    if read.consent(wish.id) is not None:
        return
    db.session.execute(insert(WishConsent).values(wish_id=wish.id, agreed_at=now, asked_by_id=by_id))
    audit.record(by_id, "wish.consent", "wish", wish.id)


def withdraw_consent(wish_id: int, by_id: int, now: datetime) -> None:
    """Photos and words are hidden at once, for the wisher says so. Twice is once."""
    locked(wish_id)
    standing = select(WishConsent.id).where(WishConsent.wish_id == wish_id, WishConsent.withdrawn_at.is_(None))
    found = db.session.scalar(standing)
    if found is not None:
        db.session.execute(update(WishConsent).where(WishConsent.id == found).values(withdrawn_at=now, withdrawn_by_id=by_id))
        audit.record(by_id, "wish.consent_withdrawal", "wish", wish_id)
