"""A restricted purpose is closed when it is used up, and opened again where something comes back: asked by one, decided by another."""

from datetime import datetime

from sqlalchemy import exists, insert, or_, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound
from app.core.words import yuan
from app.fund.models import FundAccount, FundProject, FundRequest
from app.fund.models_office import FundPurpose, FundPurposeTurn
from app.fund.money_rules import Verdict
from app.fund.rules import Stage, Step
from app.fund.service.ledger import hold_vouchers
from app.fund.service.purposes import PURPOSES, may_decide, tell

SETTLED = (Stage.DECLINED, Stage.CLOSED, Stage.ARCHIVED, Stage.VOIDED)  # a project that asks nothing of its purpose any more


def ask(purpose_id: int, closes: bool, reason: str, by_id: int, now: datetime) -> int:
    """Raises Conflict while there is money, a request or a project that goes on; or where it is so already, or asked for."""
    purpose = _locked(purpose_id)
    _turns(purpose, closes)
    if db.session.scalar(select(exists().where(FundPurposeTurn.purpose_id == purpose_id, FundPurposeTurn.decided_at.is_(None)))):
        raise Conflict("已经有人提过，正等另一位来定。")
    values = {"purpose_id": purpose_id, "closes": closes, "reason": reason, "asked_by_id": by_id, "asked_at": now}
    turn_id: int = db.session.execute(insert(FundPurposeTurn).values(**values).returning(FundPurposeTurn.id)).scalar_one()
    audit.record(by_id, f"fund.purpose.{_what(closes)}", "fund_purpose", purpose_id, name=purpose.name, note=reason)
    return turn_id


def decide(turn_id: int, verdict: Verdict, answer: str, by_id: int, now: datetime) -> None:
    """Agree, return it with a reason, or (who asked) withdraw it. Nothing is booked meanwhile, so that it is as empty as it says."""
    hold_vouchers()
    turn = db.session.get(FundPurposeTurn, turn_id, populate_existing=True)
    if turn is None:
        raise NotFound
    purpose = _locked(turn.purpose_id)
    may_decide(turn.decided_at, turn.asked_by_id, verdict, answer, by_id)
    if verdict is Verdict.APPROVED:
        _turns(purpose, turn.closes)
    said = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    db.session.execute(update(FundPurposeTurn).where(FundPurposeTurn.id == turn_id).values(**said))
    if verdict is Verdict.APPROVED:
        closed_on = clock.local_date(now) if turn.closes else None
        db.session.execute(update(FundPurpose).where(FundPurpose.id == purpose.id).values(closed_on=closed_on))
    done = _what(turn.closes)
    audit.record(by_id, f"fund.purpose.{done}.{verdict.value}", "fund_purpose", purpose.id, name=purpose.name, note=answer)
    tell(turn.asked_by_id, by_id, f"{'关闭' if turn.closes else '重新开立'}限定用途“{purpose.name}”", verdict, PURPOSES)


def _what(closes: bool) -> str:
    return "closing" if closes else "reopening"


def _locked(purpose_id: int) -> FundPurpose:
    writing()
    purpose = db.session.get(FundPurpose, purpose_id, populate_existing=True, with_for_update=True)
    if purpose is None or purpose.verdict is not Verdict.APPROVED:
        raise NotFound
    return purpose


def _turns(purpose: FundPurpose, closes: bool) -> None:
    if closes is (purpose.closed_on is not None):
        raise Conflict("这个限定用途已经关闭。" if closes else "这个限定用途还开着。")
    if fault := not_used_up(purpose.id) if closes else None:
        raise Conflict(fault)


def not_used_up(purpose_id: int) -> str | None:
    """Why it can not be closed yet, in words."""
    account_id, balance = db.session.execute(select(FundAccount.id, FundAccount.balance).where(FundAccount.purpose_id == purpose_id)).one()
    if balance:
        return f"账上还有 {yuan(balance)} 元，用完了、余额为 0 才能关闭。"
    touches = or_(FundRequest.from_account_id == account_id, FundRequest.to_account_id == account_id)
    waits = db.session.scalar(select(FundRequest.number).where(touches, FundRequest.state == Step.REQUESTED).limit(1))
    if waits:
        return f"{waits} 还在办，办完再关闭。"
    goes_on = FundProject.purpose_id == purpose_id, FundProject.stage.not_in(SETTLED)
    name = db.session.scalar(select(FundProject.name).where(*goes_on).order_by(FundProject.id).limit(1))
    return f"“{name}”用的是这个限定用途，还没有结项或归档，办完再关闭。" if name else None
