"""What helps to say who somebody is that has come for the first time."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.people.models import Person, Phone
from app.people.queries import holds_on


def known_numbers(numbers: Collection[str], day: date) -> dict[str, set[str]]:
    """number → the names of confirmed people who have it on that day; one query. For comparing, never for showing."""
    found: dict[str, set[str]] = {}
    query = select(Phone.number, Person.name).join(Person, Person.id == Phone.person_id)
    held = query.where(Phone.number.in_(numbers), holds_on(Phone, day), Person.confirmed_at.is_not(None), Person.became_id.is_(None))
    for number, name in db.session.execute(held):
        found.setdefault(number, set()).add(name)
    return found
