"""What the cells of a register mean. A cell that can not be right raises BadCell with the reason, in words for the clerk. Pure."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from app.hours.rules import HourClass, HourKind
from app.people.naming import phone_fault, tidy_phone
from app.sheets.cells import BadCell, folded, text_of
from app.sheets.reading import Cell

T = TypeVar("T")

HOUR_KIND_WORDS = {HourKind.SERVICE: "服务", HourKind.STUDY: "学习"}
CLASS_WORDS = {HourClass.CREDIT: "信用时数", HourClass.HONOUR: "荣誉时数"}
HOLDER = re.compile(r"(.+?)[(（ ]*(\d{4}|GC-\d{4}-\d{4})[)） ]*")
WORDED_HOURS = re.compile(r"(?:(\d+)(?:小时|时|h))?(?:(\d+)(?:分钟|分|min))?", re.IGNORECASE)
DAY_MINUTES = 24 * 60
HAIR = Decimal("0.000001")  # of a minute: what a spreadsheet's own arithmetic loses, far below rounding


def named(words: dict[T, str]) -> Callable[[Cell], T | None]:
    """Reads one of the names in use; None when empty."""

    def clean(cell: Cell) -> T | None:
        word = folded(text_of(cell))
        if not word:
            return None
        for kind, name in words.items():
            if word == folded(name):
                return kind
        raise BadCell(f"只能填{'、'.join(words.values())}")

    return clean


def clean_minutes(cell: Cell) -> int:
    """Hours to whole minutes, exactly and never up: 2.5 is 150, 0.33 is 19. 2小时30分, 90分钟 and 2:30 are read too."""
    minutes = _minutes(cell)
    if minutes <= 0:
        raise BadCell("时长要大于 0")
    if minutes > DAY_MINUTES:
        raise BadCell("一天最多 24 小时")
    return minutes


def _minutes(cell: Cell) -> int:
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, timedelta):
        return int(cell.total_seconds() // 60)
    if isinstance(cell, bool | datetime | date):
        raise BadCell("时长请填小时数，如 2.5")
    text = text_of(cell).replace(" ", "")
    if not text:
        raise BadCell("没有填时长")
    if (clocked := re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", text)) and int(clocked[2]) < 60:
        return int(clocked[1]) * 60 + int(clocked[2])
    if (worded := WORDED_HOURS.fullmatch(text)) and any(worded.groups()):
        return int(worded[1] or 0) * 60 + int(worded[2] or 0)
    try:
        hours = Decimal(repr(cell) if isinstance(cell, float) else text.removesuffix("小时"))
    except InvalidOperation:
        raise BadCell("时长请填小时数，如 2.5") from None
    if not hours.is_finite() or abs(hours) > 10_000:
        raise BadCell("时长请填小时数，如 2.5")
    return int((hours * 60 + HAIR).to_integral_value(rounding="ROUND_FLOOR"))


def hours_out(minutes: int) -> float:
    """Hours with two decimals, the fewest that are read back as the same minutes: 112 is 1.87, 20 is 0.34."""
    return -(-minutes * 100 // 60) / 100


def clean_phone(cell: Cell) -> str:
    """Eleven digits, or "" for an empty cell."""
    digits = tidy_phone(text_of(cell))
    if digits and (fault := phone_fault(digits)):
        raise BadCell(fault)
    return digits


def clean_seats(cell: Cell) -> int | None:
    text = text_of(cell)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 999):
        raise BadCell("名额填 1 到 999 的整数")
    return int(text)


def clean_number(cell: Cell) -> int | None:
    """A volunteer's number GC-0000-0001 → the person's id."""
    text = text_of(cell).upper()
    if not text:
        return None
    if not (found := re.fullmatch(r"GC-(\d{4,6})-(\d{4})", text)):
        raise BadCell("志愿者编号像 GC-0000-0001 这样")
    return int(found[1]) * 10_000 + int(found[2])


def holder_of(text: str) -> tuple[str, str]:
    """何嘉怡（8000） → name and the last four digits (or a volunteer's number); the second is "" where there is none."""
    found = HOLDER.fullmatch(text)
    return (folded(found[1]), found[2]) if found else (folded(text), "")


MOST_YUAN = Decimal(10_000_000_000)


def clean_yuan(cell: Cell, *, per: int = 1) -> int | None:
    """Yuan to fen, exactly: 35880.5, 35,880.50 and ￥35880.5元 are 3588050. `per` is 10,000 under a heading in 万元. None when empty."""
    if isinstance(cell, bool | datetime | date | time | timedelta):
        raise BadCell("金额请填数字，如 35880.50")
    text = re.sub(r"[,，\s￥¥]", "", text_of(cell))
    if not text:
        return None
    if text.endswith("万元") or text.endswith("万"):
        text, per = re.sub(r"万元?$", "", text), 10_000
    try:
        yuan = Decimal(repr(cell) if isinstance(cell, float) else text.removesuffix("元")) * per
    except InvalidOperation:
        raise BadCell("金额请填数字，如 35880.50") from None
    if not yuan.is_finite() or not 0 <= yuan < MOST_YUAN:
        raise BadCell("金额要在 0 到一百亿元之间")
    fen = (yuan * 100).quantize(Decimal("0.0001")) if isinstance(cell, float) else yuan * 100
    if fen != fen.to_integral_value():
        raise BadCell("金额最多两位小数，到分为止")
    return int(fen)


def clean_count(cell: Cell) -> int | None:
    """A number of people or of times: 4200, 4,200, 1.2万. None when empty."""
    text = re.sub(r"[,，\s]|人次$|次$", "", text_of(cell))
    if not text:
        return None
    times = 10_000 if text.endswith("万") else 1
    try:
        number = Decimal(text.removesuffix("万")) * times
    except InvalidOperation:
        raise BadCell("人次请填整数，如 4200") from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number < 1_000_000_000:
        raise BadCell("人次请填整数，如 4200")
    return int(number)
