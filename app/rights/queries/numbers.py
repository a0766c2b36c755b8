"""The numbers that stand on somebody's record, as they may ask to have one of them changed."""

from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.people.models import Phone
from app.people.queries import holds_on


def numbers(person_id: int, day: date) -> dict[int, str]:
    """By the id of each, the oldest first; one query."""
    found = select(Phone.id, Phone.number).where(Phone.person_id == person_id, holds_on(Phone, day)).order_by(Phone.id)
    return dict(db.session.execute(found).all())
