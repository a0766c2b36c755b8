"""待核实 in the work list: what the door left to be looked at."""

from app.accounts.deciders import Risen, risen
from app.checkin.queries.waiting import waiting_doors, waiting_doors_count
from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.worklist.service import Source, WorkItem, register

GROUP = "现场待核实"


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    doors = waiting_doors(actor, now)
    old = [Risen(f"door-{one.activity_id}", one.unit_id, one.since, one.aside) for one in doors]
    words = risen(old, Action.ACTIVITY_MANAGE, actor.roots(Action.ACTIVITY_MANAGE), now)
    template = "checkin/_work.html"
    return [WorkItem(key := f"door-{one.activity_id}", GROUP, min(one.since, now), template, one, words.get(key, "")) for one in doors]


register(Source(GROUP, lambda actor: waiting_doors_count(actor, clock.now()), _items, stated=True))
