"""余额调节表: of any day, on screen, on paper, as xlsx."""

from datetime import date

from flask import Response, request

from app.bank.difference_rules import Balance, ItemKind
from app.bank.queries import balance as balances
from app.bank.views.shared import bp, for_the_whole
from app.core import clock
from app.core.permissions import Action
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.guards import requires
from app.webkit.htmx import render

K = ItemKind
# Of each side: kind, words, and by what its items are multiplied to be read under these words.
BOOKS = (
    (K.BANK_IN, "加：银行已收、账上未收", -1),
    (K.BANK_OUT, "减：银行已付、账上未付", 1),
    (K.ASIDE, "加（负数是减）：不属基金、已另列的", -1),
    (K.OTHER, "加（负数是减）：经过本账户的其他钱", -1),
    (K.BEGINNING, "加（负数是减）：开始对账以前的差", -1),
)
BANK = ((K.BOOK_IN, "加：账上已收、银行未收", 1), (K.BOOK_OUT, "减：账上已付、银行未付", -1))
MOST = 100  # items of one kind on the screen


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
    return render("bank/balance.html", on=on, balance=balances.balance(on), sides=(BOOKS, BANK), most=MOST, last=balances.last_day())


@bp.get("/fund/bank/balance/printed")
@requires(Action.FUND_READ)
def print_balance() -> Response:
    for_the_whole(Action.FUND_READ)
    on = _day()
    return render("bank/balance_printed.html", on=on, balance=balances.balance(on), sides=(BOOKS, BANK), most=None)


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
        for name, start, side, end in (("账上", found.book, BOOKS, found.adjusted_book), ("银行", found.bank, BANK, found.adjusted)):
            rows.append([f"{name}余额", None, "", start / 100])
            for kind, words, sign in side:
                rows.extend([words, item.day, item.words, sign * item.fen / 100] for item in found.of(kind))
            rows.append([f"{name}调节后余额", None, "", end / 100])
        rows.append(["没有说明的差", None, "两个调节后余额应该一样", found.unexplained / 100])
    return Table("余额调节表", ["项目", "日期", "说明", "金额（元）"], rows, title=f"{on.isoformat()} 银行存款余额调节表")
