"""One of each thing that the fund's office decides, for the walk of all routes."""

from datetime import timedelta

from app.core import clock
from app.core.db import in_transaction
from app.fund.models_office import FundDelegation
from app.fund.money_rules import PolicyWanted
from app.fund.service import purposes
from tests.factories import Factory


def examples(make: Factory, by: int, other: int) -> dict[str, int]:
    now, today = clock.now(), clock.today()
    wanted = PolicyWanted(today + timedelta(9), 300_000, 3_000_000, "请到街道", "例会")
    away = {"from_id": by, "to_id": other, "first_on": today, "last_on": today, "reason": "年假", "made_by_id": by, "made_at": now}
    return {
        "purpose_id": in_transaction(lambda: purposes.ask_purpose("助学", "给孩子", by, now)),
        "limits_id": in_transaction(lambda: purposes.propose_limits(wanted, by, now)),
        "delegation_id": make._add(FundDelegation, **away),
    }
