"""What a line is: one request, by somebody who did not pay or note it; or nothing of the fund's, by two people."""

from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.bank.models import BankAside, BankLineEntry, BankMatch
from app.bank.queries import lines as found
from app.bank.rules import hands_fault
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.fund.models import FundRequest
from app.fund.money_rules import ARRIVALS, Verdict
from app.fund.queries.deputies import stands_in
from app.fund.queries.requests import standing
from app.fund.rules import RequestKind, Step
from app.fund.service import steps
from app.fund.step_rules import Standing
from app.people.queries import root_unit


def _locked(line_id: int) -> None:
    """Whoever says what a line is takes it first."""
    if db.session.scalar(select(BankLineEntry.id).where(BankLineEntry.id == line_id).with_for_update()) is None:
        raise NotFound


def may_stand_in(by_id: int, for_id: int | None, now: datetime) -> None:
    """Raises Refused unless it is for oneself, or within a 代办 for somebody who reconciles for the whole subdistrict."""
    root = root_unit()
    if for_id is not None and (root is None or not stands_in(by_id, for_id, Action.FUND_RECONCILE, root.id, now)):
        raise Refused("代办没有接受、已经到期，或者您代的人自己也不能对账。")


def match(line_id: int, request_id: int, by_id: int, now: datetime, for_id: int | None = None) -> None:
    """The request takes its step (已核对; of what came in, 已入账) where it has not; then they are one.

    `for_id`: whom a deputy stands in for; both count as one. Raises Conflict where either has moved on, Refused where it is not this
    person's to say.
    """
    writing()
    _locked(line_id)
    db.session.execute(select(FundRequest.id).where(FundRequest.id == request_id).with_for_update())
    line = found.free_line(line_id)
    if line is None:
        raise Conflict("这一行已经对上、另列，或作废了。请刷新。")
    asked = found.candidate(request_id)
    if asked is None:
        raise Conflict("这一笔已经对上别的流水，或不在能对的一步。请刷新。")
    if line.fen != asked.fen:
        raise Conflict("金额不一样，不能对。差的要请经办人更正后重新记。")
    may_stand_in(by_id, for_id, now)
    fault = hands_fault(line, asked, by_id) or (hands_fault(line, asked, for_id) if for_id is not None else None)
    if fault:
        raise Refused(fault if for_id is None else f"您代别人办，两个人经手过的都算：{fault}")
    step = step_wanted(standing(request_id))
    if step is not None:
        steps.take(request_id, step, by_id, now, note="", for_id=for_id)
    made = {"line_id": line_id, "request_id": request_id, "made_at": now, "made_by_id": by_id, "for_id": for_id}
    db.session.execute(insert(BankMatch).values(**made))
    audit.record(by_id, "bank.match", "fund_request", request_id, line=line_id, fen=line.fen, stands_for=for_id)


def step_wanted(now_at: Standing) -> Step | None:
    """The step by which a match is said in the books; None where it was taken before."""
    if now_at.kind in ARRIVALS:
        return Step.APPROVED if now_at.state is Step.REQUESTED else None
    return Step.RECONCILED if now_at.kind is RequestKind.PAYMENT and now_at.state in (Step.PAID, Step.ANSWERED) else None


def end_match(match_id: int, reason: str, by_id: int, now: datetime) -> None:
    """Both are free again. The request's step stays: it was taken, and is corrected by a correction only."""
    writing()
    if not reason:
        raise Invalid({"reason": "请写明原因"})
    one = db.session.get(BankMatch, match_id, populate_existing=True)
    if one is None:
        raise NotFound
    if one.ended_at is not None:
        raise Conflict("这一对已经撤销，或那一笔已更正。")
    ending = {"ended_at": now, "ended_by_id": by_id, "end_reason": reason}
    done = update(BankMatch).where(BankMatch.id == match_id, BankMatch.ended_at.is_(None)).values(**ending)
    if not db.session.execute(done.returning(BankMatch.id)).all():
        raise Conflict("这一对已经撤销了。")
    audit.record(by_id, "bank.match_ending", "fund_request", one.request_id, line=one.line_id, reason=reason)


def ask_aside(line_id: int, reason: str, by_id: int, now: datetime) -> int:
    """Waits for a second person."""
    writing()
    _locked(line_id)
    if found.free_line(line_id) is None:
        raise Conflict("这一行已经对上、另列，或作废了。请刷新。")
    asked = insert(BankAside).values(line_id=line_id, reason=reason, asked_by_id=by_id, asked_at=now)
    aside_id = int(db.session.execute(asked.returning(BankAside.id)).scalar_one())
    audit.record(by_id, "bank.aside.asked", "bank_aside", aside_id, line=line_id, reason=reason)
    return aside_id


def decide_aside(aside_id: int, verdict: Verdict, answer: str, by_id: int, now: datetime) -> None:
    """Another agrees or hands back with why; who asked takes it back."""
    writing()
    one = db.session.get(BankAside, aside_id, populate_existing=True)
    if one is None:
        raise NotFound
    if one.verdict is not None:
        raise Conflict("这一条已经有人办了。")
    own = one.asked_by_id == by_id
    if own != (verdict is Verdict.WITHDRAWN):
        raise Refused("这是您提的，要由另一位同意。" if own else "只有提的人能撤回。")
    if verdict is Verdict.RETURNED and not answer:
        raise Invalid({"answer": "请写明原因"})
    said = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    done = update(BankAside).where(BankAside.id == aside_id, BankAside.verdict.is_(None)).values(**said)
    if not db.session.execute(done.returning(BankAside.id)).all():
        raise Conflict("这一条已经有人办了。")
    audit.record(by_id, f"bank.aside.{verdict.value}", "bank_aside", aside_id, line=one.line_id, answer=answer)


def end_aside(aside_id: int, reason: str, by_id: int, now: datetime) -> None:
    """The line waits again for what it is."""
    writing()
    if not reason:
        raise Invalid({"reason": "请写明原因"})
    ending = {"ended_at": now, "ended_by_id": by_id, "end_reason": reason}
    stood = BankAside.id == aside_id, BankAside.verdict == Verdict.APPROVED, BankAside.ended_at.is_(None)
    ended = db.session.execute(update(BankAside).where(*stood).values(**ending).returning(BankAside.line_id)).all()
    if not ended:
        raise Conflict("这一条没有另列，或已经撤销。")
    audit.record(by_id, "bank.aside_ending", "bank_aside", aside_id, line=ended[0][0], reason=reason)
