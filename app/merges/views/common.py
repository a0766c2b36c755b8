"""Loading two records through what the actor may do with them, and carrying a merge out step by step."""

from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.merges import service
from app.merges.own_rules import Pair
from app.merges.queries import listing
from app.merges.queries.listing import MergeRow
from app.people import queries as people
from app.people.queries import Sight
from app.webkit.guards import current_actor


def at_home(person_id: int, action: Action = Action.PERSON_MERGE) -> None:
    """Raises NotFound for who is not wholly the actor's to see."""
    if people.sight(person_id, current_actor().roots(action), clock.today()) is not Sight.HOME:
        raise NotFound


def both(stays_id: int, goes_id: int, action: Action = Action.PERSON_MERGE) -> Pair:
    """Raises NotFound as `at_home`, and for one record twice."""
    if stays_id == goes_id:
        raise NotFound
    at_home(stays_id, action)
    at_home(goes_id, action)
    now = clock.now()
    return Pair(stays_id, goes_id, current_actor().person_id, now, clock.local_date(now))


def looked(*person_ids: int) -> None:
    """Who looked at a record is logged."""
    actor = current_actor()
    others = [one for one in person_ids if one != actor.person_id]
    in_transaction(lambda: audit.record_all(actor.person_id, [("person.view", "person", one, {}) for one in others]))


def readable(merge_id: int, action: Action = Action.PERSON_MERGE) -> MergeRow:
    """A merge of which the actor sees both records wholly, once it was carried out the one that they became; else a 404."""
    row = listing.merge(merge_id)
    if row is None:
        raise NotFound
    for one in {people.who_now(row.stays_id), people.who_now(row.goes_id)}:
        at_home(one, action)
    return row


def carry_on(merge_id: int) -> None:
    """In short transactions, so that nobody at a gate waits for a long one. `flask merges finish` goes on where it stopped."""
    while in_transaction(lambda: service.advance(merge_id, clock.now())):
        pass
    while in_transaction(lambda: service.go_back(merge_id, clock.now())):
        pass
