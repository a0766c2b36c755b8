"""余额调节表: of any day, on screen, on paper, as xlsx."""

from datetime import date

from flask import Response, request

from app.bank.queries import balance as balances
from app.bank.rules import Balance, ItemKind
from app.bank.views.shared import bp, for_the_whole
from app.core import clock
from app.core.permissions import Action
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.guards import requires
from app.webkit.htmx import render

GROUPS = (
    (ItemKind.BOOK_IN, "账上已收、银行未收"),
    (ItemKind.BOOK_OUT, "账上已付、银行未付"),
    (ItemKind.BANK_IN, "银行已收、账上未收"),
    (ItemKind.BANK_OUT, "银行已付、账上未付"),
    (ItemKind.ASIDE, "不属基金、已另列的"),
    (ItemKind.OTHER, "经过本账户的其他钱"),
    (ItemKind.BEGINNING, "开始对账以前的差"),
)


def _day() -> date:
    """As asked, else the last day that the bank is known for; never ahead of today."""
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        asked = balances.last_day() or clock.today()
    return min(asked, clock.today())


@bp.get("/fund/bank/balance")
@requires(Action.FUND_READ)
def show_balance() -> Response:
    for_the_whole(Action.FUND_READ)
    on = _day()
    return render("bank/balance.html", on=on, balance=balances.balance(on), groups=GROUPS, last=balances.last_day())


@bp.get("/fund/bank/balance/printed")
@requires(Action.FUND_READ)
def print_balance() -> Response:
    for_the_whole(Action.FUND_READ)
    on = _day()
    return render("bank/balance_printed.html", on=on, balance=balances.balance(on), groups=GROUPS)


@bp.get("/fund/bank/balance.xlsx")
@requires(Action.FUND_READ)
def balance_sheet() -> Response:
    for_the_whole(Action.FUND_READ)
    on = _day()
    found = balances.balance(on)
    return attachment(xlsx(_table(on, found)), XLSX, f"bank-balance-{on.isoformat()}.xlsx")


def _table(on: date, found: Balance | None) -> Table:
    rows: list[list[Value]] = []
    if found is not None:
        rows.append(["账上余额", None, "", found.book / 100])
        rows.append(["银行余额", None, "", found.bank / 100])
        for kind, words in GROUPS:
            rows.extend([words, item.day, item.words, item.fen / 100] for item in found.of(kind))
        rows.append(["没有说明的差", None, "账上余额 − 银行余额 − 以上各项", found.unexplained / 100])
    return Table("余额调节表", ["项目", "日期", "说明", "金额（元）"], rows, title=f"{on.isoformat()} 银行存款余额调节表")
