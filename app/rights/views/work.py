"""待办: requests about one's own data, with the day by which they are answered."""

from sqlalchemy import Select

from app.core import clock
from app.core.actor import Actor
from app.rights.queries import requests
from app.worklist.service import Source, WorkItem, register

GROUP = "更正与注销"


def _count(actor: Actor) -> Select[int] | None:
    return requests.count_for(actor, clock.now())


def _items(actor: Actor) -> list[WorkItem]:
    return [WorkItem(f"rights-{row.id}", GROUP, row.asked_at, "rights/_work.html", row) for row in requests.items_for(actor, clock.now())]


register(Source(GROUP, _count, _items, stated=True))
