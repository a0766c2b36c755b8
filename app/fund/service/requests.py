"""Asking for money to be booked: donations, grants, payments, corrections."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import yuan
from app.fund import queries
from app.fund.models import FundBudgetLine, FundMovementEntry, FundProject, FundRequest, FundServiceEntry, FundStepEntry
from app.fund.rules import (
    DONORS,
    GENERAL,
    PAYEES,
    DonationNoted,
    GrantAsked,
    PaymentAsked,
    RequestKind,
    Stage,
    Step,
)
from app.fund.service.ledger import account_id, next_number
from app.fund.step_rules import may_correct
from app.people.queries import root_unit

UNDERWAY = (Step.REQUESTED, Step.APPROVED, Step.SECONDED)


def note_donation(noted: DonationNoted, by_id: int, now: datetime) -> int:
    """A donation that has arrived, for another person to check against the bank. Money for a project goes to that project alone."""
    if known := _sent_before(noted.form_key):
        return known
    if noted.arrived_on > clock.local_date(now):
        raise Invalid({"arrived_on": "到账日期不能晚于今天"})
    target = _running(noted.project_id) if noted.project_id else None
    return _ask(
        RequestKind.DONATION,
        by_id,
        now,
        unit_id=target.unit_id if target else _root(),
        project=target,
        from_account_id=account_id(code=DONORS),
        to_account_id=account_id(project_id=target.id) if target else account_id(code=GENERAL),
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
    if known := _sent_before(asked.form_key):
        return known
    project = _running(asked.project_id)
    number = next_number(f"request-{project.id}")  # also the lock: two requests of a project wait for each other
    figures, underway = queries.figures_of(project.id), _grants_underway(project.id)
    room = figures.budget - figures.received - underway
    if asked.fen > room:
        so_far = f"预算 {yuan(figures.budget)} 元，已到账 {yuan(figures.received)} 元，正在办 {yuan(underway)} 元"
        raise Invalid({"fen": f"{so_far}，最多还能拨 {yuan(max(0, room))} 元"})
    return _ask(
        RequestKind.GRANT,
        by_id,
        now,
        unit_id=project.unit_id,
        project=project,
        number=number,
        from_account_id=account_id(code=GENERAL),
        to_account_id=account_id(project_id=project.id),
        fen=asked.fen,
        purpose=asked.purpose,
        form_key=asked.form_key,
    )


def ask_payment(asked: PaymentAsked, by_id: int, now: datetime) -> int:
    """用款申请, within what is left of its budget line. The limits of the day decide how many people and papers it needs."""
    if known := _sent_before(asked.form_key):
        return known
    project = _running(asked.project_id)
    policy = queries.policy(clock.local_date(now))
    needs_minute = asked.fen > policy.minute_above
    if needs_minute and not asked.minute_ref:
        raise Invalid({"minute_ref": f"超过 {yuan(policy.minute_above)} 元，请填会议纪要编号"})
    number = next_number(f"request-{project.id}")  # also the lock: two requests of a project wait for each other
    left = _line_left(project.id, asked.line_id)
    if asked.fen > left:
        raise Invalid({"fen": f"这一项预算还剩 {yuan(left)} 元（含正在办的），不够这一笔"})
    return _ask(
        RequestKind.PAYMENT,
        by_id,
        now,
        unit_id=project.unit_id,
        project=project,
        number=number,
        budget_line_id=asked.line_id,
        from_account_id=account_id(project_id=project.id),
        to_account_id=account_id(code=PAYEES),
        fen=asked.fen,
        purpose=asked.purpose,
        counterparty=asked.payee,
        reference=asked.invoice,
        minute_ref=asked.minute_ref,
        needs_second=asked.fen > policy.second_above,
        needs_minute=needs_minute,
        form_key=asked.form_key,
    )


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
    return _ask(
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
    return _ask(
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


def _ask(
    kind: RequestKind, by_id: int, now: datetime, *, unit_id: int, project: FundProject | None, number: int | None = None, **values: Any
) -> int:
    series = f"request-{project.id}" if project else "request-0"
    place = number or next_number(series)
    prefix = project.number if project else f"GA-{clock.local_date(now).year}-000"
    request_id: int = db.session.execute(
        insert(FundRequest)
        .values(
            kind=kind,
            number=f"{prefix}-{place:02d}",
            unit_id=unit_id,
            project_id=project.id if project else None,
            requested_by_id=by_id,
            requested_at=now,
            steps=0,
            **values,
        )
        .returning(FundRequest.id)
    ).scalar_one()
    db.session.execute(
        insert(FundStepEntry).values(
            request_id=request_id, seq=1, step=Step.REQUESTED, at=now, happened_on=clock.local_date(now), by_id=by_id, reference="", note=""
        )
    )
    audit.record(by_id, "fund.request", "fund_request", request_id, kind=kind.value, fen=values.get("fen"), project=project and project.id)
    return request_id


def _sent_before(form_key: str | None) -> int | None:
    """The request that the same page has already made: a form sent twice is one request."""
    writing()
    return db.session.scalar(select(FundRequest.id).where(FundRequest.form_key == form_key)) if form_key else None


def _running(project_id: int) -> FundProject:
    writing()
    project = db.session.get(FundProject, project_id, populate_existing=True)
    if project is None:
        raise NotFound
    if project.stage is not Stage.RUNNING:
        raise Conflict("这个项目没有在进行中，不能再进钱或出钱。")
    return project


def _root() -> int:
    root = root_unit()
    if root is None:
        raise Conflict("还没有建街道一级的组织，请管理员先建好。")
    return root.id


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
    spent = select(func.coalesce(func.sum(queries.signed_fen()), 0)).where(FundMovementEntry.budget_line_id == line_id)
    underway = select(func.coalesce(func.sum(FundRequest.fen), 0)).where(
        FundRequest.budget_line_id == line_id, FundRequest.state.in_(UNDERWAY)
    )
    return int(budget) - int(db.session.scalar(spent) or 0) - int(db.session.scalar(underway) or 0)
