"""Tables that are sent to take the server down: bombs of every make, through each form that takes a table."""

import io
import re
import zipfile
from contextlib import suppress

import pytest

from app.core.config import ROOT
from app.core.errors import Invalid
from app.sheets import reading
from app.sheets.probe_child import MEMORY
from app.sheets.reading import LARGEST_UNPACKED, read
from app.sheets.writing import Table, xlsx

sqlite_only = True
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'


def sheet(*rows: str) -> str:
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def book(xml: str, place: str = "worksheets/sheet1.xml", *more: tuple[str, str | bytes]) -> bytes:
    """The smallest workbook that opens, with one sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        parts.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        parts.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="{place}"/></Relationships>',
        )
        parts.writestr(f"xl/{place}", xml)
        for name, data in more:
            parts.writestr(name, data)
    return out.getvalue()


def far(cell: str, row: str = '<row r="1048576">') -> str:
    return sheet(FIRST, f"{row}{cell}</row>")


PREFIXED = sheet(FIRST, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
for word in ("worksheet", "sheetData", "row", "c", "v"):
    PREFIXED = PREFIXED.replace(f"<{word}>", f"<x:{word}>").replace(f"<{word} ", f"<x:{word} ").replace(f"</{word}>", f"</x:{word}>")
PREFIXED = PREFIXED.replace(f'xmlns="{SPREADSHEET}"', f'xmlns:x="{SPREADSHEET}"')
FAR_AWAY = {
    "as Excel writes it": book(far('<c r="XFD1048576"><v>1</v></c>')),
    "another attribute first": book(far('<c s="0" r="XFD1048576"><v>1</v></c>')),
    "other quotes": book(far("<c r='XFD1048576'><v>1</v></c>", "<row r='1048576'>")),
    "cells without their places": book(far("<c><v>1</v></c>" * 300)),
    "names with a prefix": book(PREFIXED),
    "a sheet in another folder": book(far('<c r="XFD1048576"><v>1</v></c>'), "data/x.xml"),
    "a sheet under another name": book(far('<c r="XFD1048576"><v>1</v></c>'), "worksheets/sheet1.bin"),
    "small letters": book(far('<c r="xfd1048576"><v>1</v></c>')),
}


@pytest.mark.parametrize("how", FAR_AWAY)
def test_a_kilobyte_that_asks_for_all_memory_is_refused_however_it_is_written(how):
    data = FAR_AWAY[how]
    assert len(data) < 4096
    with pytest.raises(Invalid, match=r"很远的地方|打不开"):
        read(data, "名册.xlsx")


def test_an_unusual_but_honest_table_is_read():
    (found,) = read(book(sheet("<row r='1'><c r='A1'><v>1</v></c><c s='0' r='B1'><v>2</v></c></row>")), "名册.xlsx")
    assert found.rows == [[1.0, 2.0]]


def test_an_ordinary_table_starts_no_process(monkeypatch):
    monkeypatch.setattr(reading.subprocess, "run", lambda *_args, **_named: pytest.fail("a process of its own, for nothing"))
    assert len(read(xlsx(Table("名册", ("姓名",), [("何嘉怡",)] * 100)), "名册.xlsx")[0].rows) == 101


def test_the_process_that_tries_has_little_memory():
    assert MEMORY <= 1 << 30


@pytest.mark.parametrize("size", [LARGEST_UNPACKED + 1, 4 * LARGEST_UNPACKED])
def test_a_zip_bomb_is_refused_by_what_it_says_it_unpacks_to(size):
    out = io.BytesIO(book(sheet(FIRST)))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as parts, parts.open("xl/media/a.bin", "w", force_zip64=True) as part:
        for _ in range(size // (1 << 20) + 1):
            part.write(bytes(1 << 20))
    assert len(out.getvalue()) < 10 * 1024 * 1024
    with pytest.raises(Invalid, match="解开后太大"):
        read(out.getvalue(), "名册.xlsx")


def test_ten_thousand_parts_are_refused():
    data = book(sheet(FIRST), "worksheets/sheet1.xml", *[(f"xl/media/{number}.xml", "") for number in range(3000)])
    with pytest.raises(Invalid, match="解开后太大"):
        read(data, "名册.xlsx")


def test_two_parts_of_one_name_are_refused():
    """Else one of them would be looked at and the other one read."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = book(sheet(FIRST), "worksheets/sheet1.xml", ("xl/worksheets/sheet1.xml", far('<c r="XFD1048576"><v>1</v></c>')))
    with pytest.raises(Invalid, match="打不开"):
        read(data, "名册.xlsx")


@pytest.mark.parametrize("name", ["content.xml", "mimetype", "xl/workbook.bin"])
def test_what_could_be_read_as_another_kind_of_book_is_refused(name):
    with pytest.raises(Invalid, match="打不开"):
        read(book(sheet(FIRST), "worksheets/sheet1.xml", (name, "x")), "名册.xlsx")


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BILLION = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>'
ENTITIES = {
    "a billion laughs": BILLION + sheet('<row r="1"><c r="A1" t="str"><f>1</f><v>&a11;</v></c></row>'),
    "a file of the server": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    + sheet('<row r="1"><c r="A1" t="str"><f>1</f><v>&e;</v></c></row>'),
}


@pytest.mark.parametrize("which", ENTITIES)
def test_entities_are_not_resolved(which):
    try:
        found = str(read(book(ENTITIES[which]), "名册.xlsx"))
    except Invalid:
        return
    assert "root:" not in found
    assert len(found) < 1000


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/cron.d/x", "xl/../../x"])
def test_paths_inside_a_file_lead_nowhere(tmp_path, monkeypatch, name):
    """Nothing is ever unpacked to disk."""
    monkeypatch.setattr(zipfile.ZipFile, "extract", lambda *_: pytest.fail("unpacked"))
    monkeypatch.setattr(zipfile.ZipFile, "extractall", lambda *_: pytest.fail("unpacked"))
    (found,) = read(book(sheet(FIRST), "worksheets/sheet1.xml", (name, b"x")), "名册.xlsx")
    assert found.rows == [[1.0]]


@pytest.mark.parametrize("cut", range(0, 900, 45))
def test_a_book_that_is_cut_or_crooked_is_refused_in_words(cut):
    whole = book(sheet('<row r="1"><c r="A1"><f>1+1</f></c></row>'))
    for data in (whole[: cut + 30], whole[:cut] + b"\xff\x00<" + whole[cut + 3 :]):
        with suppress(Invalid):  # any other error would be a page without words
            read(data, "名册.xlsx")


@pytest.mark.parametrize("path", ["/imports", "/registers/units"])
@pytest.mark.parametrize("how", ["as Excel writes it", "another attribute first"])
def test_forms_that_take_a_table_refuse_a_bomb_in_words(admin, scene, path, how):
    data = {"file": (io.BytesIO(FAR_AWAY[how]), "名册.xlsx"), "unit_id": str(scene["root"])}
    answer = admin.post(path, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "很远的地方" in answer.text


def test_no_table_is_read_past_these_walls():
    """Rosters, registers and bank statements alike."""
    readers = re.compile(r"^\s*(?:import|from) (?:python_calamine|openpyxl|pandas|csv)\b", re.MULTILINE)
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py") if readers.search(path.read_text())}
    assert found <= {"app/sheets/reading.py", "app/sheets/writing.py", "app/sheets/probe_child.py"}
