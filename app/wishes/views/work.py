"""What waits in 待我处理: to verify, to publish, to complete, to connect, to thank."""

from app.core import clock
from app.core.actor import Actor
from app.wishes.queries import work
from app.worklist.service import Source, WorkItem, register

GROUP = "微心愿"


def count(actor: Actor) -> int:
    return work.count(actor, clock.now())


def items(actor: Actor) -> list[WorkItem]:
    found = work.waiting(actor, clock.now())
    return [WorkItem(f"wish-{row.id}", GROUP, row.state_at, "wishes/_work.html", row, risen) for row, risen in found]


register(Source(GROUP, count, items))
