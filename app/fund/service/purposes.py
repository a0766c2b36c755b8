"""Restricted purposes and the limits: proposed by one, decided by another. What was decided never changes."""

from datetime import datetime

from sqlalchemy import exists, insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.fund.models import FundAccount
from app.fund.models_office import FundPolicy, FundPolicyProposal, FundPurpose
from app.fund.money_rules import VERDICT_NAMES, PolicyWanted, Verdict
from app.fund.rules import AccountKind
from app.worklist.service import notify

PURPOSES, LIMITS = "/fund/purposes", "/fund/limits"


def ask_purpose(name: str, words: str, by_id: int, now: datetime) -> int:
    """A purpose that money may be set aside for, for another person to open. Its name is taken once."""
    writing()
    taken = exists().where(FundPurpose.name == name, FundPurpose.verdict.is_(None) | (FundPurpose.verdict == Verdict.APPROVED))
    if db.session.scalar(select(taken)):
        raise Invalid({"name": "已经有这个名称的限定用途"})
    purpose_id: int = db.session.execute(
        insert(FundPurpose).values(name=name, words=words, asked_by_id=by_id, asked_at=now).returning(FundPurpose.id)
    ).scalar_one()
    audit.record(by_id, "fund.purpose.asked", "fund_purpose", purpose_id, name=name)
    return purpose_id


def decide_purpose(purpose_id: int, verdict: Verdict, answer: str, by_id: int, now: datetime) -> None:
    """Open it with an account of its own, return it with a reason, or (who asked) withdraw it."""
    writing()
    purpose = db.session.get(FundPurpose, purpose_id, populate_existing=True)
    if purpose is None:
        raise NotFound
    may_decide(purpose.decided_at, purpose.asked_by_id, verdict, answer, by_id)
    opened = clock.local_date(now) if verdict is Verdict.APPROVED else None
    values = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer, "opened_on": opened}
    db.session.execute(update(FundPurpose).where(FundPurpose.id == purpose_id).values(**values))
    if verdict is Verdict.APPROVED:
        db.session.execute(
            insert(FundAccount).values(
                code=f"purpose-{purpose_id}",
                kind=AccountKind.RESTRICTED,
                name=f"限定用途：{purpose.name}",
                purpose_id=purpose_id,
                balance=0,
            )
        )
    audit.record(by_id, f"fund.purpose.{verdict.value}", "fund_purpose", purpose_id, name=purpose.name, note=answer)
    tell(purpose.asked_by_id, by_id, f"限定用途“{purpose.name}”", verdict, PURPOSES)


def propose_limits(wanted: PolicyWanted, by_id: int, now: datetime) -> int:
    """本地规定 from a day on, for another person to approve."""
    writing()
    if wanted.valid_from < clock.local_date(now):
        raise Invalid({"valid_from": "从今天或以后的一天起"})
    if not 0 <= wanted.sum_days <= 366 or (wanted.sum_lines and not wanted.sum_days):
        raise Invalid({"sum_days": "请填 0 到 366 天；要合计预算项就不能填 0"})
    if wanted.minute_above < wanted.second_above:
        raise Invalid({"minute_above": "要会议纪要的金额不能比加一位核准的低"})
    open_one = exists().where(FundPolicyProposal.decided_at.is_(None), FundPolicyProposal.valid_from == wanted.valid_from)
    if db.session.scalar(select(open_one | exists().where(FundPolicy.valid_from == wanted.valid_from))):
        raise Invalid({"valid_from": "这一天已经有一份规定，或者有一份正等同意，请换一天"})
    proposal_id: int = db.session.execute(
        insert(FundPolicyProposal)
        .values(
            valid_from=wanted.valid_from,
            second_above=wanted.second_above,
            minute_above=wanted.minute_above,
            how_to_give=wanted.how_to_give,
            reason=wanted.reason,
            made_by_id=by_id,
            made_at=now,
            sum_days=wanted.sum_days,
            sum_lines=wanted.sum_lines,
        )
        .returning(FundPolicyProposal.id)
    ).scalar_one()
    above = {"second_above": wanted.second_above, "minute_above": wanted.minute_above}
    sums = {"sum_days": wanted.sum_days, "sum_lines": wanted.sum_lines}
    audit.record(by_id, "fund.limits.asked", "fund_policy_proposal", proposal_id, **above, **sums)
    return proposal_id


def decide_limits(proposal_id: int, verdict: Verdict, answer: str, by_id: int, now: datetime) -> None:
    """They hold from their day on, for requests asked for from then; what was asked for before keeps its own."""
    writing()
    proposal = db.session.get(FundPolicyProposal, proposal_id, populate_existing=True)
    if proposal is None:
        raise NotFound
    may_decide(proposal.decided_at, proposal.made_by_id, verdict, answer, by_id)
    if verdict is Verdict.APPROVED and proposal.valid_from < clock.local_date(now):
        raise Conflict("起用的那天已经过了，请退回，换一天再报。")
    values = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    db.session.execute(update(FundPolicyProposal).where(FundPolicyProposal.id == proposal_id).values(**values))
    if verdict is Verdict.APPROVED:
        columns = ("valid_from", "second_above", "minute_above", "how_to_give", "sum_days", "sum_lines")
        db.session.execute(insert(FundPolicy).values(proposal_id=proposal_id, **{column: getattr(proposal, column) for column in columns}))
    audit.record(by_id, f"fund.limits.{verdict.value}", "fund_policy_proposal", proposal_id, note=answer)
    tell(proposal.made_by_id, by_id, "本地规定", verdict, LIMITS)


def may_decide(decided_at: datetime | None, maker_id: int, verdict: Verdict, answer: str, by_id: int) -> None:
    """Two people: who asked takes it back, another agrees or returns it with a reason."""
    if decided_at is not None:
        raise Conflict("这一件已经办过了，请刷新看结果。")
    if verdict is Verdict.WITHDRAWN and by_id != maker_id:
        raise Refused("只有提出的人能撤回。")
    if verdict is not Verdict.WITHDRAWN and by_id == maker_id:
        raise Refused("这是您提的，要由另一位来定。")
    if verdict is Verdict.RETURNED and not answer:
        raise Invalid({"answer": "退回请写明原因"})


def tell(maker_id: int, by_id: int, what: str, verdict: Verdict, url: str) -> None:
    if maker_id != by_id:
        notify(maker_id, f"{what}：{VERDICT_NAMES[verdict]}", url)
