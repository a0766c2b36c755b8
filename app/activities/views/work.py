"""等您发布 in the work list: what the 街道 organises for everyone waits for a second person."""

from app.activities.queries.second import asked_for, asked_for_count
from app.core.actor import Actor
from app.worklist.service import Source, WorkItem, register

GROUP = "等您发布"


def _items(actor: Actor) -> list[WorkItem]:
    return [WorkItem(f"publication-{one.row.id}", GROUP, one.since, "activities/_work.html", one) for one in asked_for(actor)]


register(Source(GROUP, asked_for_count, _items, stated=True))
