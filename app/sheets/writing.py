"""Rows → an xlsx that opens well in Excel and WPS. Text that begins with "=" stays text: no cell is ever a formula."""

import csv
import io
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from app.core.clock import local
from app.core.errors import Conflict
from app.sheets.reading import FORMULA_SIGNS

Value = str | int | float | Decimal | date | datetime | None  # a Decimal is an amount of money
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_IN_A_SHEET = 50_000  # rows: what an office's machine opens without waiting
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
RED = {"bg_color": "#f8d0cc", "font_color": "#8f1d14", "border": 1, "border_color": "#c0392b"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"font_color": "#5c544c"},
    "heading": {"bold": True, "bg_color": "#efe9df", "bottom": 1, "text_wrap": True, "valign": "vcenter"},
    "date": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm"},
    "money": {"num_format": "#,##0.00"},
    "red": RED,
    "red date": {**RED, "num_format": "yyyy-mm-dd"},
}


@dataclass(frozen=True)
class Table:
    """One sheet. `red` holds (row, column) of cells to mark, both from 0, counted in `rows`. `note` stands above the heading."""

    name: str
    heading: Sequence[str]
    rows: Iterable[Sequence[Value]]
    red: Collection[tuple[int, int]] = ()
    title: str = ""
    note: str = ""


@dataclass
class Counted:
    """The rows of one sheet, read once: how many there were, and Conflict (words for the reader) where they are more than fit."""

    rows: Iterable[Sequence[Value]]
    count: int = 0

    def __iter__(self) -> Iterator[Sequence[Value]]:
        for row in self.rows:
            if self.count == MOST_IN_A_SHEET:
                raise Conflict(f"超过 {MOST_IN_A_SHEET:,} 行，放不进一个 xlsx。请改下 csv，或只选一年。")
            self.count += 1
            yield row


def xlsx(*tables: Table) -> bytes:
    """A workbook of the tables. Rows are read one by one and wait on the disk: a table of any length takes the memory of a row."""
    with tempfile.TemporaryDirectory(prefix="shulin-sheet-") as folder:
        file = Path(folder) / "book.xlsx"
        with xlsxwriter.Workbook(str(file), {**OPTIONS, "tmpdir": folder}) as book:
            looks = {name: book.add_format(look) for name, look in LOOKS.items()}
            for table in tables:
                _sheet(book, looks, table)
        return file.read_bytes()


def csv_lines(heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The table as UTF-8 csv with a byte order mark, line by line; text that a spreadsheet would compute is led by an apostrophe."""
    yield "\ufeff" + _csv_line(heading)
    for row in rows:
        yield _csv_line(row)


def _csv_line(row: Sequence[Value]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([_csv_cell(value) for value in row])
    return line.getvalue()


def _csv_cell(value: Value) -> Value:
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA_SIGNS else value


def _sheet(book: "xlsxwriter.Workbook", looks: dict[str, object], table: Table) -> None:
    sheet = book.add_worksheet(table.name[:31])
    top = 0
    for text, look in ((table.title, "title"), (table.note, "note")):
        if text:
            sheet.write_string(top, 0, text, looks[look])
            top += 1
    widths = [_width(text) for text in table.heading]
    for column, text in enumerate(table.heading):
        sheet.write_string(top, column, text, looks["heading"])
    for place, row in enumerate(table.rows):
        for column, value in enumerate(row):
            _cell(sheet, looks, top + 1 + place, column, value, marked=(place, column) in table.red)
            if column < len(widths) and place < 500:
                widths[column] = max(widths[column], _width(value))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(48, width + 2))
    sheet.freeze_panes(top + 1, 0)


def _cell(sheet: Worksheet, looks: dict[str, object], row: int, column: int, value: Value, *, marked: bool) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, local(value).replace(tzinfo=None), looks["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, looks["red date" if marked else "date"])
    elif isinstance(value, Decimal):
        sheet.write_number(row, column, value, looks["red" if marked else "money"])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, looks["red"] if marked else None)
    elif value not in ("", None):
        sheet.write_string(row, column, str(value), looks["red"] if marked else None)
    elif marked:
        sheet.write_blank(row, column, None, looks["red"])


def _width(value: Value) -> int:
    """Columns of a cell: a Chinese character takes two."""
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 10
    return sum(2 if ord(char) > 0x2E7F else 1 for char in str("" if value is None else value))
