"""What waits in 待我处理: lines that somebody wants to set aside."""

from sqlalchemy import func, select

from app.bank.models import BankAside
from app.bank.queries import lines as seen
from app.bank.views.shared import reconciles
from app.core.actor import Actor
from app.core.permissions import Action
from app.people.queries.units import is_the_whole
from app.worklist.service import Counting, Source, WorkItem, register

GROUP = "银行对账"


def count(actor: Actor) -> Counting:
    roots = actor.roots(Action.FUND_RECONCILE)
    if not roots:
        return None
    return select(func.count()).select_from(BankAside).where(seen.waiting_asides(actor.person_id), is_the_whole(roots))


def items(actor: Actor) -> list[WorkItem]:
    if not reconciles(actor):
        return []
    waiting = seen.asides(seen.waiting_asides(actor.person_id))
    return [WorkItem(f"bank-aside-{row.id}", GROUP, row.asked_at, "bank/_work.html", row) for row in waiting]


register(Source(GROUP, count, items))
