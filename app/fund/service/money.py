"""Asking for the rarer ways of money: what the books begin with, refunds, returns, and setting aside for a purpose."""

from datetime import datetime

from sqlalchemy import exists, func, select

from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import yuan
from app.fund.models import FundAccount, FundMovementEntry, FundProject, FundRequest
from app.fund.money_rules import OpeningNoted, RefundNoted, ReturnAsked, TransferAsked
from app.fund.rules import OPENING, OTHER_IN, MoneySource, RequestKind, Step
from app.fund.service import limits
from app.fund.service.asking import ask, project_in, root_id, sent_before
from app.fund.service.ledger import account_id, money_account, next_number
from app.fund.stage_rules import OPEN_STAGES, OVER_STAGES

GIVES_BACK = OPEN_STAGES | OVER_STAGES  # money may still come back to a project that is over, and has to leave it again


def note_opening(noted: OpeningNoted, by_id: int, now: datetime) -> int:
    """期初: what an account held on a day before its books. Once an account; another person approves it."""
    if known := sent_before(noted.form_key):
        return known
    if noted.as_of > clock.local_date(now):
        raise Invalid({"as_of": "日期不能晚于今天"})
    number = next_number("request-0")  # also the lock: two openings of an account wait for each other
    target = money_account(noted.purpose_id)
    waits = exists().where(
        FundRequest.kind == RequestKind.OPENING, FundRequest.to_account_id == target, FundRequest.state == Step.REQUESTED
    )
    if limits.opened(target) or db.session.scalar(select(waits)):
        raise Conflict("这个账户的期初已经记过，或者正等核准。要改请申请更正。")
    return ask(
        RequestKind.OPENING,
        by_id,
        now,
        unit_id=root_id(),
        project=None,
        number=number,
        from_account_id=account_id(code=OPENING),
        to_account_id=target,
        fen=noted.fen,
        purpose=noted.purpose,
        reference=noted.reference,
        happened_on=noted.as_of,
        form_key=noted.form_key,
    )


def note_refund(noted: RefundNoted, by_id: int, now: datetime) -> int:
    """支出退回: money of a payment that came back, for another person to check against the bank."""
    if known := sent_before(noted.form_key):
        return known
    writing()
    payment = db.session.get(FundRequest, noted.payment_id, populate_existing=True)
    if payment is None or payment.kind is not RequestKind.PAYMENT or payment.project_id is None:
        raise NotFound
    project = project_in(GIVES_BACK, payment.project_id)
    number = next_number(f"request-{project.id}")
    room = refundable(payment.id) - _underway(FundRequest.refunds_id == payment.id)
    if noted.fen > room:
        raise Invalid({"fen": f"这一笔最多还能退回 {yuan(max(0, room))} 元（含正在办的）"})
    paid_on = db.session.scalar(select(FundMovementEntry.booked_on).where(FundMovementEntry.request_id == payment.id))
    if paid_on is None or not paid_on <= noted.arrived_on <= clock.local_date(now):
        raise Invalid({"arrived_on": "退回日期应在付款那天到今天之间"})
    return ask(
        RequestKind.REFUND,
        by_id,
        now,
        unit_id=payment.unit_id,
        project=project,
        number=number,
        budget_line_id=payment.budget_line_id,
        from_account_id=payment.to_account_id,
        to_account_id=payment.from_account_id,
        fen=noted.fen,
        purpose=noted.reason,
        counterparty=payment.counterparty,
        reference=noted.receipt,
        happened_on=noted.arrived_on,
        refunds_id=payment.id,
        form_key=noted.form_key,
    )


def ask_return(asked: ReturnAsked, by_id: int, now: datetime) -> int:
    """剩余交回: what a project does not need goes back to the account that granted it, or to the source of other money."""
    if known := sent_before(asked.form_key):
        return known
    project = project_in(GIVES_BACK, asked.project_id)
    number = next_number(f"request-{project.id}")
    source, target = account_id(project_id=project.id), return_account(project, asked.purpose_id)
    most = limits.most(RequestKind.RETURN, source, target, None) or 0
    room = min(most, _balance(source)) - _underway(FundRequest.from_account_id == source)
    if asked.fen > room:
        raise Invalid({"fen": f"最多能交回 {yuan(max(0, room))} 元（不超过账上的，也不超过拨来还没交回的）"})
    return ask(
        RequestKind.RETURN,
        by_id,
        now,
        unit_id=project.unit_id,
        project=project,
        number=number,
        from_account_id=source,
        to_account_id=target,
        fen=asked.fen,
        purpose=asked.reason,
        form_key=asked.form_key,
    )


def ask_transfer(asked: TransferAsked, by_id: int, now: datetime) -> int:
    """转入限定用途, by a meeting's minute and with a published explanation; there is no way back but a correction."""
    if known := sent_before(asked.form_key):
        return known
    project = project_in(GIVES_BACK, asked.project_id) if asked.project_id else None
    if project is not None and project.source is MoneySource.OTHER:
        raise Conflict("这个项目用的不是基金的钱，不能转作基金的限定用途。")
    number = next_number(f"request-{project.id if project else 0}")
    source = account_id(project_id=project.id) if project else money_account(None)
    target = money_account(asked.purpose_id)
    most = limits.most(RequestKind.TRANSFER, source, target, None)
    held = _balance(source) - _underway(FundRequest.from_account_id == source)
    room = held if most is None else min(held, most)
    if asked.fen > room:
        raise Invalid({"fen": f"最多能转 {yuan(max(0, room))} 元" + ("（指定给这个项目、还没用的捐赠）" if project else "")})
    return ask(
        RequestKind.TRANSFER,
        by_id,
        now,
        unit_id=project.unit_id if project else root_id(),
        project=project,
        number=number,
        from_account_id=source,
        to_account_id=target,
        fen=asked.fen,
        purpose="转入限定用途",
        explanation=asked.explanation,
        minute_ref=asked.minute_ref,
        needs_minute=True,
        form_key=asked.form_key,
    )


def refundable(payment_id: int) -> int:
    """What of a payment has not come back; 0 when it was reversed or never booked."""
    paid = select(func.coalesce(func.sum(FundMovementEntry.fen), 0)).where(FundMovementEntry.request_id == payment_id, limits.live())
    return int(db.session.scalar(paid) or 0) - limits.refunded(payment_id)


def return_account(project: FundProject, purpose_id: int | None) -> int:
    """Where what is left of a project goes back to."""
    return account_id(code=OTHER_IN) if project.source is MoneySource.OTHER else money_account(purpose_id)


def _balance(account: int) -> int:
    return db.session.execute(select(FundAccount.balance).where(FundAccount.id == account)).scalar_one()


def _underway(*where: object) -> int:
    """What is asked for and waits for approval."""
    waits = FundRequest.state == Step.REQUESTED
    found = select(func.coalesce(func.sum(FundRequest.fen), 0)).where(waits, *where)  # type: ignore[arg-type]  # conditions all
    return int(db.session.scalar(found) or 0)
