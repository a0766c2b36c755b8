"""Who else may confirm a merge: somebody who sees both records wholly and is neither of the two nor who proposes."""

from app.accounts.deciders import deciders
from app.core.permissions import Action
from app.merges.own_rules import Pair
from app.people import queries as people


def confirmers(pair: Pair, maker_id: int) -> list[str]:
    """Names, the nearest first; empty where nobody could. A record of no branch is the subdistrict's."""
    root, but = people.root_unit(), {maker_id, pair.stays_id, pair.goes_id}
    homes = people.home_units_on([pair.stays_id, pair.goes_id], pair.today)
    units = {homes.get(one) or (root.id if root else None) for one in (pair.stays_id, pair.goes_id)}
    found = [deciders(unit, Action.PERSON_MERGE, pair.today, but) for unit in units if unit is not None]
    both = set.intersection(*({one.person_id for one in each} for each in found)) if found else set()
    return [one.name for each in found[:1] for one in each if one.person_id in both]
