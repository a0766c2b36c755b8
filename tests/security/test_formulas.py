"""Whatever people typed, no file that leaves this site computes: every download, with names that begin like formulas."""

import csv
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from app.core.db import db
from app.sheets.reading import FORMULA_SIGNS, read
from app.sheets.writing import Table, csv_lines, xlsx
from tests.architecture.test_routes import said
from tests.security.conftest import walked

sqlite_only = True
EVIL = '=HYPERLINK("http://evil.example","点我")'
TYPED = {  # what people type, as far as tables let it be changed afterwards
    "person": "name",
    "unit_name": "name",
    "unit": "name",
    "place": "name",
    "activity": "title",
    "fund_project": "title",
    "project": "title",
}


def poison() -> set[str]:
    done = set()
    for table, column in TYPED.items():
        try:
            with db.engine.begin() as connection:
                connection.execute(text(f"UPDATE {table} SET {column} = :evil || substr({column}, 1, 0)"), {"evil": EVIL})
            done.add(table)
        except Exception:
            continue
    return done


def wrong_cells(data: bytes, kind: str) -> tuple[list[str], bool]:
    """Cells that a spreadsheet would compute, and whether the typed formula came through as words."""
    if "csv" in kind:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        cells = [cell for row in rows for cell in row]
        return [
            cell for cell in cells if cell[:1] in FORMULA_SIGNS and not cell.lstrip("-+").replace(".", "").isdigit()
        ], f"'{EVIL}" in cells
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    wrong = [str(cell.value) for cell in cells if cell.data_type == "f"]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        wrong += [name for name in parts.namelist() if "externalLink" in name or "vba" in name.lower()]
        wrong += [name for name in parts.namelist() if name.startswith("xl/worksheets/") and b"<f>" in parts.read(name)]
    return wrong, any(cell.value == EVIL for cell in cells)


def test_no_download_of_any_route_holds_a_formula(app, admin, filled):
    assert {"person", "activity"} & poison()
    wrong: list[tuple[Any, ...]] = []
    seen, carried = 0, 0
    for rule, asked, _ in walked(app, "GET", filled):
        if not rule.rule.endswith((".xlsx", ".csv", "<form>")) and "sheet" not in rule.rule and "data" not in rule.rule:
            continue
        with admin.get(asked) as answer:
            if answer.status_code == 200 and ("csv" in answer.mimetype or "spreadsheet" in answer.mimetype):
                found, carries = wrong_cells(answer.data, answer.mimetype)
                seen, carried = seen + 1, carried + carries
                wrong += [(rule.rule, *found)] if found else []
                assert "attachment" in answer.headers["Content-Disposition"], rule.rule
    assert not wrong, said(wrong)
    assert seen >= 8
    assert carried >= 1, "else this proves nothing"


@pytest.mark.parametrize("sign", sorted(FORMULA_SIGNS))
def test_each_sign_that_begins_a_formula_is_words(sign):
    cell = f"{sign}cmd|' /C calc'!A0"
    line = "".join(csv_lines(("备注",), [(cell,)])).splitlines(keepends=True)
    assert next(csv.reader(io.StringIO("".join(line[1:]), newline="")))[0] == f"'{cell}"
    (wrong, _) = wrong_cells(xlsx(Table("a", ("备注",), [(cell,)])), "xlsx")
    assert wrong == []


def test_what_was_led_by_an_apostrophe_reads_back_as_it_was():
    sent = "".join(csv_lines(("备注",), [(EVIL,)])).encode()
    assert read(sent, "a.csv")[0].rows[1] == [EVIL]
