"""One sheet → cleaned rows, and what the sheet alone tells about them: faults, warnings, repeats. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.core.identity import NOT_KEPT
from app.core.words import full_day
from app.imports import rules
from app.imports.rules import BadCell, Cell, Column, Heading
from app.people.rules import PARTY_MEMBERS, STAGE_NAMES, Gender, StageKind, age_on

T = TypeVar("T")
WHOLE_ROW = "整行"


class Unless(StrEnum):
    """A fault that falls away: the record knows the stage and its date; somebody says that two people share the number."""

    KNOWN = "known"
    SHARED = "shared"


@dataclass(frozen=True)
class Remark:
    """About one cell: why it is refused, or what to look at. `column` is the sheet's own heading."""

    row: int
    column: str
    reason: str
    value: str = ""
    unless: Unless | None = None


@dataclass(frozen=True)
class RosterRow:
    """`row` is the sheet's own number. `masked` keeps 138****0001 as it stands. `raw` goes back in the correction sheet."""

    row: int
    name: str
    phone: str
    masked: str
    gender: Gender | None
    birth_date: date | None
    community: str
    branch: str
    stage: StageKind | None
    stage_on: date | None
    reported: str
    note: str
    faults: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    raw: tuple[Cell, ...] = ()
    beside: int | None = None  # an earlier row of the sheet with the same number and another name

    @property
    def readable(self) -> bool:
        """Nothing is wrong with it that does not fall away by what is on record or by what somebody says."""
        return all(fault.unless for fault in self.faults)

    def fault(self, unless: Unless) -> Remark | None:
        return next((fault for fault in self.faults if fault.unless is unless), None)


@dataclass(frozen=True)
class ReadSheet:
    heading: Heading
    rows: tuple[RosterRow, ...]
    blank: int
    title: str


class _Row:
    """Reads the cells of one row, collecting what is wrong with them."""

    def __init__(self, number: int, cells: Sequence[Cell], heading: Heading) -> None:
        self.number, self.cells, self.heading = number, cells, heading
        self.faults: list[Remark] = []
        self.warnings: list[Remark] = []

    def cell(self, column: Column) -> Cell:
        place = self.heading.columns.get(column)
        return self.cells[place] if place is not None and place < len(self.cells) else None

    def read(self, column: Column, clean: Callable[[Cell], T], instead: T, *, strict: bool = True) -> T:
        """The cleaned cell; a bad one is a fault (or, where not strict, a warning) and gives `instead`."""
        try:
            return clean(self.cell(column))
        except BadCell as bad:
            (self.fault if strict else self.warn)(column, bad.reason)
            return instead

    def fault(self, column: Column, reason: str, unless: Unless | None = None) -> None:
        self.faults.append(Remark(self.number, self.heading.title(column), reason, rules.as_sent(self.cell(column)), unless))

    def warn(self, column: Column, reason: str) -> None:
        self.warnings.append(Remark(self.number, self.heading.title(column), reason, rules.as_sent(self.cell(column))))


def read_sheet(cells: Sequence[Sequence[Cell]], heading: Heading, today: date) -> ReadSheet:
    """Every row below the heading; a row that repeats an earlier one is refused as that, whatever else is wrong with it."""
    rows: list[RosterRow] = []
    blank = 0
    earlier = _Earlier(heading)
    for place in range(heading.row + 1, len(cells)):
        if rules.is_no_person(cells[place], heading):
            blank += 1
        else:
            rows.append(earlier.compare(read_row(place + 1, cells[place], heading, today)))
    title = next((rules.text_of(cell) for line in cells[: heading.row] for cell in line if rules.text_of(cell)), "")
    return ReadSheet(heading, tuple(rows), blank, title)


class _Earlier:
    """Who stood in the sheet before."""

    def __init__(self, heading: Heading) -> None:
        self.phone_column, self.birth_column = heading.title(Column.PHONE), heading.title(Column.BIRTH)
        self.by_phone: dict[str, RosterRow] = {}
        self.on_phone: dict[tuple[str, str], RosterRow] = {}
        self.by_birth: dict[tuple[str, date], RosterRow] = {}

    def compare(self, row: RosterRow) -> RosterRow:
        if not row.name:
            return row
        if row.phone and (first := self.on_phone.setdefault((row.phone, row.name), row)) is not row:
            return self._refuse(row, WHOLE_ROW, f"与第 {first.row} 行重复：姓名和手机号码都相同", row.name)
        if row.phone and (first := self.by_phone.setdefault(row.phone, row)) is not row:
            words = f"第 {first.row} 行已填这个号码，姓名不同（{first.name}）"
            row = replace(self._refuse(row, self.phone_column, words, row.phone, Unless.SHARED), beside=first.row)
        if row.birth_date and (first := self.by_birth.setdefault((row.name, row.birth_date), row)) is not row:
            if not row.phone or not first.phone:
                return self._refuse(row, WHOLE_ROW, f"与第 {first.row} 行重复：姓名和出生日期都相同", row.name)
            twin = Remark(row.row, self.birth_column, f"与第 {first.row} 行同名同生日，当作不同的人，请核对", row.birth_date.isoformat())
            return replace(row, warnings=(*row.warnings, twin))
        return row

    @staticmethod
    def _refuse(row: RosterRow, column: str, reason: str, value: str, unless: Unless | None = None) -> RosterRow:
        return replace(row, faults=(Remark(row.row, column, reason, value, unless), *row.faults))


def read_row(number: int, cells: Sequence[Cell], heading: Heading, today: date) -> RosterRow:
    """One person's row, with every fault in the order name, phone, units, stage, dates."""
    sent, cells = cells, tuple(rules.hidden(cell) for cell in cells)
    row = _Row(number, cells, heading)
    name = row.read(Column.NAME, rules.clean_name, "")
    if not name and not row.faults:
        row.fault(Column.NAME, "没有填姓名")
    masked = rules.text_of(row.cell(Column.PHONE)) if rules.is_masked(row.cell(Column.PHONE)) else ""
    phone = "" if masked else row.read(Column.PHONE, rules.clean_phone, "")
    branch = row.read(Column.BRANCH, lambda cell: rules.clean_line(cell, Column.BRANCH), "")
    if not branch and not any(fault.column == heading.title(Column.BRANCH) for fault in row.faults):
        row.fault(Column.BRANCH, "没有填党支部")
    community = row.read(Column.COMMUNITY, lambda cell: rules.clean_line(cell, Column.COMMUNITY), "")
    reported = row.read(Column.REPORTED, lambda cell: rules.clean_line(cell, Column.REPORTED), "")
    stage = row.read(Column.STAGE, rules.clean_stage, None)
    stage_on = row.read(Column.STAGE_ON, rules.clean_date, None)
    birth = row.read(Column.BIRTH, rules.clean_date, None)
    joined = row.read(Column.JOINED, rules.clean_date, None)
    note = row.read(Column.NOTE, lambda cell: rules.clean_line(cell, Column.NOTE), "")
    if rules.HIDDEN in note:
        row.warn(Column.NOTE, "备注里有身份证号，没有记下")
        note = note.replace(rules.HIDDEN, NOT_KEPT)
    gender = row.read(Column.GENDER, rules.clean_gender, None, strict=False)
    if name and not phone and not _faulty(row, Column.PHONE):
        _without_phone(row, birth, masked)
    stage, stage_on = _stage(row, stage, stage_on, joined)
    _look_at_dates(row, birth, stage_on, joined, today)
    _look_at_numbers(row, sent)
    kept = _without_id_number(cells, heading)
    return RosterRow(
        number, name, phone, masked, gender, birth, community, branch, stage, stage_on, reported, note,
        tuple(row.faults), tuple(row.warnings), kept,
    )  # fmt: skip


def _faulty(row: _Row, column: Column) -> bool:
    return any(fault.column == row.heading.title(column) for fault in row.faults)


def _without_phone(row: _Row, birth: date | None, masked: str) -> None:
    """A hidden number is said here; whether somebody without any may be taken in depends on who is on record."""
    if masked and birth is None:
        row.fault(Column.PHONE, "号码打了星号，又没有出生日期，分不清是谁")
    elif masked:
        row.warn(Column.PHONE, "号码打了星号，没有记下；照收，用纸质卡也能签到")


def _stage(row: _Row, stage: StageKind | None, stage_on: date | None, joined: date | None) -> tuple[StageKind | None, date | None]:
    """A stage needs the day it began, since 双50 counts from it. 入党日期 stands in for members, with a warning."""
    if stage is None:
        if Column.STAGE in row.heading.columns and not _faulty(row, Column.STAGE):
            row.warn(Column.STAGE, "没有填发展阶段；照收，阶段先空着")
        return None, None
    if stage_on is not None or _faulty(row, Column.STAGE_ON):
        return stage, stage_on
    if stage is StageKind.MASSES:
        return None, None
    if stage in PARTY_MEMBERS and joined:
        row.warn(Column.STAGE_ON, f"没有填，按入党日期 {full_day(joined)} 记")
        return stage, joined
    row.fault(Column.STAGE_ON, f"{STAGE_NAMES[stage]}要有进入这个阶段的日期", Unless.KNOWN)
    return stage, None


def _look_at_dates(row: _Row, birth: date | None, stage_on: date | None, joined: date | None, today: date) -> None:
    if birth and birth > today:
        row.fault(Column.BIRTH, "出生日期在今天之后")
    for column, day, what in ((Column.JOINED, joined, "入党"), (Column.STAGE_ON, stage_on, "进入这个阶段")):
        if day is None:
            continue
        if day > today:
            row.warn(column, f"{what}的日期在今天之后")
        if birth and age_on(birth, day) < 18:
            row.warn(column, f"{what}时还没出生，请核对" if day < birth else f"{what}时只有 {age_on(birth, day)} 岁，不满 18 岁，请核对")
            break


def _look_at_numbers(row: _Row, sent: Sequence[Cell]) -> None:
    for place, cell in enumerate(sent):
        if rules.lost_digits(cell):
            title = row.heading.titles[place] if place < len(row.heading.titles) else f"第 {place + 1} 列"
            row.warnings.append(Remark(row.number, title, "18 位号码被表格软件存成了小数，后几位已经不准", ""))


def _without_id_number(cells: Sequence[Cell], heading: Heading) -> tuple[Cell, ...]:
    """What the correction sheet gives back; the column of identity numbers stays empty, also where one is misprinted."""
    column = heading.columns.get(Column.ID_NUMBER)
    return tuple("" if place == column else cell for place, cell in enumerate(cells[: len(heading.titles)]))
