"""Building the first units of a new site."""

from collections.abc import Sequence
from datetime import date

from app.core.db import writing
from app.pages.setup_queries import children
from app.pages.setup_rules import Community
from app.people import service as people
from app.people.rules import UnitKind


def add_units(plan: Sequence[Community], root_id: int, day: date, actor_id: int) -> tuple[int, int]:
    """Communities under the subdistrict and branches under them; those that are there stay. Returns how many were new."""
    writing()
    known = {child.name: child.id for child in children([root_id], UnitKind.COMMUNITY, day)}
    under = {(child.parent_id, child.name) for child in children(list(known.values()), UnitKind.BRANCH, day)}
    communities = branches = 0
    for community in plan:
        community_id = known.get(community.name)
        if community_id is None:
            community_id = people.create_unit(UnitKind.COMMUNITY, community.name, root_id, day, actor_id)
            communities += 1
        for name in community.branches:
            if (community_id, name) not in under:
                people.create_unit(UnitKind.BRANCH, name, community_id, day, actor_id)
                branches += 1
    return communities, branches
