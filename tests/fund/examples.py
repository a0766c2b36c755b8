"""One of each thing that the fund's office decides, for the walk of all routes."""

from datetime import timedelta

from app.core import clock
from app.core.db import in_transaction
from app.fund.amendment_rules import AmendmentDraft
from app.fund.models_office import FundDelegation
from app.fund.money_rules import PolicyWanted, Verdict
from app.fund.queries import stages
from app.fund.service import amendments, closing, purposes
from app.fund.stage_rules import After, Instalment
from tests.factories import Factory


def examples(make: Factory, by: int, other: int) -> dict[str, int]:
    now, today = clock.now(), clock.today()
    wanted = PolicyWanted(today + timedelta(9), 300_000, 3_000_000, "请到街道", "例会")
    away = {"from_id": by, "to_id": other, "first_on": today, "last_on": today, "reason": "年假", "made_by_id": by, "made_at": now}
    opened = in_transaction(lambda: purposes.ask_purpose("助浴", "给长者", by, now))
    in_transaction(lambda: purposes.decide_purpose(opened, Verdict.APPROVED, "", other, now))
    return {
        "turn_id": in_transaction(lambda: closing.ask(opened, True, "用完了", by, now)),
        "purpose_id": in_transaction(lambda: purposes.ask_purpose("助学", "给孩子", by, now)),
        "limits_id": in_transaction(lambda: purposes.propose_limits(wanted, by, now)),
        "delegation_id": make._add(FundDelegation, **away),
    }


def an_amendment(project_id: int, by: int) -> dict[str, int]:
    """A 补充协议 that waits, of a running project with one instalment."""
    contract = stages.contract(project_id)
    assert contract
    part = Instalment(contract.fen - 100, contract.instalments[0].due_on, After.START)
    wanted = AmendmentDraft("补-1", clock.today(), part.fen, "材料降价", {1: part})
    return {"amendment_id": in_transaction(lambda: amendments.propose(project_id, wanted, by, clock.now()))}
