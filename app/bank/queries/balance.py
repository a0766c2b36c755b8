"""余额调节表: the books' balance and the bank's on a day, and every line or request between them."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select

from app.bank.difference_rules import Balance, BankRow, BookRow, explain
from app.bank.models import BankAside, BankGroup, BankGroupLine, BankGroupRequest, BankLineEntry, BankMatch, BankStatement
from app.bank.queries.lines import first_day
from app.core.db import db
from app.fund.models import FundMovementEntry, FundRequest
from app.fund.money_rules import Verdict
from app.fund.queries.amounts import own_money, signed_fen
from app.fund.rules import MovementKind, RequestKind

L, S, M, R = BankLineEntry, BankStatement, FundMovementEntry, FundRequest
IN = (MovementKind.DONATION, MovementKind.REFUND, MovementKind.OPENING)


def _effect() -> ColumnElement[int]:
    """What a movement adds to what the fund has: grants, returns and transfers move inside it."""
    return case((M.kind.in_(IN), signed_fen()), (M.kind == MovementKind.SPENDING, -signed_fen()), else_=0)


def book_on(day: date) -> int:
    """What the fund has by its books at the end of a day; other money is not in it."""
    return int(db.session.scalar(select(func.coalesce(func.sum(_effect()), 0)).where(own_money(), M.booked_on <= day)) or 0)


def last_day() -> date | None:
    """Up to when the bank is known."""
    return db.session.scalar(select(func.max(S.last_on)).where(S.voided_at.is_(None)))


def balance(on: date) -> Balance | None:
    """None before the first statement; nine queries however many lines there are."""
    since = first_day()
    if since is None or on < since:
        return None
    eve = since - timedelta(days=1)
    opening, moved = _bank(on)
    book = book_on(on)
    return explain(on, book, opening + moved, book_on(eve) - opening, _bank_rows(on), _book_rows(since, on), _whole())


def _bank(on: date) -> tuple[int, int]:
    """What the accounts began with, each that is known by then at its first statement, and what went through them up to the day."""
    known = S.voided_at.is_(None), S.first_on <= on
    firsts = select(S.account_id, func.min(S.first_on).label("first_on")).where(*known).group_by(S.account_id).subquery()
    begun = select(func.coalesce(func.sum(S.opening), 0)).join(
        firsts, and_(firsts.c.account_id == S.account_id, firsts.c.first_on == S.first_on)
    )
    opening = db.session.scalar(begun.where(S.voided_at.is_(None)))
    moved = db.session.scalar(
        select(func.coalesce(func.sum(L.fen), 0)).join(S, S.id == L.statement_id).where(S.voided_at.is_(None), L.booked_on <= on)
    )
    return int(opening or 0), int(moved or 0)


def _bank_rows(on: date) -> list[BankRow]:
    agreed = and_(BankAside.line_id == L.id, BankAside.verdict == Verdict.APPROVED, BankAside.ended_at.is_(None))
    found = db.session.execute(
        select(L.id, L.booked_on, L.fen, L.party, L.memo, BankMatch.request_id, BankAside.reason, BankGroupLine.group_id)
        .join(S, S.id == L.statement_id)
        .outerjoin(BankMatch, and_(BankMatch.line_id == L.id, BankMatch.ended_at.is_(None)))
        .outerjoin(BankAside, agreed)
        .outerjoin(BankGroupLine, and_(BankGroupLine.line_id == L.id, ~BankGroupLine.ended))
        .where(S.voided_at.is_(None), L.booked_on <= on)
        .order_by(L.booked_on, L.id)
    )
    return [
        BankRow(line_id, day, fen, "，".join(part for part in (party, memo) if part) or "银行流水", request_id, aside, group_id)
        for line_id, day, fen, party, memo, request_id, aside, group_id in found
    ]


def _book_rows(since: date, on: date) -> list[BookRow]:
    """By the request that was booked, its reversal with it; of other money 0."""
    root = func.coalesce(R.corrects_id, R.id)
    asked = R.__table__.alias("asked")
    effect = func.sum(case((own_money(), _effect()), else_=0))
    shown = case((asked.c.kind == RequestKind.PAYMENT, -asked.c.fen), else_=asked.c.fen)
    group = BankGroupRequest.group_id
    found = db.session.execute(
        select(asked.c.id, func.min(M.booked_on), effect, asked.c.number, asked.c.purpose, group, shown)
        .select_from(M)
        .join(R, R.id == M.request_id)
        .join(asked, asked.c.id == root)
        .outerjoin(BankGroupRequest, and_(BankGroupRequest.request_id == asked.c.id, ~BankGroupRequest.ended))
        .where(M.booked_on >= since, M.booked_on <= on)
        .group_by(asked.c.id, asked.c.number, asked.c.purpose, group, asked.c.kind, asked.c.fen)
        .order_by(func.min(M.booked_on), asked.c.id)
    )
    return [
        BookRow(request_id, day, int(fen), f"{number}，{purpose}", group_id, int(bank))
        for request_id, day, fen, number, purpose, group_id, bank in found
    ]


def _whole() -> dict[int, int]:
    """How many lines each group has, whenever they were."""
    return dict(db.session.execute(select(BankGroup.id, BankGroup.lines).where(BankGroup.ended_at.is_(None))).all())
