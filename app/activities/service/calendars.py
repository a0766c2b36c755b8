"""Opening and revoking the secret address of somebody's calendar. Called inside a write transaction."""

from datetime import datetime

from sqlalchemy import update

from app.activities.models import CalendarFeed
from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.people.queries import records_of


def open_feed(person_id: int, now: datetime) -> None:
    """Asking again changes nothing."""
    writing()
    made = db.session.execute(
        upsert(CalendarFeed)
        .values(person_id=person_id, made_at=now)
        .on_conflict_do_nothing(index_elements=["person_id"], index_where=CalendarFeed.revoked_at.is_(None))
        .returning(CalendarFeed.id)
    ).scalar_one_or_none()
    if made is not None:
        audit.record(person_id, "calendar_feed", "calendar_feed", made)


def revoke_feed(person_id: int, feed_id: int, now: datetime) -> bool:
    """From now on the address finds nothing, nor one of a record that was merged into theirs. False where this one was revoked before."""
    writing()
    theirs = CalendarFeed.person_id.in_(records_of(person_id)), CalendarFeed.revoked_at.is_(None)
    revoking = update(CalendarFeed).where(*theirs).values(revoked_at=now).returning(CalendarFeed.id)
    first = db.session.scalars(revoking.where(CalendarFeed.id == feed_id)).all()
    if not first:
        return False
    for gone in (*first, *db.session.scalars(revoking.where(CalendarFeed.id != feed_id)).all()):
        audit.record(person_id, "calendar_feed.revocation", "calendar_feed", gone)
    return True


def renew_feed(person_id: int, feed_id: int, now: datetime) -> None:
    """Another address in place of this one; where this one is revoked already, nothing more is changed."""
    if revoke_feed(person_id, feed_id, now):
        open_feed(person_id, now)
