"""What was changed after it was published or signed: a call that stays open longer, a contract whose last instalment comes in two."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.clock import local_date
from app.core.db import db, in_transaction
from app.demo.fund_road import Hands
from app.fund.amendment_rules import AmendmentDraft
from app.fund.models import FundProject
from app.fund.models_road import FundCall
from app.fund.money_rules import Verdict
from app.fund.queries import stages
from app.fund.service import amendments
from app.fund.stage_rules import Instalment
from app.panels import call_changes

LIGHTS = "锦园楼道安全灯"


def load(hands: Hands, now: datetime) -> None:
    _longer(hands, now)
    _in_two(hands, now)


def _longer(hands: Hands, now: datetime) -> None:
    call_id, closes_on = db.session.execute(select(FundCall.id, FundCall.closes_on).order_by(FundCall.id).limit(1)).one()
    reason, day = "几个社区的街坊会还在商量，来不及写好", now - timedelta(hours=6)
    asked = in_transaction(lambda: call_changes.ask(call_id, closes_on + timedelta(days=7), reason, hands.officer, day))
    in_transaction(lambda: call_changes.decide(asked, Verdict.APPROVED, "", hands.approver, day + timedelta(hours=1)))


def _in_two(hands: Hands, now: datetime) -> None:
    """Of what was not granted yet, a third comes later."""
    project_id = db.session.execute(select(FundProject.id).where(FundProject.name == LIGHTS)).scalar_one()
    contract = stages.contract(project_id)
    if contract is None or contract.next is None or contract.next.granted:
        raise RuntimeError("the demo's contract is not as this knows it")
    turn, signed = contract.next, local_date(now) - timedelta(days=20)
    parts = {row.place: Instalment(row.fen, row.due_on, row.after, row.words) for row in contract.instalments}
    later = turn.fen // 300 * 100
    parts[turn.place] = Instalment(turn.fen - later, turn.due_on, turn.after, turn.words)
    parts[turn.place + 1] = Instalment(later, turn.due_on + timedelta(days=60), turn.after, "最后两个楼道装好")
    wanted = AmendmentDraft(f"{contract.number}-补1", signed, contract.fen, "两个楼道要先改线路，装灯分两批，钱也分两次拨。", parts)
    then = now - timedelta(days=18)
    asked = in_transaction(lambda: amendments.propose(project_id, wanted, hands.officer, then))
    in_transaction(lambda: amendments.decide(asked, Verdict.APPROVED, "", hands.approver, then + timedelta(hours=3)))
