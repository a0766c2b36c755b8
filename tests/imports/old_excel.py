"""A real .xls (BIFF8 in an OLE container), written byte by byte: no library at hand writes what offices still send."""

import struct
from collections.abc import Sequence

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(rows: Sequence[Sequence[str | float | None]], *, password: bool = False) -> bytes:
    """One sheet of the rows. `password`: with the record that says that the rest is encrypted."""
    globals_bof, sheet_bof = (_record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0x0600)) for kind in (0x0005, 0x0010))
    locked = _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if password else b""
    name = "名册".encode("utf-16-le")
    length = len(_record(0x0085, bytes(8) + name))
    start = len(globals_bof) + len(locked) + length + 4
    bound = _record(0x0085, struct.pack("<IHBB", start, 0, len(name) // 2, 1) + name)
    cells = [_cell(row, column, value) for row, line in enumerate(rows) for column, value in enumerate(line) if value not in ("", None)]
    end = _record(0x000A, b"")
    return _ole(globals_bof + locked + bound + end + sheet_bof + b"".join(cells) + end)


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _cell(row: int, column: int, value: str | float | None) -> bytes:
    at = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return _record(0x0203, at + struct.pack("<d", value))
    text = str(value).encode("utf-16-le")
    return _record(0x0204, at + struct.pack("<HB", len(text) // 2, 1) + text)


def _ole(stream: bytes) -> bytes:
    """One stream called Workbook. Below 4,096 bytes it would belong into a smaller container; so it is filled up."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    sectors = len(stream) // SECTOR
    assert sectors + 2 <= SECTOR // 4, "one sector of the table is enough for a test"
    table = [FAT, END, *range(3, sectors + 2), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    directory = _entry("Root Entry", 5, END, 0, child=1) + _entry("Workbook", 2, 2, len(stream)) + _entry("", 0, 0, 0) * 2
    return header + struct.pack("<128I", *table, *[FREE] * (128 - len(table))) + directory + stream


def _entry(name: str, kind: int, first: int, size: int, child: int = FREE) -> bytes:
    text = name.encode("utf-16-le")
    words = struct.pack("<HBBIII", len(text) + 2 if name else 0, kind, 1, FREE, FREE, child)
    return text.ljust(64, b"\0") + words + bytes(36) + struct.pack("<IQ", first, size)
