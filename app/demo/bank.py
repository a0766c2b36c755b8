"""The demo's bank: two statements, one after the other; what was checked before is matched, one payment in two parts, the rest left
for today; one to set aside.
"""

import hashlib
from datetime import date, datetime, timedelta

from app.bank import rules
from app.bank.queries import balance, lines, statements
from app.bank.reading import read_statement
from app.bank.service import groups as together
from app.bank.service import lines as saying
from app.bank.service import statements as bringing
from app.core.clock import local_date
from app.core.db import in_transaction
from app.demo.fund_road import Hands
from app.fund.queries.requests import standing
from app.sheets.reading import read

DAYS = 75  # from how far back the bank is known
INTEREST = 186_42
Line = tuple[date, int, str, str, str]


def load(hands: Hands, now: datetime) -> None:
    """After the fund's requests; brought and matched by the administrator, who neither notes nor pays."""
    today = local_date(now)
    first = today - timedelta(days=DAYS)
    middle = today - timedelta(days=30)
    account = in_transaction(lambda: bringing.add_account("基金专户", "6688", hands.administrator, now))
    known = lines.every_candidate(first)
    parts = _in_parts(known)
    moved = [(one.day, fen, one.party, one.reference, "") for one in known for fen in parts.get(one.id, (one.fen,))]
    moved.append((middle - timedelta(days=1), INTEREST, "", "", "季度结息"))
    opening = balance.book_on(first - timedelta(days=1))
    for since, until in ((first, middle), (middle + timedelta(days=1), today)):
        given = sorted(line for line in moved if since <= line[0] <= until)
        if given:
            opening = _statement(account, opening, given, (since, until), hands, now)
    _match(hands, now)
    for request_id, amounts in parts.items():
        some = [line.id for line in lines.free_lines() if line.fen in amounts]
        if len(some) == len(amounts):
            in_transaction(lambda request_id=request_id, some=some: together.tie(some, [request_id], hands.administrator, now))  # type: ignore[misc]
    _aside(hands, now)


def _in_parts(known: list[rules.Candidate]) -> dict[int, tuple[int, int]]:
    """The largest payment that was checked by hand before, which the bank paid in two parts."""
    paid = [one for one in known if one.fen < -100_000 and saying.step_wanted(standing(one.id)) is None]
    largest = min(paid, key=lambda one: one.fen, default=None)
    return {largest.id: (largest.fen + 80_000, -80_000)} if largest else {}


def _statement(account: int, opening: int, given: list[Line], period: tuple[date, date], hands: Hands, now: datetime) -> int:
    """Returns the closing balance."""
    rows, held = ["交易日期,借方发生额,贷方发生额,余额,对方户名,交易流水号,摘要"], opening
    for day, fen, party, reference, memo in given:
        held += fen
        out, came = (f"{-fen / 100:.2f}", "") if fen < 0 else ("", f"{fen / 100:.2f}")
        rows.append(f"{day.isoformat()},{out},{came},{held / 100:.2f},{party},{reference},{memo}")
    data, name = "\n".join(rows).encode("gb18030"), f"基金专户流水{period[0]:%Y%m}.csv"
    found, digest, by = read_statement(read(data, name)), hashlib.sha256(data).hexdigest(), hands.administrator
    preview = in_transaction(lambda: bringing.preview(account, name, digest, found, period, by, now))
    in_transaction(lambda: bringing.bring_in(preview, by, now))
    return held


def _match(hands: Hands, now: datetime) -> None:
    """What was checked by hand before; what still waits for its step is left to whoever tries it."""
    for pair in rules.suggest(lines.free_lines(), lines.candidates()):
        if saying.step_wanted(standing(pair.request_id)) is None:
            in_transaction(lambda pair=pair: saying.match(pair.line_id, pair.request_id, hands.administrator, now))  # type: ignore[misc]


def _aside(hands: Hands, now: datetime) -> None:
    interest = next((line for line in lines.free_lines() if line.fen == INTEREST), None)
    if interest is not None and statements.statements():
        in_transaction(lambda: saying.ask_aside(interest.id, "账户利息，季度末由财务另记", hands.approver, now))
