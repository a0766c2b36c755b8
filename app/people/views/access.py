"""Loading a person through what the actor may do with them; who looked is logged."""

from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people import queries
from app.people.queries import PersonRow, Sight
from app.webkit.guards import current_actor


def editable(person_id: int) -> PersonRow:
    """A home member below the actor's units (or, for who holds the whole subdistrict, somebody of no unit); else a 404."""
    roots, today = current_actor().roots(Action.PERSON_EDIT), clock.today()
    if queries.sight(person_id, roots, today) is not Sight.HOME:
        raise NotFound
    found = queries.person(person_id, today)
    if found is None:
        raise NotFound
    return found


def opened(person_id: int) -> PersonRow:
    """`editable`, and the look is logged: for pages that show particulars."""
    found, actor = editable(person_id), current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))
    return found
