"""A bank's table → lines, or every fault of every row. Columns are known by their headings, which differ from bank to bank. Pure.

All rows are good or none is brought in. After a fault the check of the balance goes on from what the row says, so one slip is one fault.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from app.core.errors import Invalid
from app.core.identity import NOT_KEPT, without_real_id_number
from app.core.words import yuan
from app.sheets.cells import BadCell, as_sent, clean_date, heading_word, line_of, text_of
from app.sheets.reading import Cell, Sheet

DAY, OUT, IN, AMOUNT, SIDE, BALANCE, PARTY, NUMBER, MEMO = "day", "out", "in", "amount", "side", "balance", "party", "number", "memo"
HEADINGS = {
    DAY: ("交易日期", "记账日期", "入账日期", "交易时间", "记账时间", "日期", "交易日"),
    OUT: ("借方发生额", "借方金额", "借方", "支出金额", "支出", "付款金额", "转出金额", "借方发生"),
    IN: ("贷方发生额", "贷方金额", "贷方", "收入金额", "收入", "收款金额", "转入金额", "贷方发生", "存入金额"),
    AMOUNT: ("交易金额", "发生额", "金额"),
    SIDE: ("借贷标志", "借贷方向", "借贷", "收支", "收付标志", "收支标志", "借/贷", "收/支", "往来账"),
    BALANCE: ("账户余额", "余额", "本次余额", "交易后余额", "当前余额", "联机余额"),
    PARTY: ("对方户名", "对方名称", "对方账户名称", "对方单位", "对方账户名", "交易对方", "收付款人名称", "收/付款人", "对手名称", "户名"),
    NUMBER: ("交易流水号", "流水号", "银行流水号", "核心流水号", "凭证号", "凭证号码", "回单编号", "回单号", "交易序号"),
    MEMO: ("摘要", "用途", "附言", "备注", "交易摘要", "摘要说明", "交易类型"),
}
NAMES = {DAY: "交易日期", OUT: "借方（支出）", IN: "贷方（收入）", AMOUNT: "金额", SIDE: "借贷标志", BALANCE: "余额"}
OUTWARD = frozenset({"借", "借方", "支", "支出", "付", "往账", "转出", "D", "DR", "-"})
INWARD = frozenset({"贷", "贷方", "收", "收入", "来账", "转入", "C", "CR", "+"})
NO_LINE = re.compile(r"合计|总计|小计|本页|期初|期末|上期|上页|承前|过次|余额结转|打印|说明|笔数")
SUM = re.compile(r"合计|总计|小计|本页|承前|过次|结转|(期初|期末|上期|上页)余额")  # where whom and what for stands: 打印费 is a line
MOST_YUAN = Decimal(10_000_000_000)
MOST_ROWS = 50_000
LOOKED_AT = 30  # rows in which the headings may stand
Money = Callable[[str], int | None]
Say = Callable[[str, str], None]
LONGEST = {PARTY: 80, NUMBER: 60, MEMO: 120}


@dataclass(frozen=True)
class Fault:
    """One cell that can not be right: what stands there, and what is expected."""

    column: str
    read: str
    expected: str


@dataclass
class Row:
    """A line as read; `number` is its row in the sheet. `fen` above zero came in."""

    number: int
    cells: list[Cell]
    day: date | None = None
    fen: int | None = None
    balance: int | None = None
    party: str = ""
    reference: str = ""
    memo: str = ""
    faults: list[Fault] = field(default_factory=list)

    def kept(self) -> list[str | int]:
        return [
            self.number,
            self.day.isoformat() if self.day else "",
            self.fen or 0,
            self.balance or 0,
            self.party,
            self.reference,
            self.memo,
        ]


@dataclass(frozen=True)
class Statement:
    """A whole file. `rows` in the order of time; `notes` are what the reader should know."""

    titles: list[str]
    rows: list[Row]
    first_on: date | None
    last_on: date | None
    opening: int
    closing: int
    notes: list[str]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.faults]


def read_statement(sheets: Sequence[Sheet]) -> Statement:
    """Raises Invalid (field `file`) where there is no table of a bank; faults of rows are in the answer."""
    found = [(sheet, top) for sheet in sheets if (top := _top(sheet.rows)) is not None]
    if not found:
        raise _fault("没有认出表头。对账单里要有“交易日期”“余额”，和“借方、贷方”（或“收入、支出”“金额”）。")
    if len(found) > 1:
        raise _fault(f"有 {len(found)} 张表都像对账单。请只留一张，另存后再传。")
    sheet, top = found[0]
    titles = [as_sent(cell) for cell in sheet.rows[top]]
    columns = _columns(sheet.rows[top])
    rows = [
        row
        for number, cells in enumerate(sheet.rows[top + 1 :], top + 2)
        if any(text_of(cell) for cell in cells) and (row := _row(number, cells, columns, titles))
    ]
    if not rows:
        raise _fault("表头下面没有一行流水。")
    if len(rows) > MOST_ROWS:
        raise _fault(f"有 {len(rows):,} 行，一次最多 {MOST_ROWS:,} 行。请分几个时段导出。")
    return _finished(titles, columns, rows)


def _fault(message: str) -> Invalid:
    return Invalid({"file": message}, message)


def _columns(cells: Sequence[Cell]) -> dict[str, int]:
    """Which column is what; the first word of a list that stands there wins."""
    words = [heading_word(cell) for cell in cells]
    return {key: words.index(word) for key, known in HEADINGS.items() if (word := next((one for one in known if one in words), None))}


def _top(rows: Sequence[Sequence[Cell]]) -> int | None:
    for place, cells in enumerate(rows[:LOOKED_AT]):
        found = _columns(cells)
        if DAY in found and BALANCE in found and (AMOUNT in found or (OUT in found and IN in found)):
            return place
    return None


def _cell(cells: Sequence[Cell], columns: dict[str, int], key: str) -> Cell:
    place = columns.get(key)
    return cells[place] if place is not None and place < len(cells) else None


def signed_yuan(cell: Cell) -> int | None:
    """Yuan to fen, exactly, below zero too: 1,234.50, -35.8, (35.80), ￥12. None when empty, or a lone dash."""
    text = re.sub(r"[,\s￥¥元+]|CNY|RMB|人民币", "", text_of(cell))
    if text in ("", "-", "--"):
        return None
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    if not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text, re.IGNORECASE):
        raise BadCell("数字，如 1,234.50")
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        raise BadCell("数字，如 1,234.50") from None
    if abs(fen) >= MOST_YUAN * 100:
        raise BadCell("一百亿元以内的金额")
    if isinstance(cell, float):
        fen = fen.quantize(Decimal("0.0001"))
    if fen != fen.to_integral_value():
        raise BadCell("到分为止，最多两位小数")
    return int(fen)


def _hidden(cell: Cell) -> Cell:
    """Numbers of identity documents that somebody wrote to the bank are not kept."""
    kept = without_real_id_number(str(cell)) if isinstance(cell, str | int) else ""
    return kept if NOT_KEPT in kept else cell


def _row(number: int, cells: list[Cell], columns: dict[str, int], titles: Sequence[str]) -> Row | None:
    """None for what is no line: sums, carried balances, footers."""
    cells = [cell if place == columns.get(NUMBER) else _hidden(cell) for place, cell in enumerate(cells)]
    row = Row(number, cells)
    if not re.search(r"\d", text_of(_cell(cells, columns, DAY))) and _says_sum(cells, columns):
        return None

    def title(key: str) -> str:
        return titles[columns[key]] if key in columns else NAMES[key]

    def fault(key: str, expected: str) -> None:
        row.faults.append(Fault(title(key), as_sent(_cell(cells, columns, key))[:60] or "（空）", expected))

    def money(key: str) -> int | None:
        try:
            return signed_yuan(_cell(cells, columns, key))
        except BadCell as bad:
            fault(key, bad.reason)
            return None

    try:
        row.day = clean_date(_cell(cells, columns, DAY))
        if row.day is None:
            fault(DAY, "日期，如 2026-03-14")
    except BadCell as bad:
        fault(DAY, f"日期，如 2026-03-14（{bad.reason}）")
    before = len(row.faults)
    row.fen = _one_amount(row, money, fault) if OUT in columns and IN in columns else _signed(row, columns, money, fault)
    if row.fen == 0 and len(row.faults) == before:
        fault(AMOUNT if AMOUNT in columns and not (OUT in columns and IN in columns) else OUT, "不是 0 的金额")
    row.balance = money(BALANCE)
    if row.balance is None and not any(one.column == title(BALANCE) for one in row.faults):
        fault(BALANCE, "这一笔之后的余额")
    row.party, row.reference, row.memo = (line_of(_cell(cells, columns, key))[: LONGEST[key]] for key in (PARTY, NUMBER, MEMO))
    return row


def _says_sum(cells: Sequence[Cell], columns: dict[str, int]) -> bool:
    words = {columns.get(PARTY), columns.get(MEMO)}
    return any((SUM if place in words else NO_LINE).search(text_of(cell)) for place, cell in enumerate(cells))


def _one_amount(row: Row, money: Money, fault: Say) -> int | None:
    before = len(row.faults)
    out, came = money(OUT), money(IN)
    if len(row.faults) > before:
        return None
    if out and came:
        fault(OUT, "借方、贷方只填一边")
        return None
    if out is None and came is None:
        fault(OUT, "借方、贷方填一边")
        return None
    return (came or 0) - (out or 0)


def _signed(row: Row, columns: dict[str, int], money: Money, fault: Say) -> int | None:
    before = len(row.faults)
    fen = money(AMOUNT)
    if fen is None:
        if len(row.faults) == before:
            fault(AMOUNT, "金额，如 1,234.50")
        return None
    if SIDE not in columns:
        return int(fen)
    side = text_of(_cell(row.cells, columns, SIDE)).upper()
    if side in OUTWARD:
        return -abs(int(fen))
    if side in INWARD:
        return abs(int(fen))
    fault(SIDE, "借或贷，收或支")
    return None


def _slips(rows: Sequence[Row], sign: int) -> int:
    """How many balances do not follow from the one before."""
    return sum(
        1
        for one, other in pairwise(rows)
        if one.balance is not None
        and other.balance is not None
        and other.fen is not None
        and one.balance + sign * other.fen != other.balance
    )


def _finished(titles: list[str], columns: dict[str, int], rows: list[Row]) -> Statement:
    """In the order of time, the sign as the balance says, every slip of the balance a fault."""
    notes: list[str] = []
    turned = rows[::-1]
    ways = [(rows, 1), (turned, 1), *([(rows, -1), (turned, -1)] if OUT in columns and IN in columns else [])]
    ordered, sign = min(ways, key=lambda way: _slips(*way))
    if ordered is turned:
        notes.append("表里新的在前，已倒过来按时间排。")
    if sign < 0:
        notes.append("从余额看，这家银行的借方是收入、贷方是支出，已照此读。")
        for row in ordered:
            row.fen = -row.fen if row.fen is not None else None
    balance_title = titles[columns[BALANCE]]
    day_title = titles[columns[DAY]]
    for one, other in pairwise(ordered):
        if one.balance is not None and other.balance is not None and other.fen is not None and one.balance + other.fen != other.balance:
            expected = f"{yuan(one.balance + other.fen)}（第 {one.number} 行余额 {yuan(one.balance)}，这一笔 {yuan(other.fen)}）"
            other.faults.append(Fault(balance_title, yuan(other.balance), expected))
        if one.day and other.day and other.day < one.day:
            other.faults.append(Fault(day_title, other.day.isoformat(), f"不早于第 {one.number} 行的 {one.day.isoformat()}"))
    days = [row.day for row in ordered if row.day]
    first, last = ordered[0], ordered[-1]
    return Statement(
        titles,
        ordered,
        min(days) if days else None,
        max(days) if days else None,
        (first.balance or 0) - (first.fen or 0),
        last.balance or 0,
        notes,
    )
