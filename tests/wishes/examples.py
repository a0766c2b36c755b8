"""One wish that somebody is fulfilling, and a round, for the walk of every route."""

from datetime import date
from typing import Any

from app.core import clock
from app.core.db import in_transaction
from app.wishes.rules import Claimer, ClaimKind, Contact, Step, Telling, Way
from app.wishes.service import claims, rounds, steps, telling
from tests.wishes.houses import PUBLIC


def examples(community: int, maker: int, other: int, claimer: int) -> dict[str, Any]:
    """Of one community; `maker` and `other` handle it between them."""
    now, today = clock.now(), clock.today()
    told = Telling(community, PUBLIC.kind, PUBLIC.whom, Way.VISIT, "灯坏了", Contact("卢婆婆", "", "楼下"), None, maker)

    def work() -> dict[str, Any]:
        opened = rounds.announce(community, "冬季微心愿", today, date(today.year, 12, 31), maker, now, today)
        wish = telling.tell(told, None, None, now)
        telling.verify(wish, PUBLIC, other, True, now)
        steps.take(wish, Step.PUBLISHED, maker, True, now)
        claims.claim(wish, Claimer(ClaimKind.PERSON, claimer), now)
        steps.take(wish, Step.CONNECTED, other, True, now)
        return {"wish_id": wish, "round_id": opened, "payment_id": 1}

    return in_transaction(work)
