"""Sheets that go back to the office: the refused rows with red cells, and an empty register to fill in."""

from app.registers import status
from app.registers.rules import COLUMNS, KIND_NAMES, RegisterKind
from app.sheets.corrections import corrections
from app.sheets.writing import Table, xlsx


def refused(batch: status.Batch) -> bytes:
    return corrections(batch.titles, status.refused_rows(batch.id))


def template(kind: RegisterKind) -> bytes:
    columns = [column for column in COLUMNS[kind] if column.example or column.needed or kind is not RegisterKind.HOURS]
    note = "例：" + "，".join(column.example for column in columns if column.example)
    return xlsx(Table(KIND_NAMES[kind], [column.title for column in columns], [], title=f"{KIND_NAMES[kind]}表", note=note))
