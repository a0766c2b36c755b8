"""The one place that writes movements and gives out numbers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, text

from app.core.db import db, writing
from app.core.errors import Conflict
from app.core.words import yuan
from app.fund import queries
from app.fund.models import FundAccount, FundMovementEntry, FundProject, FundRequest
from app.fund.models_office import FundPurpose
from app.fund.money_rules import BOOKED_AS
from app.fund.rules import DONORS, GENERAL, OTHER_IN, OTHER_OUT, PAYEES, AccountKind, MoneySource, RequestKind
from app.fund.service import limits

NEXT = text(
    "INSERT INTO fund_counter (series, last) VALUES (:series, :many) "
    "ON CONFLICT (series) DO UPDATE SET last = fund_counter.last + :many RETURNING last"
)


def next_number(series: str, many: int = 1) -> int:
    """The next of a series, or the last of so `many` next ones.

    Its row stays locked until the end of the transaction, so the series has no gap and no twin.
    """
    writing()
    return int(db.session.execute(NEXT, {"series": series, "many": many}).scalar_one())


def hold_vouchers() -> None:
    """Nothing is booked until the end of the transaction."""
    next_number("voucher", many=0)


def refuse_closed(*accounts: int | None) -> None:
    """Nothing comes to a closed purpose and nothing leaves it. Raises Conflict; a trigger says the same."""
    of = select(FundPurpose.name).join(FundAccount, FundAccount.purpose_id == FundPurpose.id)
    name = db.session.scalar(of.where(FundAccount.id.in_(accounts), FundPurpose.closed_on.is_not(None)).limit(1))
    if name is not None:
        raise Conflict(f"限定用途“{name}”已经关闭，不收也不付。要用，先请人重新开立。")


def account_id(*, code: str | None = None, project_id: int | None = None) -> int:
    where = FundAccount.code == code if code else FundAccount.project_id == project_id
    return db.session.execute(select(FundAccount.id).where(where)).scalar_one()


def money_account(purpose_id: int | None) -> int:
    """The account of a restricted purpose, or that of the fund as a whole."""
    if purpose_id is None:
        return account_id(code=GENERAL)
    found = db.session.scalar(select(FundAccount.id).where(FundAccount.purpose_id == purpose_id))
    if found is None:
        raise Conflict("这个限定用途还没有开立，不能收付。")
    return found


def origin(project: FundProject | None) -> str:
    """The outside account that gifts come from."""
    return OTHER_IN if project is not None and project.source is MoneySource.OTHER else DONORS


def payees(project: FundProject) -> str:
    """The outside account that payments go to."""
    return OTHER_OUT if project.source is MoneySource.OTHER else PAYEES


def post(request_id: int, *, made_by_id: int, approved_by_id: int, booked_on: date, now: datetime) -> int:
    """Book what a decided request asks for, once; returns the voucher number. Raises Conflict when there is not enough money or budget."""
    voucher = next_number("voucher")
    asked = db.session.execute(select(FundRequest).where(FundRequest.id == request_id)).scalar_one()
    if asked.from_account_id is None or asked.fen is None:
        raise Conflict("这一笔不涉及钱，没有可入账的。")
    refuse_closed(asked.from_account_id, asked.to_account_id)
    _enough(asked.from_account_id, asked.fen)
    limits.hold(asked)
    if asked.kind is RequestKind.GRANT and asked.project_id is not None:
        _within_budget(asked.project_id, asked.fen)
    original = _original(asked.corrects_id) if asked.corrects_id else None
    values: dict[str, Any] = {
        "kind": original.kind if original else BOOKED_AS[asked.kind],
        "budget_line_id": original.budget_line_id if original else asked.budget_line_id,
        "reverses_id": original.id if original else None,
        "memo": asked.explanation or asked.purpose,
    }
    db.session.execute(
        insert(FundMovementEntry).values(
            voucher_no=voucher,
            line_no=1,
            from_account_id=asked.from_account_id,
            to_account_id=asked.to_account_id,
            fen=asked.fen,
            request_id=request_id,
            booked_on=booked_on,
            booked_at=now,
            made_by_id=made_by_id,
            approved_by_id=approved_by_id,
            **values,
        )
    )
    return voucher


def _original(request_id: int) -> FundMovementEntry:
    return db.session.execute(select(FundMovementEntry).where(FundMovementEntry.request_id == request_id)).scalar_one()


def _within_budget(project_id: int, fen: int) -> None:
    """Asked again when it is booked: a donation may have reached the project since. The voucher's lock keeps the answer true."""
    figures = queries.figures_of(project_id)
    if fen > figures.budget - figures.received:
        so_far = f"预算 {yuan(figures.budget)} 元，已到账 {yuan(figures.received)} 元"
        raise Conflict(f"项目{so_far}，再拨 {yuan(fen)} 元就超出预算，没有办理。请退回，按余下的数重新申请。")


def _enough(source_id: int, fen: int) -> None:
    """Said before the database says it; the CHECK on the balance has the last word."""
    source = db.session.execute(select(FundAccount.kind, FundAccount.name, FundAccount.balance).where(FundAccount.id == source_id)).one()
    if source.kind is not AccountKind.OUTSIDE and source.balance < fen:
        raise Conflict(f"“{source.name}”账上现有 {yuan(source.balance)} 元，不够这一笔 {yuan(fen)} 元，没有办理。")
