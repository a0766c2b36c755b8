"""What the cells of any office's table mean: one clean line, a heading's word, a day. Pure; a cell that can not be right raises BadCell."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from app.sheets.reading import Cell

CHINESE_GAP = re.compile(r"(?<=[\u2e80-\U0003ffff])\s+(?=[\u2e80-\U0003ffff])")
DATE_STYLES = (
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})\.?"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
MONTH_ONLY = re.compile(r"\d{4}(年\d{1,2}月?|[./-]\d{1,2}|\d{2})|\d{4}年?")
EXCEL_DAYS = range(5_000, 60_000)  # a date cell without its format: 1913 to 2064
EXCEL_ZERO = date(1899, 12, 30)


class BadCell(Exception):
    """The cell can not be right; the argument says why."""

    @property
    def reason(self) -> str:
        return str(self.args[0])


def text_of(cell: Cell) -> str:
    """A cell as one clean line: full-width letters and digits plain, blanks single, no control characters; 1.0 is 1."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell == cell and abs(cell) < 1e18 and cell.is_integer() else str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    folded = unicodedata.normalize("NFKC", str(cell))
    kept = "".join(" " if char.isspace() else char for char in folded if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join(kept.split())


PLAIN = {0xFEE0 + code: code for code in range(0x30, 0x7B) if chr(code).isalnum()} | {0x3000: 0x20}


def line_of(cell: Cell) -> str:
    """A cell as running text, to be kept: like `text_of`, but Chinese punctuation （，：） stays as it was written."""
    if not isinstance(cell, str):
        return text_of(cell)
    plain = unicodedata.normalize("NFC", cell).translate(PLAIN)
    kept = "".join(" " if char.isspace() else char for char in plain if char.isspace() or unicodedata.category(char)[0] != "C")
    return CHINESE_GAP.sub("", " ".join(kept.split()))


def several(cell: Cell) -> list[str]:
    """What a cell names, one a line or between semicolons."""
    whole = cell if isinstance(cell, str) else text_of(cell)
    return [word for part in re.split(r"[;；\n]", whole) if (word := line_of(part))]


def folded(text: str) -> str:
    """How two spellings of one name are compared: （东） is (东), 张　三 is 张三."""
    return CHINESE_GAP.sub("", text_of(text))


def as_sent(cell: Cell) -> str:
    """A cell as the office wrote it, for showing it back."""
    return " ".join(cell.split()) if isinstance(cell, str) else text_of(cell)


def as_kept(cell: Cell) -> str | int | float | None:
    """A cell as it was sent, in a form that JSON keeps."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell if isinstance(cell, int | float | None) else as_sent(cell)


def heading_word(cell: Cell) -> str:
    """A heading without blanks, stars, colons and what stands in brackets: "手机号码（必填）*" is 手机号码."""
    word = re.sub(r"\s|[*:]|\((?!社区)[^)]*\)", "", text_of(cell))
    return word.replace("(社区)", "社区").replace("(", "").replace(")", "")


def clean_date(cell: Cell) -> date | None:
    """A day in any of the styles 2019年3月14日, 2019.3.14, 2019/03/14, 2019-03-14, 20190314, or a date cell. None when empty."""
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, time | timedelta | bool):
        raise BadCell("这里要填日期")
    if isinstance(cell, int | float) and cell in EXCEL_DAYS:
        return _plausible(EXCEL_ZERO + timedelta(days=int(cell)))
    text = re.sub(r"(?<=\d)[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", text_of(cell)).replace(" ", "").replace("。", ".")
    if not text:
        return None
    for style in DATE_STYLES:
        if found := style.fullmatch(text):
            return _day(*(int(part) for part in found.groups()))
    if MONTH_ONLY.fullmatch(text):
        raise BadCell("少了月或日，请写成 2019-03-14 这样")
    raise BadCell("看不出是哪一天，请写成 2019-03-14 这样")


def _day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise BadCell(f"没有 {month} 月")
    try:
        return _plausible(date(year, month, day))
    except ValueError:
        raise BadCell(f"{year} 年 {month} 月没有 {day} 日") from None


def _plausible(day: date) -> date:
    if not 1900 <= day.year <= 2100:
        raise BadCell(f"年份 {day.year} 不对")
    return day
