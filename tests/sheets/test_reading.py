"""Files as offices send them: what is read, and what is refused with which words."""

import io
import struct
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.sheets import reading
from app.sheets.reading import read
from app.sheets.writing import Table, xlsx

SAMPLE = Path(__file__).parents[1] / "data" / "roster-sample.xlsx"
SMALL = xlsx(Table("表", ["姓名", "数"], [["何嘉仪", 3]]))


def refusal(data: bytes, name: str = "名册.xlsx") -> str:
    with pytest.raises(Invalid) as caught:
        read(data, name)
    assert set(caught.value.fields) == {"file"}
    return caught.value.message


def test_the_sample_keeps_the_sheets_own_row_numbers():
    (sheet,) = read(SAMPLE.read_bytes(), SAMPLE.name)
    assert len(sheet.rows) == 1224
    assert sheet.rows[2][1] == "姓名"


def test_a_formula_without_a_stored_result_is_its_own_text():
    (sheet,) = read(SAMPLE.read_bytes(), SAMPLE.name)
    notes = [row[11] for row in sheet.rows[3:] if row[11]]
    assert len(notes) == 20
    assert set(notes) == {'=HYPERLINK("http://x.invalid","点我")'}


def test_leading_empty_rows_and_columns_are_kept_so_that_numbers_stay_true():
    book = openpyxl.Workbook()
    book.active["C5"] = "姓名"
    out = io.BytesIO()
    book.save(out)
    (sheet,) = read(out.getvalue(), "a.xlsx")
    assert sheet.rows[4][2] == "姓名"


def test_all_visible_sheets_are_read_and_hidden_ones_are_not():
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.create_sheet("名册")["A1"] = "姓名"
    book.create_sheet("底稿").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert [sheet.name for sheet in read(out.getvalue(), "a.xlsx")] == ["说明", "名册"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_csv_in_the_encodings_that_chinese_programs_write(encoding):
    (sheet,) = read('姓名,手机\n"张三,李四",13800138000\n'.encode(encoding), "名册.csv")
    assert sheet.rows == [["姓名", "手机"], ["张三,李四", "13800138000"]]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_with_any_usual_separator(separator):
    (sheet,) = read(f"姓名{separator}手机\n张三{separator}1\n".encode(), "a.csv")
    assert sheet.rows[1] == ["张三", "1"]


def test_an_et_file_is_asked_for_as_xlsx():
    assert "另存为 xlsx" in refusal(reading.OLE + b"x" * 600, "花名册.et")


def test_a_file_with_a_password_is_asked_for_without():
    message = refusal(reading.OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    assert message == "这个文件设了密码，打不开。请先打开、去掉密码，再另存为 xlsx 传一次。"


def test_a_broken_old_workbook_says_what_to_do():
    assert "另存为 xlsx" in refusal(reading.OLE + b"\0" * 600, "a.xls")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n\x00\x01", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xd8\xff\xe0\x00\x10JFIF"])
def test_a_picture_called_xlsx_is_said_to_be_no_table(data):
    assert refusal(data) == "这不是表格文件，像是图片、PDF 或别的文件。请选 xlsx、xls 或 csv。"


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"PK\x03\x04broken"])
def test_what_is_no_table_is_refused_by_its_content_whatever_its_name(data):
    assert "另存为 xlsx" in refusal(data)


def test_a_zip_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    assert "不是 xlsx" in refusal(out.getvalue())


def test_an_empty_file_and_one_too_large_are_refused():
    assert "空" in refusal(b"")
    assert "10 MB" in refusal(b"x" * (reading.LARGEST_FILE + 1))


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<x/>")
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (reading.LARGEST_UNPACKED + 1))
    assert len(out.getvalue()) < 200_000
    assert "太大" in refusal(out.getvalue())


def longer_than_it_says() -> tuple[bytes, bytes]:
    """A workbook whose sheet goes on after what the directory says it holds, and what it says it holds; the checksum is of that."""
    out, begun = io.BytesIO(), b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(SAMPLE) as sample, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in sample.namelist():
            parts.writestr(name, begun + b'<row><c t="n"><v>1</v></c></row>' * 9000 if name == sheet else sample.read(name))
        true = parts.getinfo(sheet)
    said = struct.pack("<III", zlib.crc32(begun), true.compress_size, len(begun))
    return out.getvalue().replace(struct.pack("<III", true.CRC, true.compress_size, true.file_size), said), begun


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_packed_in_a_way_that_no_workbook_is_takes_no_memory(method):
    """Of these a whole piece is unpacked before it is cut to what the part says it holds: 300 bytes of 60 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("xl/workbook.xml", "<x/>")
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000, compress_type=method)
        true = parts.getinfo("xl/worksheets/sheet1.xml")
    sizes = struct.Struct("<II")
    small = out.getvalue().replace(sizes.pack(true.compress_size, true.file_size), sizes.pack(true.compress_size, 1_000))
    tracemalloc.start()
    try:
        assert "打不开" in refusal(small)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=4))
def test_a_workbook_with_some_bytes_changed_is_read_or_refused_in_words(place, bytes_):
    with suppress(Invalid):
        read(SMALL[:place] + bytes_ + SMALL[place + len(bytes_) :], "名册.xlsx")


def test_what_is_read_is_what_was_looked_at(monkeypatch):
    given: list[bytes] = []
    monkeypatch.setattr(reading, "_calamine", lambda data: given.append(data) or [])
    sent, begun = longer_than_it_says()
    assert read(sent, "名册.xlsx") == []
    with zipfile.ZipFile(io.BytesIO(given[0])) as parts:
        assert parts.read("xl/worksheets/sheet1.xml") == begun
        assert parts.getinfo("xl/worksheets/sheet1.xml").compress_size < 100, "nothing goes on behind it"
        assert all(len(parts.read(part)) == part.file_size for part in parts.infolist())
        assert {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(parts.namelist())


def test_a_stray_cell_far_away_does_not_take_all_memory():
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    assert "很远" in refusal(out.getvalue())


def test_what_is_written_reads_back_and_holds_no_formula():
    data = xlsx(
        Table("表", ["姓名", "日期", "数"], [["=1+1", date(2026, 11, 21), 3], ["@x", None, 4]], red={(0, 0), (1, 1)}, title="题", note="注")
    )
    (sheet,) = read(data, "a.xlsx")
    assert sheet.rows[2] == ["姓名", "日期", "数"]
    assert sheet.rows[3] == ["=1+1", date(2026, 11, 21), 3]
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert book.active["A4"].fill.fgColor.rgb == "FFF8D0CC"
    assert book.active["B4"].fill.fgColor.rgb != "FFF8D0CC"
    assert book.active["B5"].fill.fgColor.rgb == "FFF8D0CC"


def test_a_program_or_a_picture_is_said_to_be_no_table():
    assert "打不开" in refusal(b"MZ\x90\x00\x03\x00" + b"\x00" * 400, "名册.xlsx")
