"""Asking for money to be booked: donations, grants, payments, corrections."""

from datetime import datetime

from sqlalchemy import exists, func, select

from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import yuan
from app.fund import queries
from app.fund.models import FundBudgetLine, FundMovementEntry, FundProject, FundRequest, FundServiceEntry
from app.fund.money_rules import Parts
from app.fund.queries import together
from app.fund.queries.amounts import spent_fen
from app.fund.rules import DonationNoted, GrantAsked, MoneySource, PaymentAsked, Policy, RequestKind, Step
from app.fund.service.asking import ask, project_in, root_id, sent_before
from app.fund.service.contracts import instalment_for
from app.fund.service.ledger import account_id, money_account, next_number, origin, payees
from app.fund.stage_rules import MONEY_STAGES
from app.fund.step_rules import may_correct

UNDERWAY = (Step.REQUESTED, Step.APPROVED, Step.SECONDED)


def note_donation(noted: DonationNoted, by_id: int, now: datetime) -> int:
    """A donation that has arrived, for another person to check against the bank. Money for a project or a purpose goes there alone."""
    if known := sent_before(noted.form_key):
        return known
    if noted.arrived_on > clock.local_date(now):
        raise Invalid({"arrived_on": "到账日期不能晚于今天"})
    target = project_in(MONEY_STAGES, noted.project_id) if noted.project_id else None
    return ask(
        RequestKind.DONATION,
        by_id,
        now,
        unit_id=target.unit_id if target else root_id(),
        project=target,
        from_account_id=account_id(code=origin(target)),
        to_account_id=account_id(project_id=target.id) if target else money_account(noted.purpose_id),
        fen=noted.fen,
        purpose=noted.purpose,
        counterparty=noted.donor,
        public_name=noted.public_name,
        reference=noted.receipt,
        happened_on=noted.arrived_on,
        form_key=noted.form_key,
    )


def ask_grant(asked: GrantAsked, by_id: int, now: datetime) -> int:
    """Money of the fund for one project, within its budget, grants that wait for approval counted."""
    if known := sent_before(asked.form_key):
        return known
    project = project_in(MONEY_STAGES, asked.project_id)
    if project.source is MoneySource.OTHER:
        raise Conflict("这个项目用的不是基金的钱，基金不拨付。")
    if asked.purpose_id is not None and asked.purpose_id != project.purpose_id:
        raise Invalid({"purpose_id": "限定用途的钱只能拨给这个用途的项目"})
    number = next_number(f"request-{project.id}")  # also the lock: two requests of a project wait for each other
    figures, underway = queries.figures_of(project.id), _grants_underway(project.id)
    room = figures.budget - figures.received - underway
    if asked.fen > room:
        so_far = f"预算 {yuan(figures.budget)} 元，已到账 {yuan(figures.received)} 元，正在办 {yuan(underway)} 元"
        raise Invalid({"fen": f"{so_far}，最多还能拨 {yuan(max(0, room))} 元"})
    instalment_id = instalment_for(project.id, asked.fen)
    return ask(
        RequestKind.GRANT,
        by_id,
        now,
        unit_id=project.unit_id,
        project=project,
        number=number,
        from_account_id=money_account(asked.purpose_id),
        to_account_id=account_id(project_id=project.id),
        fen=asked.fen,
        instalment_id=instalment_id,
        purpose=asked.purpose,
        form_key=asked.form_key,
    )


def ask_payment(asked: PaymentAsked, by_id: int, now: datetime) -> int:
    """用款申请, within what is left of its budget line. The limits of the day decide how many people and papers it needs."""
    if known := sent_before(asked.form_key):
        return known
    project = project_in(MONEY_STAGES, asked.project_id)
    number = next_number(f"request-{project.id}")  # also the lock: two requests of a project wait for each other
    policy, today = queries.policy(clock.local_date(now)), clock.local_date(now)
    parts = together.of_new(project.id, asked.line_id, asked.payee, asked.fen, policy, today)
    needs_minute = parts.counted > policy.minute_above
    if needs_minute and not asked.minute_ref:
        raise Invalid({"minute_ref": _minute_fault(parts, asked.fen, policy)})
    left = _line_left(project.id, asked.line_id)
    if asked.fen > left:
        raise Invalid({"fen": f"这一项预算还剩 {yuan(left)} 元（含正在办的），不够这一笔"})
    return ask(
        RequestKind.PAYMENT,
        by_id,
        now,
        unit_id=project.unit_id,
        project=project,
        number=number,
        budget_line_id=asked.line_id,
        from_account_id=account_id(project_id=project.id),
        to_account_id=account_id(code=payees(project)),
        fen=asked.fen,
        purpose=asked.purpose,
        counterparty=asked.payee,
        reference=asked.invoice,
        minute_ref=asked.minute_ref,
        needs_second=parts.counted > policy.second_above,
        needs_minute=needs_minute,
        form_key=asked.form_key,
    )


def _minute_fault(parts: Parts, fen: int, policy: Policy) -> str:
    if fen > policy.minute_above:
        return f"超过 {yuan(policy.minute_above)} 元，请填会议纪要编号"
    whose = "这个收款人" if parts.payee else "这一项"
    before = f"{parts.days} 天里{whose}已有 {len(parts.others)} 笔"
    return f"{before}，合起来 {yuan(parts.counted)} 元，超过 {yuan(policy.minute_above)} 元，请填会议纪要编号"


def ask_correction(request_id: int, explanation: str, by_id: int, now: datetime) -> int:
    """Ask that a posted entry be reversed. The explanation is published with it; a right entry is a new request."""
    writing()
    original = db.session.get(FundRequest, request_id)
    if original is None:
        raise NotFound
    number = next_number(f"request-{original.project_id or 0}")
    if not may_correct(queries.standing(request_id)):
        raise Conflict("这一笔现在不能更正：还没有入账，或者已经更正过。")
    if db.session.scalar(select(exists().where(FundRequest.corrects_id == request_id, FundRequest.state == Step.REQUESTED))):
        raise Conflict("这一笔已经有人申请更正，正等核准。")
    return ask(
        RequestKind.CORRECTION,
        by_id,
        now,
        unit_id=original.unit_id,
        project=db.session.get(FundProject, original.project_id) if original.project_id else None,
        number=number,
        from_account_id=original.to_account_id,
        to_account_id=original.from_account_id,
        fen=original.fen,
        purpose=f"更正：{original.purpose}"[:80],
        counterparty=original.counterparty,
        explanation=explanation,
        corrects_id=request_id,
    )


def ask_figure_correction(service_id: int, explanation: str, by_id: int, now: datetime) -> int:
    """Ask that a published 服务人次 be taken back."""
    writing()
    original = db.session.get(FundServiceEntry, service_id)
    if original is None or original.reverses_id is not None:
        raise NotFound
    project = db.session.get_one(FundProject, original.project_id)
    number = next_number(f"request-{project.id}")
    taken_back = exists().where(FundServiceEntry.reverses_id == service_id)
    asked = exists().where(FundRequest.service_id == service_id, FundRequest.state == Step.REQUESTED)
    if db.session.scalar(select(taken_back | asked)):
        raise Conflict("这一条已经更正过，或者正等核准。")
    return ask(
        RequestKind.FIGURE,
        by_id,
        now,
        unit_id=project.unit_id,
        project=project,
        number=number,
        purpose=f"更正人次：{original.people} 人次"[:80],
        explanation=explanation,
        service_id=service_id,
    )


def _grants_underway(project_id: int) -> int:
    """What was asked for the project and waits for approval; an approved grant is already in the books."""
    waits = FundRequest.project_id == project_id, FundRequest.kind == RequestKind.GRANT, FundRequest.state == Step.REQUESTED
    return int(db.session.scalar(select(func.coalesce(func.sum(FundRequest.fen), 0)).where(*waits)) or 0)


def _line_left(project_id: int, line_id: int) -> int:
    """Budget of the line without what was spent and what is underway."""
    line = db.session.execute(select(FundBudgetLine.fen).where(FundBudgetLine.id == line_id, FundBudgetLine.project_id == project_id))
    budget = line.scalar_one_or_none()
    if budget is None:
        raise Invalid({"line_id": "请选择预算里的一项"})
    spent = select(func.coalesce(func.sum(spent_fen()), 0)).where(FundMovementEntry.budget_line_id == line_id)
    underway = select(func.coalesce(func.sum(FundRequest.fen), 0)).where(
        FundRequest.budget_line_id == line_id, FundRequest.state.in_(UNDERWAY)
    )
    return int(budget) - int(db.session.scalar(spent) or 0) - int(db.session.scalar(underway) or 0)
