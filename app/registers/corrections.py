"""Sheets that go back to the office: the refused rows with red cells, and an empty register to fill in."""

from app.registers import status
from app.registers.rules import COLUMNS, KIND_NAMES, RegisterKind
from app.sheets.writing import Table, Value, xlsx

OWN = ("原表行号", "为什么不收")


def refused(batch: status.Batch) -> bytes:
    """Only the refused rows, in the sheet's own columns, each bad cell red, with the reason; mend it and upload it as it is."""
    titles = list(batch.titles)
    rows: list[list[Value]] = []
    red: set[tuple[int, int]] = set()
    for place, (number, cells, faults) in enumerate(status.refused_rows(batch.id)):
        padded = (cells + [None] * len(titles))[: len(titles)]
        rows.append([*padded, number, "；".join(f"{column}：{reason}" for column, _, reason in faults)])
        red.update((place, titles.index(column)) for column, _, _ in faults if column in titles)
    note = "红格改好后存盘，直接再传一次；最后两列不用删。"
    return xlsx(Table("改正表", [*titles, *OWN], rows, red, title="没有收下的行", note=note))


def template(kind: RegisterKind) -> bytes:
    columns = [column for column in COLUMNS[kind] if column.example or column.needed or kind is not RegisterKind.HOURS]
    note = "例：" + "，".join(column.example for column in columns if column.example)
    return xlsx(Table(KIND_NAMES[kind], [column.title for column in columns], [], title=f"{KIND_NAMES[kind]}表", note=note))
