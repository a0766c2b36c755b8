"""The books of a period as a spot check sees them: which entries there were, and what stood on every account before and after. In fen."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import FundAccount, FundBudgetLine, FundMovementEntry, FundProject, FundRequest
from app.fund.rules import AccountKind, MovementKind
from app.spotchecks.rules import Entry


def last_voucher() -> int:
    """The newest voucher; 0 where there is none yet."""
    return db.session.scalar(select(func.coalesce(func.max(FundMovementEntry.voucher_no), 0))) or 0


def within(first: date, last: date, voucher: int) -> ColumnElement[bool]:
    """Booked in the period, as far as the books went."""
    return and_(FundMovementEntry.booked_on.between(first, last), FundMovementEntry.voucher_no <= voucher, FundMovementEntry.line_no == 1)


def population(first: date, last: date, voucher: int) -> list[Entry]:
    """What may be drawn, in the order of vouchers; one query."""
    source, target = aliased(FundAccount), aliased(FundAccount)
    found = (
        select(
            FundMovementEntry.id,
            FundMovementEntry.voucher_no,
            FundMovementEntry.booked_on,
            FundMovementEntry.kind,
            source.code,
            target.code,
            FundMovementEntry.fen,
        )
        .join(source, source.id == FundMovementEntry.from_account_id)
        .join(target, target.id == FundMovementEntry.to_account_id)
        .where(within(first, last, voucher))
        .order_by(FundMovementEntry.voucher_no)
    )
    return [Entry(row[0], row[1], row[2], row[3].value, *row[4:]) for row in db.session.execute(found)]


@dataclass(frozen=True)
class AccountLine:
    """One account over a period: `opening + came - went == closing`. `own`: counted in the fund's balance."""

    name: str
    own: bool
    opening: int
    came: int
    went: int

    @property
    def closing(self) -> int:
        return self.opening + self.came - self.went


def accounts(first: date, last: date, voucher: int) -> list[AccountLine]:
    """Every account that anything touched up to the end of the period, those of the outside world excepted; one query."""
    entry = FundMovementEntry
    came = case((entry.to_account_id == FundAccount.id, entry.fen), else_=0)
    went = case((entry.from_account_id == FundAccount.id, entry.fen), else_=0)
    before = entry.booked_on < first

    def sums(amount: ColumnElement[Any], when: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((when, amount), else_=0)), 0)

    found = (
        select(FundAccount.name, FundAccount.kind, sums(came - went, before), sums(came, ~before), sums(went, ~before))
        .join(entry, or_(entry.to_account_id == FundAccount.id, entry.from_account_id == FundAccount.id))
        .where(FundAccount.kind != AccountKind.OUTSIDE, entry.booked_on <= last, entry.voucher_no <= voucher)
        .group_by(FundAccount.id, FundAccount.name, FundAccount.kind)
        .order_by(FundAccount.id)
    )
    return [
        AccountLine(name, kind is not AccountKind.OTHER, int(opening), int(in_), int(out))
        for name, kind, opening, in_, out in db.session.execute(found)
    ]


@dataclass(frozen=True)
class Flow:
    """What the fund's own money did in a period: `opening + income - spent == closing`."""

    opening: int
    income: int
    spent: int
    closing: int


def flow(first: date, last: date, voucher: int) -> Flow:
    """Of all own accounts together; what goes from one to another of them is neither income nor spending. One query."""
    source, target = aliased(FundAccount), aliased(FundAccount)
    own = (AccountKind.GENERAL, AccountKind.PROJECT, AccountKind.RESTRICTED)
    entry = FundMovementEntry
    signed = case((target.kind.in_(own), entry.fen), else_=0) - case((source.kind.in_(own), entry.fen), else_=0)
    outgo = or_(entry.kind == MovementKind.SPENDING, entry.kind == MovementKind.REFUND)
    before = entry.booked_on < first
    opening, income, spent = db.session.execute(
        select(
            func.coalesce(func.sum(case((before, signed), else_=0)), 0),
            func.coalesce(func.sum(case((and_(~before, ~outgo), signed), else_=0)), 0),
            func.coalesce(func.sum(case((and_(~before, outgo), -signed), else_=0)), 0),
        )
        .join(source, source.id == entry.from_account_id)
        .join(target, target.id == entry.to_account_id)
        .where(entry.booked_on <= last, entry.voucher_no <= voucher)
    ).one()
    return Flow(int(opening), int(income), int(spent), int(opening) + int(income) - int(spent))


@dataclass(frozen=True)
class MovementLine:
    voucher_no: int
    booked_on: date
    kind: MovementKind
    source: str
    target: str
    fen: int
    memo: str
    line: str | None
    project: str | None
    request: str
    reverses: int | None


def movements(first: date, last: date, voucher: int) -> list[MovementLine]:
    """Every movement of the period in the order of vouchers; one query."""
    source, target, origin, entry = aliased(FundAccount), aliased(FundAccount), aliased(FundMovementEntry), FundMovementEntry
    found = (
        select(
            entry.voucher_no,
            entry.booked_on,
            entry.kind,
            source.name,
            target.name,
            entry.fen,
            entry.memo,
            FundBudgetLine.name,
            FundProject.name,
            FundRequest.number,
            origin.voucher_no,
        )
        .join(source, source.id == entry.from_account_id)
        .join(target, target.id == entry.to_account_id)
        .join(FundRequest, FundRequest.id == entry.request_id)
        .outerjoin(FundBudgetLine, FundBudgetLine.id == entry.budget_line_id)
        .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
        .outerjoin(origin, origin.id == entry.reverses_id)
        .where(within(first, last, voucher))
        .order_by(entry.voucher_no)
    )
    return [MovementLine(*tuple(row)) for row in db.session.execute(found)]
