"""名册停下了 in the work list: whoever may import there goes on with it or takes it back."""

from sqlalchemy import Select

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.imports import status
from app.worklist.service import Source, WorkItem, register

GROUP = "名册"


def _count(actor: Actor) -> Select[int] | None:
    roots = actor.roots(Action.ROSTER_IMPORT)
    return status.stopped_count(roots, clock.today()) if roots else None


def _items(actor: Actor) -> list[WorkItem]:
    found = status.stopped(actor.roots(Action.ROSTER_IMPORT), clock.today())
    return [WorkItem(f"import-{one.id}", GROUP, one.beat_at or one.made_at, "imports/_work.html", one) for one in found]


register(Source(GROUP, _count, _items))  # not stated: who was heard of last is told by the second, not by the minute
