"""户联系: begun and ended, by the member or by the secretary for them. Called inside a write transaction."""

from datetime import datetime

from sqlalchemy import update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import NotFound
from app.duties.models import HouseholdContact


def keep_in_touch(person_id: int, place_id: int, household: str, by_id: int, now: datetime) -> bool:
    """False when it stands already. The household is words of an address, never a resident's record."""
    writing()
    adding = upsert(HouseholdContact.__table__).values(
        person_id=person_id,
        place_id=place_id,
        household=household,
        valid_from=local_date(now),
        made_by_id=by_id,
        made_at=now,
    )
    made = db.session.execute(adding.on_conflict_do_nothing().returning(HouseholdContact.id)).scalar_one_or_none()
    if made is not None:
        audit.record(by_id, "household_contact", "person", person_id, contact=made, place=place_id)
    return made is not None


def close_contact(contact_id: int, by_id: int, now: datetime) -> None:
    """Raises NotFound when it does not stand."""
    writing()
    closing = (
        update(HouseholdContact)
        .where(HouseholdContact.id == contact_id, HouseholdContact.valid_to.is_(None))
        .values(valid_to=local_date(now))
    )
    person_id = db.session.execute(closing.returning(HouseholdContact.person_id)).scalar_one_or_none()
    if person_id is None:
        raise NotFound
    audit.record(by_id, "household_contact.end", "person", person_id, contact=contact_id)
