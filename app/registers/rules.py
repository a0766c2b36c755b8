"""What a register's columns and cells mean. Pure; a cell that can not be right raises BadCell with the reason, in words for the clerk."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from app.hours.rules import HourClass, HourKind
from app.people.naming import phone_fault, tidy_phone
from app.sheets.cells import BadCell as BadCell
from app.sheets.cells import as_sent, clean_date, folded, heading_word, line_of, text_of
from app.sheets.reading import Cell

T = TypeVar("T")


class RegisterKind(StrEnum):
    UNITS = "units"
    PLACES = "places"
    POSTS = "posts"
    HOURS = "hours"


KIND_NAMES = {RegisterKind.UNITS: "组织", RegisterKind.PLACES: "地点", RegisterKind.POSTS: "岗位", RegisterKind.HOURS: "历史时长"}


class RowVerdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Column:
    """One column: the first title is ours, the others are what offices write. A row without a `needed` cell is refused."""

    key: str
    titles: tuple[str, ...]
    example: str
    needed: bool = False

    @property
    def title(self) -> str:
        return self.titles[0]


COLUMNS: dict[RegisterKind, tuple[Column, ...]] = {
    RegisterKind.UNITS: (
        Column("name", ("名称", "组织名称", "党组织名称", "单位名称"), "灯湖社区第一党支部", needed=True),
        Column("kind", ("类别", "组织类别", "类型", "组织类型"), "党支部", needed=True),
        Column("parent", ("上级", "上级组织", "上级党组织", "上级单位", "隶属"), "灯湖社区党委"),
        Column("opened", ("成立日期", "成立时间", "设立日期"), "2019-07-01"),
        Column("closed", ("关闭日期", "撤销日期", "关闭时间", "撤销时间"), ""),
        Column("places", ("对应地点", "所在地点", "地点"), "灯湖社区/中海万锦豪园"),
    ),
    RegisterKind.PLACES: (
        Column("name", ("名称", "地点名称", "地点"), "银杏一座", needed=True),
        Column("kind", ("类别", "地点类别", "类型", "地点类型"), "楼栋", needed=True),
        Column("parent", ("上级", "上级地点", "所在地点", "所属地点"), "灯湖社区/中海万锦豪园"),
        Column("units", ("对应组织", "组织", "党组织", "对应党组织"), "灯湖社区第一党支部"),
    ),
    RegisterKind.POSTS: (
        Column("unit", ("组织", "所在组织", "党组织", "所属组织"), "灯湖社区第一党支部", needed=True),
        Column("title", ("岗位", "岗位名称", "职务"), "银杏一座楼长", needed=True),
        Column("kind", ("类别", "岗位类别", "类型"), "楼长", needed=True),
        Column("place", ("地点", "所在地点", "负责地点"), "灯湖社区/中海万锦豪园/银杏一座"),
        Column("seats", ("名额", "人数", "岗位人数"), "1"),
        Column("holder", ("任职人", "姓名", "担任人"), "何嘉怡（8000）"),
        Column("since", ("任职日期", "任职时间", "上任日期"), "2026-01-01"),
        Column("due", ("到期日期", "到期时间", "任期至"), "2028-12-31"),
    ),
    RegisterKind.HOURS: (
        Column("name", ("姓名", "名字", "志愿者姓名"), "何嘉怡", needed=True),
        Column("phone", ("手机号码", "手机", "手机号", "联系电话", "电话"), "13800138000"),
        Column("served", ("服务日期", "日期", "活动日期", "服务时间"), "2024-03-05", needed=True),
        Column("words", ("活动或内容", "活动", "内容", "活动名称", "服务内容"), "学雷锋日便民服务", needed=True),
        Column("minutes", ("时长", "服务时长", "时长小时", "小时", "服务小时", "小时数"), "2.5", needed=True),
        Column("kind", ("类别", "时长类别", "类型"), "服务"),
        Column("source", ("来源", "记录来源", "出处"), "纸质台账", needed=True),
        Column("hour_class", ("时数类别", "时长性质"), ""),
        Column("number", ("志愿者编号", "编号"), ""),
    ),
}  # fmt: skip
LEADING = {RegisterKind.UNITS: "name", RegisterKind.PLACES: "name", RegisterKind.POSTS: "title", RegisterKind.HOURS: "name"}

HEADING_WITHIN = 20  # rows: a title, notes, sometimes a preface
TOTALS = re.compile(r"^(合计|总计|小计|共计|累计)([:：(（\d].*)?$")
HOLDER = re.compile(r"(.+?)[(（ ]*(\d{4}|GC-\d{4}-\d{4})[)） ]*")
WORDED_HOURS = re.compile(r"(?:(\d+)(?:小时|时|h))?(?:(\d+)(?:分钟|分|min))?", re.IGNORECASE)
DAY_MINUTES = 24 * 60
HAIR = Decimal("0.000001")  # of a minute: what a spreadsheet's own arithmetic loses, far below rounding


@dataclass(frozen=True)
class Heading:
    """Where the columns are. `row` counts from 0; `titles` is the whole row as it stands in the sheet."""

    row: int
    places: dict[str, int]
    titles: tuple[str, ...]


def find_heading(kind: RegisterKind, rows: Sequence[Sequence[Cell]]) -> Heading | None:
    """The row among the top ones that names the most of the register's columns, its leading one among them."""
    meaning = {heading_word(title): column.key for column in COLUMNS[kind] for title in column.titles}
    best: Heading | None = None
    for number, cells in enumerate(rows[:HEADING_WITHIN]):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            key = meaning.get(heading_word(cell))
            if key is not None:
                places.setdefault(key, place)
        if LEADING[kind] in places and len(places) >= 2 and (best is None or len(places) > len(best.places)):
            best = Heading(number, places, tuple(text_of(cell) for cell in cells))
    return best


def missing_columns(kind: RegisterKind, heading: Heading) -> list[str]:
    return [column.title for column in COLUMNS[kind] if column.needed and column.key not in heading.places]


@dataclass
class Row:
    """One row of the sheet by its own number, read cell by cell; what is wrong with it is collected in `faults`."""

    kind: RegisterKind
    number: int
    cells: dict[str, Cell]
    titles: dict[str, str]
    raw: tuple[Cell, ...]
    faults: list[tuple[str, str, str]] = field(default_factory=list)  # (the sheet's title, what was sent, why not)

    def read(self, key: str, clean: Callable[[Cell], T], instead: T) -> T:
        try:
            return clean(self.cells.get(key))
        except BadCell as bad:
            self.fault(key, bad.reason)
            return instead

    def line(self, key: str, longest: int = 80) -> str:
        """The cell as running text; an empty one that is needed is a fault."""

        def clean(cell: Cell) -> str:
            text = line_of(cell)
            if len(text) > longest:
                raise BadCell(f"最多 {longest} 个字，这里有 {len(text)} 个")
            if not text and any(column.key == key and column.needed for column in COLUMNS[self.kind]):
                raise BadCell(f"没有填{self.title(key)}")
            return text

        return self.read(key, clean, "")

    def day(self, key: str) -> date | None:
        return self.read(key, clean_date, None)

    def title(self, key: str) -> str:
        return self.titles.get(key) or next(column.title for column in COLUMNS[self.kind] if column.key == key)

    def fault(self, key: str, reason: str) -> None:
        self.faults.append((self.title(key), as_sent(self.cells.get(key)), reason))

    @property
    def refused(self) -> bool:
        return bool(self.faults)


def read_rows(kind: RegisterKind, cells: Sequence[Sequence[Cell]], heading: Heading) -> tuple[list[Row], int]:
    """The rows below the heading, and how many blank lines, totals and repeated headings were left out."""
    rows: list[Row] = []
    blank = 0
    titles = {key: heading.titles[place] for key, place in heading.places.items()}
    for place in range(heading.row + 1, len(cells)):
        line = cells[place]
        found = {key: line[at] if at < len(line) else None for key, at in heading.places.items()}
        if _is_nothing(kind, found, line, titles):
            blank += 1
        else:
            raw = tuple(line[: len(heading.titles)])
            rows.append(Row(kind, place + 1, found, titles, raw))
    return rows, blank


def _is_nothing(kind: RegisterKind, found: dict[str, Cell], line: Sequence[Cell], titles: dict[str, str]) -> bool:
    filled = {key for key, cell in found.items() if text_of(cell)}
    if not filled:
        return True
    first = next(text.replace(" ", "") for cell in line if (text := text_of(cell)))
    if TOTALS.match(first) and len(filled) < len(found):
        return True
    lead = LEADING[kind]
    return heading_word(found.get(lead)) == heading_word(titles[lead]) and len(filled) > 1


@dataclass(frozen=True)
class Decision:
    """What would happen to a row. `values` (plain JSON) is what writing needs; `changes` are (column, before, after) for people to read."""

    number: int
    verdict: RowVerdict
    subject: str
    values: dict[str, Any] = field(default_factory=dict)
    changes: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[tuple[str, str, str], ...] = ()
    raw: tuple[Cell, ...] = ()
    target_id: int | None = None


def refusal(row: Row, subject: str) -> Decision:
    return Decision(row.number, RowVerdict.REFUSED, subject[:120], faults=tuple(row.faults), raw=row.raw)


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


HOUR_KIND_WORDS = {HourKind.SERVICE: "服务", HourKind.STUDY: "学习"}
CLASS_WORDS = {HourClass.CREDIT: "信用时数", HourClass.HONOUR: "荣誉时数"}
