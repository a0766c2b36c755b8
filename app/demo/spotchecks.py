"""Demo spot checks: one of last quarter with its words and answers, one announced and not drawn yet. Invented, quick."""

from datetime import datetime, time, timedelta

from app.core import clock
from app.core.clock import at_local
from app.core.db import in_transaction
from app.fund.rules import MovementKind
from app.spotchecks import service
from app.spotchecks.queries import checks
from app.spotchecks.rules import Announced, Finding

ASKED = "发票抬头写的是施工队，不是收款人，为什么？"
ANSWERED = "施工队是收款人请的，双方协议补传在这笔申请里了。"
SETTLED = "协议看过，金额相符。"
OPEN = "发票日期比付款晚了两个星期，请说明先付款的原因。"


def load(auditor_id: int, officer_id: int, now: datetime) -> None:
    """Needs a fund with entries of the last months, none of them handled by the auditor."""
    today = clock.local_date(now)
    day = today - timedelta(days=12)
    first = Announced(today - timedelta(days=200), today - timedelta(days=20), 6, "0914172326-07", "双色球第 2026130 期开奖号码")
    check_id = in_transaction(lambda: service.announce(first, auditor_id, at_local(day, time(10))))
    in_transaction(lambda: service.draw(check_id, auditor_id, at_local(day, time(10, 20))))
    picks = checks.of_check(check_id)
    spending = sorted(
        picks[:-1], key=lambda pick: pick.kind is not MovementKind.SPENDING or pick.reverses
    )  # papers first, where there are any
    asked, late = (pick.id for pick in spending[:2])
    for place, pick in enumerate(picks[:-1]):
        finding, words = {asked: (Finding.QUESTION, ASKED), late: (Finding.QUESTION, OPEN)}.get(pick.id, (Finding.FINE, ""))
        at = at_local(day, time(14, 5 * place))
        in_transaction(lambda: service.find(pick.id, finding, words, auditor_id, at))  # noqa: B023 (run at once)
    in_transaction(lambda: service.answer(asked, ANSWERED, officer_id, at_local(day + timedelta(days=2), time(9, 30))))
    in_transaction(lambda: service.find(asked, Finding.FINE, SETTLED, auditor_id, at_local(day + timedelta(days=3), time(15))))
    second = Announced(today - timedelta(days=90), today, 8, "0308112027-15", "双色球第 2026134 期开奖号码")
    in_transaction(lambda: service.announce(second, auditor_id, now))
