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
