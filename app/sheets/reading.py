"""Bytes of an uploaded table → rows of plain cells. What it is, is judged by content; the name only helps with `.et`.

calamine reads fast but gives a formula without a stored result as ''; those cells are taken with openpyxl, as text, so that
"=HYPERLINK(…)" in a note stays what it is: words, never a formula.
"""

import csv
import io
import re
import subprocess
import sys
import zipfile
import zlib
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Lock

import openpyxl
import python_calamine
from openpyxl.utils import column_index_from_string

from app.core.errors import Invalid
from app.sheets.probe_child import MOST_CELLS

Cell = str | int | float | bool | date | datetime | time | timedelta | None

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_UNPACKED = 100 * 1024 * 1024  # 14,000 rows of a roster unpack to about 12 MB
MOST_PARTS = 2000
PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # of others `zipfile` unpacks all before it cuts to what the part says
PARTS_OF_TABLES = (".xml", ".rels")  # not pictures
PROBE = Path(__file__).with_name("probe_child.py")
PROBE_WAIT = 60  # seconds, of the clock; its own processor time is shorter
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NO_TABLE = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
SAVE_AS = "请在 Excel 或 WPS 里打开，另存为 xlsx，再传一次。"
OTHER_BOOKS = frozenset({"xl/workbook.bin", "content.xml", "mimetype"})  # xlsb and ods, in the clothes of an xlsx
FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")  # the wide ones too: Excel reads them so where Chinese is typed
FILLED = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?:[^>]*[^/>])?>')
USUAL_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"[ />]')
ANY_CELL = re.compile(rb"<(?:[^\s<>/]*:)?c[\s/>]")
FAR_AWAY = "表里很远的地方还有格子，读不下。请把名册复制到一张新表，另存为 xlsx 再传。"
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OSError, SyntaxError, zipfile.BadZipFile)  # openpyxl, of a crooked book
_one_at_a_time = Lock()  # a table that is tried takes memory meanwhile


@dataclass(frozen=True)
class Sheet:
    """`rows[0]` is the sheet's row 1; rows may differ in length. Empty cells are '' or None."""

    name: str
    rows: list[list[Cell]]


def read(data: bytes, file_name: str) -> list[Sheet]:
    """All visible sheets. Raises Invalid (field `file`) in words that say what to do."""
    if not data:
        raise _fault("这个文件是空的，请换一个。")
    if len(data) > LARGEST_FILE:
        raise _fault("文件超过 10 MB，没有收下。请只留名册那一张表再传。")
    if file_name.lower().endswith(".et"):
        raise _fault(f"这是 WPS 的 .et 文件，读不准。{SAVE_AS}")
    if data.startswith(b"PK\x03\x04"):
        return _xlsx(data)
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _fault("这个文件设了密码，打不开。请先打开、去掉密码，再另存为 xlsx 传一次。")
        _try_apart(data)
        return _calamine(data)
    if data.startswith(NO_TABLE):
        raise _fault("这不是表格文件，像是图片、PDF 或别的文件。请选 xlsx、xls 或 csv。")
    if b"\x00" in data[:4096] and not _is_utf16(data):
        raise _fault(f"这个文件打不开，可能坏了，或不是表格。{SAVE_AS}")
    return [_csv(data)]


def _is_utf16(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _fault(message: str) -> Invalid:
    return Invalid({"file": message}, message)


def _xlsx(data: bytes) -> list[Sheet]:
    anew, formulas = _inspect(data)
    sheets = _calamine(anew)
    if formulas:
        _put_formulas(anew, sheets)
    return sheets


def _inspect(data: bytes) -> tuple[bytes, bool]:
    """Refuse what is no workbook or would not fit in memory; the workbook packed anew, and whether there are formulas.

    Two programs may read two things out of one archive (its directory twice, its sizes twice). What is looked at here is therefore what
    is read afterwards, and no part is longer than it says: `zipfile` stops there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = parts.namelist()
            if "xl/workbook.xml" not in names:
                raise _fault(f"这不是 xlsx 表格。{SAVE_AS}")
            if len(set(names)) < len(names) or OTHER_BOOKS & set(names) or not {part.compress_type for part in parts.infolist()} <= PACKED:
                raise _fault(f"这个文件坏了，打不开。{SAVE_AS}")
            if len(names) > MOST_PARTS or sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise _fault("这个文件解开后太大，没有收下。请只留名册那一张表，另存后再传。")
            anew, usual, formulas = _walk(parts, names)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise _fault(f"这个文件坏了，打不开。{SAVE_AS}") from error
    if not usual:
        _try_apart(anew)
    return anew, formulas


def _try_apart(data: bytes) -> None:
    """Reading it may take all memory, or end the process: tried where that harms nobody."""
    with _one_at_a_time:
        try:
            done = subprocess.run([sys.executable, "-I", str(PROBE)], input=data, capture_output=True, timeout=PROBE_WAIT, check=False)  # noqa: S603 (our own file; what was sent is its input)
        except subprocess.TimeoutExpired as error:
            raise _fault(FAR_AWAY) from error
    if done.returncode != 0:
        raise _fault(FAR_AWAY)


def _walk(parts: zipfile.ZipFile, names: list[str]) -> tuple[bytes, bool, bool]:
    """Unpack piece by piece and look at every sheet's extent. Returns the parts that make the tables, packed anew, whether all sheets are
    written in the usual way, so that their extent is known, and whether there are formulas."""
    out, formulas, usual = io.BytesIO(), False, True
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as anew:
        for name in names:
            pieces: list[bytes] = []
            before = b""
            is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
            with parts.open(name) as part, anew.open(name, "w") if name.lower().endswith(PARTS_OF_TABLES) else nullcontext() as copy:
                while piece := part.read(1 << 20):
                    if copy:
                        copy.write(piece)
                    if is_sheet:
                        pieces.append(piece)
                    else:
                        usual = usual and b"sheetData" not in before + piece
                        before = piece[-10:]
            if is_sheet:
                xml = b"".join(pieces)
                _extent(xml)
                formulas = formulas or b"<f>" in xml or b"<f " in xml
                usual = usual and b"<sheetData" in xml and _count(USUAL_CELL, xml) == _count(ANY_CELL, xml)
    return out.getvalue(), usual, formulas


def _count(pattern: re.Pattern[bytes], xml: bytes) -> int:
    """How often it is found, without a list of all."""
    return sum(1 for _ in pattern.finditer(xml))


def _extent(xml: bytes) -> None:
    widest, lowest, seen = 1, 1, set()
    for cell in FILLED.finditer(xml):
        column, row = cell.groups()
        lowest = max(lowest, int(row))
        if column not in seen:
            seen.add(column)
            widest = max(widest, column_index_from_string(column.decode()))
    if widest * lowest > MOST_CELLS:
        raise _fault(FAR_AWAY)


def _calamine(data: bytes) -> list[Sheet]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            meta.name
            for meta in book.sheets_metadata
            if meta.typ is python_calamine.SheetTypeEnum.WorkSheet and meta.visible is python_calamine.SheetVisibleEnum.Visible
        ]
        return [Sheet(name, [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]) for name in visible]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _fault(f"这个文件打不开，可能设了密码或已损坏。{SAVE_AS}") from error


def _put_formulas(data: bytes, sheets: list[Sheet]) -> None:
    """Where calamine gave nothing, the formula's own text."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except UNREADABLE as error:
        raise _fault(f"这个文件坏了，打不开。{SAVE_AS}") from error
    try:
        for sheet in sheets:
            if sheet.name not in book.sheetnames:
                continue
            for cells in book[sheet.name].iter_rows():
                for cell in cells:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        _put(sheet.rows, cell.row - 1, cell.column - 1, cell.value)
    except UNREADABLE as error:
        raise _fault(f"这个文件坏了，打不开。{SAVE_AS}") from error
    finally:
        book.close()


def _put(rows: list[list[Cell]], row: int, column: int, text: str) -> None:
    if row < len(rows) and column < len(rows[row]) and rows[row][column] in ("", None):
        rows[row][column] = text


def _as_meant(cell: str) -> str:
    """Without the apostrophe that `writing.csv_lines` puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_SIGNS else cell


def _csv(data: bytes) -> Sheet:
    """UTF-8, else GBK (GB 18030, which Chinese Excel writes). Comma, tab or semicolon."""
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _fault(f"这不是表格文件。{SAVE_AS}")
    for encoding in ("utf-16",) if _is_utf16(data) else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _fault(f"这不是表格文件，或文字编码认不出来。{SAVE_AS}")
    head = text[:4000]
    if any(ord(char) < 9 for char in head):
        raise _fault(f"这不是表格文件。{SAVE_AS}")
    separator = max(",\t;", key=head.count)
    try:
        return Sheet("csv", [[_as_meant(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)])
    except csv.Error as error:
        raise _fault(f"这个 csv 读不懂。{SAVE_AS}") from error
