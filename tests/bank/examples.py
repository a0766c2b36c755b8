"""Statements for the tests of the bank, as banks send them."""

import hashlib
from datetime import date

from sqlalchemy import select

from app.bank.models import BankLineEntry, BankMatch
from app.bank.queries import statements as found
from app.bank.reading import read_statement
from app.bank.service import groups, lines, statements
from app.core import clock
from app.core.db import db, in_transaction
from app.fund.rules import DonationNoted
from app.fund.service import requests
from app.sheets.reading import read

Line = tuple[date, int, str, str, str]  # day, fen, party, reference, memo


def csv_of(opening: int, *given: Line) -> bytes:
    """As most banks do: 借方 is out, 贷方 is in, in yuan."""
    rows, balance = ["某银行对账单", "交易日期,借方发生额,贷方发生额,余额,对方户名,交易流水号,摘要"], opening
    for day, fen, party, reference, memo in given:
        balance += fen
        out, came = (f"{-fen / 100:.2f}", "") if fen < 0 else ("", f"{fen / 100:.2f}")
        rows.append(f"{day.isoformat()},{out},{came},{balance / 100:.2f},{party},{reference},{memo}")
    return "\n".join(rows).encode("gb18030")


def account(by: int, name: str = "基金专户") -> int:
    known = found.account_named(name)
    return known if known is not None else in_transaction(lambda: statements.add_account(name, "6688", by, clock.now()))


def previewed(data: bytes, by: int, period: tuple[date | None, date | None] = (None, None), name: str = "基金专户") -> int:
    account_id, read_in = account(by, name), read_statement(read(data, "流水.csv"))
    digest = hashlib.sha256(data).hexdigest()
    return in_transaction(lambda: statements.preview(account_id, "流水.csv", digest, read_in, period, by, clock.now()))


def bring(by: int, opening: int, *given: Line, period: tuple[date | None, date | None] = (None, None), name: str = "基金专户") -> int:
    preview_id = previewed(csv_of(opening, *given), by, period, name)
    return in_transaction(lambda: statements.bring_in(preview_id, by, clock.now()))


def line_ids(statement_id: int) -> list[int]:
    return list(db.session.scalars(select(BankLineEntry.id).where(BankLineEntry.statement_id == statement_id).order_by(BankLineEntry.seq)))


def match(line_id: int, request_id: int, by: int) -> None:
    in_transaction(lambda: lines.match(line_id, request_id, by, clock.now()))


def examples(by: int, other: int) -> dict[str, int]:
    """One of each thing that the bank's addresses name, for the walk of all routes: brought by one, a gift in it noted by another."""
    today, now = clock.today(), clock.now()
    noted = DonationNoted(None, 30_000, "何先生", "", "街坊捐赠", "R-1", today)
    gift = in_transaction(lambda: requests.note_donation(noted, other, now))
    statement = bring(by, 0, (today, 12_00, "利息", "", "结息"), (today, 30_000, "何先生", "R-1", ""))
    line, given = line_ids(statement)
    aside = in_transaction(lambda: lines.ask_aside(line, "利息", by, now))
    match(given, gift, by)
    group = _group(by, other)
    preview = previewed(csv_of(0, (today, 5_00, "", "", "")), by)
    made = db.session.scalars(select(BankMatch.id)).one()
    return {"statement_id": statement, "line_id": line, "aside_id": aside, "match_id": made, "preview_id": preview, "bank_group_id": group}


def _group(by: int, other: int) -> int:
    """One line that is two gifts, on an account of its own."""
    today, now = clock.today(), clock.now()
    noted = [DonationNoted(None, fen, "何先生", "", "街坊捐赠", f"R-{fen}", today) for fen in (40_000, 50_000)]
    gifts = [in_transaction(lambda one=one: requests.note_donation(one, other, now)) for one in noted]  # type: ignore[misc]  # bound at once
    (line,) = line_ids(bring(by, 0, (today, 90_000, "代收", "", ""), name="代收户"))
    return in_transaction(lambda: groups.tie([line], gifts, by, now))
