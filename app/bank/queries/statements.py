"""Accounts, previews and statements; what stands in the way of bringing one in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.bank.models import BankAccount, BankAside, BankGroupLine, BankLineEntry, BankMatch, BankPreview, BankStatement
from app.core.db import db
from app.core.words import full_day, yuan
from app.fund.money_rules import Verdict
from app.people.models import Person

S, L = BankStatement, BankLineEntry


def stands() -> ColumnElement[bool]:
    """Of an aside: asked for or agreed to, and not ended."""
    return BankAside.ended_at.is_(None) & or_(BankAside.verdict.is_(None), BankAside.verdict == Verdict.APPROVED)


def matched() -> ColumnElement[bool]:
    """Of a line: it is a request, or some together with others."""
    return or_(
        exists().where(BankMatch.line_id == L.id, BankMatch.ended_at.is_(None)).correlate(L),
        exists().where(BankGroupLine.line_id == L.id, ~BankGroupLine.ended).correlate(L),
    )


def account_named(name: str) -> int | None:
    return db.session.scalar(select(BankAccount.id).where(BankAccount.name == name))


def accounts() -> list[tuple[int, str, str]]:
    found = db.session.execute(select(BankAccount.id, BankAccount.name, BankAccount.tail).order_by(BankAccount.id))
    return [(account_id, name, tail) for account_id, name, tail in found]


@dataclass(frozen=True)
class StatementRow:
    id: int
    account_id: int
    account: str
    tail: str
    file_name: str
    first_on: date
    last_on: date
    opening: int
    closing: int
    lines: int
    made_at: datetime
    made_by_id: int
    made_by: str
    voided_at: datetime | None
    void_reason: str
    open: int  # lines that are neither matched nor set aside


def statements(*where: ColumnElement[bool]) -> list[StatementRow]:
    """Newest first; one query."""
    settled = or_(
        matched(),
        exists().where(BankAside.line_id == L.id, BankAside.verdict == Verdict.APPROVED, BankAside.ended_at.is_(None)).correlate(L),
    )
    left = select(func.count()).where(L.statement_id == S.id, ~settled).correlate(S).scalar_subquery()
    found = db.session.execute(
        select(
            S.id,
            S.account_id,
            BankAccount.name,
            BankAccount.tail,
            S.file_name,
            S.first_on,
            S.last_on,
            S.opening,
            S.closing,
            S.lines,
            S.made_at,
            S.made_by_id,
            Person.name,
            S.voided_at,
            S.void_reason,
            left,
        )
        .join(BankAccount, BankAccount.id == S.account_id)
        .join(Person, Person.id == S.made_by_id)
        .where(*where)
        .order_by(S.first_on.desc(), S.id.desc())
    )
    return [StatementRow(*tuple(row)) for row in found]


def statement(statement_id: int) -> StatementRow | None:
    return next(iter(statements(S.id == statement_id)), None)


@dataclass(frozen=True)
class Hole:
    """Days of an account that no statement covers."""

    account: str
    first_on: date
    last_on: date


def holes(rows: list[StatementRow]) -> list[Hole]:
    """Between the valid ones of `rows`, by account."""
    by_account: dict[int, list[StatementRow]] = {}
    for row in rows:
        if row.voided_at is None:
            by_account.setdefault(row.account_id, []).append(row)
    day = timedelta(days=1)
    return [
        Hole(one.account, one.last_on + day, other.first_on - day)
        for held in by_account.values()
        for one, other in pairwise(sorted(held, key=lambda row: row.first_on))
        if other.first_on > one.last_on + day
    ]


def blocks(account_id: int, digest: str, first_on: date, last_on: date, opening: int, closing: int) -> list[str]:
    """Why a statement can not be brought in beside those that are there, in words; empty when it can."""
    if db.session.scalar(select(exists().where(S.digest == digest, S.voided_at.is_(None)))):
        return ["这份文件已经导入过了。"]
    there = list(statements(S.account_id == account_id, S.voided_at.is_(None)))
    found = [
        f"与已导入的 {full_day(row.first_on)}到{full_day(row.last_on)} 重叠"
        for row in there
        if row.first_on <= last_on and row.last_on >= first_on
    ]
    if found:
        return found
    before = next((row for row in there if row.last_on < first_on), None)
    after = next((row for row in reversed(there) if row.first_on > last_on), None)
    if before and before.closing != opening:
        found.append(
            f"期初余额 {yuan(opening)} 元，与上一份（到{full_day(before.last_on)}）的期末 {yuan(before.closing)} 元接不上，中间少了流水"
        )
    if after and after.opening != closing:
        found.append(
            f"期末余额 {yuan(closing)} 元，与后一份（从{full_day(after.first_on)}）的期初 {yuan(after.opening)} 元接不上，中间少了流水"
        )
    return found


def has_later(account_id: int, day: date) -> bool:
    return bool(db.session.scalar(select(exists().where(S.account_id == account_id, S.voided_at.is_(None), S.first_on > day))))


def stands_on(statement_id: int) -> bool:
    """A match, a group or an aside lives on one of its lines."""
    of_it = select(L.id).where(L.statement_id == statement_id)
    return bool(
        db.session.scalar(select(exists().where(BankMatch.line_id.in_(of_it), BankMatch.ended_at.is_(None))))
        or db.session.scalar(select(exists().where(BankGroupLine.line_id.in_(of_it), ~BankGroupLine.ended)))
        or db.session.scalar(select(exists().where(BankAside.line_id.in_(of_it), stands())))
    )


def preview(preview_id: int) -> BankPreview | None:
    return db.session.get(BankPreview, preview_id, populate_existing=True)


def previews(by_id: int) -> list[tuple[int, str, datetime, int]]:
    """One's own that wait: id, file, when, how many rows."""
    found = select(BankPreview.id, BankPreview.file_name, BankPreview.made_at, BankPreview.count).where(BankPreview.made_by_id == by_id)
    return [(one[0], one[1], one[2], one[3]) for one in db.session.execute(found.order_by(BankPreview.id.desc()))]
