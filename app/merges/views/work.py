"""待办: merges that wait for another's decision."""

from sqlalchemy import Select

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.merges.queries import listing
from app.worklist.service import Source, WorkItem, register

GROUP = "重复档案"


def _count(actor: Actor) -> Select[int] | None:
    return listing.for_actor(actor, clock.today()) if actor.may(Action.PERSON_MERGE) else None


def _items(actor: Actor) -> list[WorkItem]:
    rows = listing.items_for(actor, clock.today()) if actor.may(Action.PERSON_MERGE) else []
    return [WorkItem(f"merge-{one.id}", GROUP, one.made_at, "merges/_work.html", one) for one in rows]


register(Source(GROUP, _count, _items, stated=True))
