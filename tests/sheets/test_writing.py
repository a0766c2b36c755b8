"""Workbooks as they are sent: what stands in the cells, how they look, and that a long one takes no more memory than a short one."""

import io
import tempfile
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from app.core.errors import Conflict
from app.sheets import writing
from app.sheets.reading import read
from app.sheets.writing import Counted, Table, xlsx

sqlite_only = True
ROW = ("何嘉怡", "第一党支部", date(2026, 11, 23), 12.5, "")


def people(many: int) -> Iterator[tuple[object, ...]]:
    for nth in range(many):
        yield (f"何嘉怡{nth}", f"锦园第{nth}党支部", date(2026, 11, 23), nth / 4, None)


def test_words_days_moments_and_amounts_are_read_as_such():
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    table = Table("表", ("甲", "乙", "丙", "丁", "戊"), [("=1+1", date(2026, 11, 23), moment, Decimal("12.30"), 7)], title="题", note="注")
    book = openpyxl.load_workbook(io.BytesIO(xlsx(table)))
    rows = [[cell.value.isoformat() if isinstance(cell.value, datetime) else cell.value for cell in row] for row in book["表"].iter_rows()]
    assert rows[:3] == [["题", None, None, None, None], ["注", None, None, None, None], ["甲", "乙", "丙", "丁", "戊"]]
    assert rows[3] == ["=1+1", "2026-11-23T00:00:00", "2026-11-23T09:30:00", 12.3, 7]
    assert [cell.data_type for cell in book["表"][4]] == ["s", "d", "d", "n", "n"]
    assert [cell.number_format for cell in book["表"][4]][1:4] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm", "#,##0.00"]


def test_what_is_written_is_read_back():
    (sheet,) = read(xlsx(Table("名册", ("姓名", "支部", "日期", "小时", "备注"), [ROW])), "a.xlsx")
    assert sheet.rows == [["姓名", "支部", "日期", "小时", "备注"], ["何嘉怡", "第一党支部", date(2026, 11, 23), 12.5, ""]]


def test_red_cells_empty_ones_too_and_columns_as_wide_as_their_words():
    table = Table(
        "改正表", ("姓名", "日期", "很长很长的支部名称"), [("何嘉怡", date(2026, 1, 1), "a" * 70), ("", None, "b")], red={(0, 1), (1, 0)}
    )
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(table)))["改正表"]
    red = {cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.fill.fgColor.rgb == "FFF8D0CC"}
    assert red == {"B2", "A3"}
    assert sheet.freeze_panes == "A2"
    widths = {name: column.width for name, column in sheet.column_dimensions.items()}
    assert widths["A"] < widths["B"] < widths["C"] < 50


def test_several_sheets_keep_their_order_and_their_rows():
    made = read(xlsx(*(Table(name, ("数",), [(nth,) for nth in range(3)]) for name in ("甲", "乙", "丙"))), "a.xlsx")
    assert [(sheet.name, len(sheet.rows)) for sheet in made] == [("甲", 4), ("乙", 4), ("丙", 4)]


def test_a_long_table_is_not_held_in_memory():
    """10,000 rows took 25 MB when a sheet was kept until it was whole."""

    def most(many: int) -> int:
        tracemalloc.start()
        try:
            xlsx(Table("人员", ("姓名", "支部", "日期", "小时", "备注"), people(many)))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(10)
    assert most(10_000) < most(1_000) + 1_500_000


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    xlsx(Table("表", ("数",), [(1,)]))
    with pytest.raises(ZeroDivisionError):
        xlsx(Table("表", ("数",), ((1 / nth,) for nth in (1, 0))))
    assert list(tmp_path.iterdir()) == []


def test_rows_are_counted_as_they_go_and_too_many_are_refused(monkeypatch):
    monkeypatch.setattr(writing, "MOST_IN_A_SHEET", 3)
    rows = Counted(people(3))
    xlsx(Table("表", ("姓名",), rows))
    assert rows.count == 3
    with pytest.raises(Conflict, match="超过 3 行"):
        xlsx(Table("表", ("姓名",), Counted(people(4))))
