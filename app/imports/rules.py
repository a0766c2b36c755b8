"""What a roster's headings and cells mean. Pure; a cell that can not be right raises BadCell with the reason, in words for the clerk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.identity import NOT_KEPT, without_id_number
from app.people.naming import name_fault, phone_fault, tidy_phone
from app.people.rules import Gender, StageKind
from app.sheets.cells import CHINESE_GAP
from app.sheets.cells import BadCell as BadCell
from app.sheets.cells import as_sent as as_sent
from app.sheets.cells import clean_date as clean_date
from app.sheets.cells import heading_word as heading_word
from app.sheets.cells import text_of as text_of
from app.sheets.reading import Cell as Cell


class Column(StrEnum):
    NAME = "name"
    GENDER = "gender"
    BIRTH = "birth"
    PHONE = "phone"
    COMMUNITY = "community"
    BRANCH = "branch"
    STAGE = "stage"
    STAGE_ON = "stage_on"
    JOINED = "joined"
    REPORTED = "reported"
    NOTE = "note"
    ID_NUMBER = "id_number"


SYNONYMS: dict[Column, tuple[str, ...]] = {
    Column.NAME: ("姓名", "名字", "党员姓名", "人员姓名", "成员姓名"),
    Column.GENDER: ("性别",),
    Column.BIRTH: ("出生日期", "出生年月", "出生年月日", "出生时间", "生日"),
    Column.PHONE: ("手机号码", "手机", "手机号", "联系电话", "电话", "电话号码", "联系方式", "联系手机", "移动电话", "手机电话"),
    Column.COMMUNITY: ("所在社区", "社区", "所属社区", "社区党委", "所属社区党委", "所在社区党委", "村社区", "所在村社区", "社区名称"),
    Column.BRANCH: (
        "所属党支部", "党支部", "支部", "所在党支部", "所在支部", "所属支部", "支部名称", "党支部名称",
        "所在党组织", "所属党组织", "党组织", "党组织名称", "组织关系所在党支部", "组织关系所在支部",
    ),
    Column.STAGE: ("政治面貌", "发展阶段", "当前阶段", "阶段", "人员类别", "党员类别", "党员类型", "人员类型"),
    Column.STAGE_ON: (
        "进入当前阶段日期", "进入当前阶段时间", "当前阶段日期", "阶段日期", "阶段时间", "进入阶段日期", "当前阶段开始日期", "阶段开始日期",
    ),
    Column.JOINED: ("入党日期", "入党时间", "入党年月", "加入党组织日期", "加入党组织时间", "加入中国共产党时间"),
    Column.REPORTED: ("报到社区", "双报到社区", "党员报到社区", "在职党员报到社区"),
    Column.NOTE: ("备注", "备注说明", "说明"),
    Column.ID_NUMBER: ("身份证号", "身份证号码", "身份证", "公民身份号码", "居民身份证号码", "证件号码"),
}  # fmt: skip
COLUMN_NAMES = {column: words[0] for column, words in SYNONYMS.items()}
MEANING = {word: column for column, words in SYNONYMS.items() for word in words}
UNUSED = frozenset(
    (
        "序号", "编号", "民族", "学历", "学位", "籍贯", "职务", "职称", "年龄", "党龄", "工作单位", "单位", "工作单位及职务", "家庭住址",
        "住址", "现居住地", "居住地址",
        "联系地址", "转正日期", "转正时间", "参加工作时间", "毕业院校", "专业", "邮箱", "电子邮箱", "微信号",
        "原表行号", "为什么不收", "志愿者编号",
    )
)  # fmt: skip
"""Headings that rosters often have and nothing here needs: nobody is asked about them."""
OwnWords = Mapping[str, Column | None]
"""What an office's own heading words mean; None: not used."""
NEEDED = (Column.NAME, Column.PHONE, Column.BRANCH)

STAGES = {
    StageKind.MASSES: ("群众", "共青团员", "团员"),
    StageKind.APPLICANT: ("入党申请人", "申请入党人", "申请人", "入党申请"),
    StageKind.ACTIVIST: ("入党积极分子", "积极分子"),
    StageKind.CANDIDATE: ("发展对象", "入党发展对象"),
    StageKind.PROBATIONARY: ("预备党员", "中共预备党员", "中共党员(预备)"),
    StageKind.MEMBER: ("正式党员", "中共正式党员", "中共党员", "党员", "中共党员(正式)"),
}
STAGE_WORDS = {word: kind for kind, words in STAGES.items() for word in words}

LONGEST_WORD = 60
HEADING_WITHIN = 20  # rows: a title, notes, sometimes a whole preface
LONGEST = {Column.NAME: 40, Column.BRANCH: 80, Column.COMMUNITY: 60, Column.REPORTED: 60, Column.NOTE: 200}
TOTALS = re.compile(r"^(合计|总计|小计|共计|累计|总人数|合计人数)([:：(（\d].*)?$")
FOOTER = re.compile(r"[:：]|^(注|说明|备注|制表|填表|审核|负责人)")
MASKED = re.compile(r"1\d{1,2}[*xX×?]{3,8}\d{2,4}")
SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?1[5-9]")


@dataclass(frozen=True)
class Heading:
    """Where the columns are. `row` counts from 0; `titles` is the whole row as it stands in the sheet.

    `unknown` are the headings that nobody knows, `own` those that only the office's own words explain; both as `heading_word` gives them.
    """

    row: int
    columns: dict[Column, int]
    titles: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def title(self, column: Column) -> str:
        """What the sheet itself calls the column."""
        place = self.columns.get(column)
        return SYNONYMS[column][0] if place is None else self.titles[place]


def find_heading(rows: Sequence[Sequence[Cell]], own: OwnWords | None = None) -> Heading | None:
    """The first row among the top ones that names a person's column and at least two more; the leftmost of equals counts."""
    found = [heading for heading in _headings(rows, own or {}) if Column.NAME in heading.columns and len(heading.columns) >= 3]
    return max(found, key=lambda heading: len(heading.columns), default=None)


def likely_heading(rows: Sequence[Sequence[Cell]], own: OwnWords | None = None) -> Heading | None:
    """Where no heading is found: the row that looks most like one, with two known columns at least and some that nobody knows."""
    found = [heading for heading in _headings(rows, own or {}) if len(heading.columns) >= 2 and heading.unknown]
    return max(found, key=lambda heading: len(heading.columns), default=None)


def _headings(rows: Sequence[Sequence[Cell]], own: OwnWords) -> list[Heading]:
    return [_heading(place, cells, own) for place, cells in enumerate(rows[:HEADING_WITHIN])]


def _heading(place: int, cells: Sequence[Cell], own: OwnWords) -> Heading:
    columns: dict[Column, int] = {}
    unknown: dict[str, None] = {}
    explained: dict[str, None] = {}
    for index, cell in enumerate(cells):
        word = heading_word(cell)
        column = own.get(word) or MEANING.get(word)
        if column is not None and columns.setdefault(column, index) == index and word in own:
            explained[word] = None
        if column is None and word and word not in own and word not in UNUSED and len(word) <= LONGEST_WORD:
            unknown[word] = None
    return Heading(place, columns, tuple(text_of(cell) for cell in cells), tuple(unknown), tuple(explained))


def missing_columns(heading: Heading) -> list[str]:
    return [SYNONYMS[column][0] for column in NEEDED if column not in heading.columns]


HIDDEN = text_of(NOT_KEPT)  # as it stands in a cleaned cell


def clean_name(cell: Cell) -> str:
    """张　三 is 张三; Mary Lee keeps its blank."""
    name = CHINESE_GAP.sub("", text_of(cell))
    if HIDDEN in name:
        raise BadCell("这里是身份证号，请填姓名")
    if len(name) > LONGEST[Column.NAME]:
        raise BadCell(f"姓名最多 {LONGEST[Column.NAME]} 个字")
    if name.startswith("=") or any(char.isdigit() for char in name):
        raise BadCell("姓名里不该有数字或公式")
    if fault := name_fault(name):
        raise BadCell(fault)
    return name


def clean_line(cell: Cell, column: Column) -> str:
    """A unit's name or a note: blanks between Chinese characters go; "=1+1" stays those four signs."""
    line = CHINESE_GAP.sub("", text_of(cell))
    if len(line) > LONGEST[column]:
        raise BadCell(f"最多 {LONGEST[column]} 个字，这里有 {len(line)} 个")
    if HIDDEN in line and column is not Column.NOTE:
        raise BadCell("这里是身份证号，没有记下")
    return line


def hidden(cell: Cell) -> Cell:
    """The cell without an identity number, wherever it was written: those are never stored, also not in what goes back as refused."""
    if lost_digits(cell):
        return NOT_KEPT
    if not isinstance(cell, str | int | float):
        return cell
    kept = without_id_number(cell) if isinstance(cell, str) else cell
    plain = text_of(kept)  # also in full-width signs
    return kept if without_id_number(plain) == plain else without_id_number(plain)


def is_masked(cell: Cell) -> bool:
    """138****0001: a number that someone hid before sending."""
    return MASKED.fullmatch(text_of(cell).replace(" ", "")) is not None


def fits_mask(phone: str, masked: Cell) -> bool:
    shown = text_of(masked).replace(" ", "")
    ends = re.fullmatch(r"(\d*).*?(\d*)", shown, re.DOTALL)
    return ends is not None and phone.startswith(ends[1]) and phone.endswith(ends[2])


def clean_phone(cell: Cell) -> str:
    """Eleven digits, or "" for an empty cell. Numbers, text, full-width digits, blanks, dashes and +86 are all read."""
    text = text_of(cell)
    if not text:
        return ""
    if re.search(r"\d{11}\D+\d{7,}", text) or re.search(r"[/、,;]", text):
        raise BadCell("一格只填一个手机号码")
    digits = tidy_phone(text)
    if fault := phone_fault(digits):
        raise BadCell(fault)
    return digits


def clean_stage(cell: Cell) -> StageKind | None:
    """None when empty; only the words in use, so that 党员（待定） is asked about."""
    word = re.sub(r"\s", "", text_of(cell))
    if not word:
        return None
    if word not in STAGE_WORDS:
        raise BadCell("不在六个发展阶段里（群众到正式党员），请写准")
    return STAGE_WORDS[word]


def clean_gender(cell: Cell) -> Gender | None:
    word = text_of(cell).removesuffix("性")
    if word in {"男", "女"}:
        return Gender.MALE if word == "男" else Gender.FEMALE
    if word:
        raise BadCell("性别填男或女")
    return None


def lost_digits(cell: Cell) -> bool:
    """An 18-digit number that a spreadsheet kept as a float: its last digits are gone."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(cell) >= 1e15
    return isinstance(cell, str) and SCIENTIFIC.fullmatch(cell.strip()) is not None


def is_no_person(cells: Sequence[Cell], heading: Heading) -> bool:
    """A blank line, a line with only its number, a total, a signature line, or the heading printed again."""
    words = {column: text_of(cells[place]) if place < len(cells) else "" for column, place in heading.columns.items()}
    filled = {column for column, word in words.items() if word}
    if not filled:
        return True
    if heading_word(words.get(Column.NAME, "")) in SYNONYMS[Column.NAME]:
        return True
    first = next((text.replace(" ", "") for cell in cells if (text := text_of(cell))), "")
    if TOTALS.match(first) or TOTALS.match(words.get(Column.NAME, "").replace(" ", "")):
        return not words.get(Column.PHONE) or not re.search(r"\d{7}", words[Column.PHONE])
    return len(filled) == 1 and FOOTER.search(words[next(iter(filled))]) is not None
