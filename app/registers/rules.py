"""What a register's columns and rows mean; see cells for the cells. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from app.core.identity import without_id_number
from app.core.permissions import Action
from app.sheets.cells import BadCell, as_sent, clean_date, heading_word, line_of, text_of
from app.sheets.reading import Cell

T = TypeVar("T")


class RegisterKind(StrEnum):
    UNITS = "units"
    PLACES = "places"
    POSTS = "posts"
    HOURS = "hours"
    PROJECTS = "projects"


KIND_NAMES = {
    RegisterKind.UNITS: "组织",
    RegisterKind.PLACES: "地点",
    RegisterKind.POSTS: "岗位",
    RegisterKind.HOURS: "历史时长",
    RegisterKind.PROJECTS: "历史项目",
}
TWO_PEOPLE = frozenset({RegisterKind.HOURS, RegisterKind.PROJECTS})  # one brings them, another approves


@dataclass(frozen=True)
class Rights:
    """Who may see, bring in, approve and take back a kind of register."""

    read: Action
    bring: Action
    approve: Action


ROSTER = Rights(Action.ROSTER_READ, Action.ROSTER_IMPORT, Action.ROSTER_IMPORT)
RIGHTS = dict.fromkeys(RegisterKind, ROSTER) | {RegisterKind.PROJECTS: Rights(Action.FUND_READ, Action.FUND_MANAGE, Action.FUND_APPROVE)}


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
    RegisterKind.PROJECTS: (
        Column("name", ("项目名称", "名称", "项目"), "独居长者家里修一修", needed=True),
        Column("kind", ("类别", "项目类别", "类型"), "关爱项目"),
        Column("unit", ("负责组织", "组织", "实施单位", "申报单位", "社区"), "灯湖社区党委", needed=True),
        Column("area", ("地点", "实施地点", "项目地点"), "灯湖社区"),
        Column("beneficiaries", ("受益的人", "受益对象", "受益人群", "服务对象"), "70 岁以上独居长者"),
        Column("starts", ("开始日期", "开始时间", "立项日期", "年度"), "2016-03-01", needed=True),
        Column("ends", ("结束日期", "结束时间", "结项日期"), "2016-12-31"),
        Column("source", ("资金来源", "来源"), "关爱基金"),
        Column("budget", ("预算", "预算金额", "立项金额"), "36000"),
        Column("spent", ("支出", "投入", "金额", "支出金额", "投入资金"), "35880.50", needed=True),
        Column("people", ("服务人次", "受益人次", "人次"), "4200"),
        Column("summary", ("内容", "项目内容", "做了什么", "简介"), "给独居长者修水电、装扶手。"),
    ),
}  # fmt: skip
LEADING = dict.fromkeys(RegisterKind, "name") | {RegisterKind.POSTS: "title"}

HEADING_WITHIN = 20  # rows: a title, notes, sometimes a preface
TOTALS = re.compile(r"^(合计|总计|小计|共计|累计)([:：(（\d].*)?$")


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
        line = [_hidden(cell) for cell in cells[place]]
        found = {key: line[at] if at < len(line) else None for key, at in heading.places.items()}
        if _is_nothing(kind, found, line, titles):
            blank += 1
        else:
            raw = tuple(line[: len(heading.titles)])
            rows.append(Row(kind, place + 1, found, titles, raw))
    return rows, blank


def _hidden(cell: Cell) -> Cell:
    """Identity numbers are never stored, wherever in a row they stand. Other long numbers (of vouchers, of contracts) are."""
    if not isinstance(cell, str | int | float):
        return cell
    kept = without_id_number(cell, dated=True) if isinstance(cell, str) else cell
    plain = text_of(kept)  # also in full-width signs
    return kept if without_id_number(plain, dated=True) == plain else without_id_number(plain, dated=True)


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
