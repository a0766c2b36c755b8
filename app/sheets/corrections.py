"""The sheet of refused rows that goes back to the office."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.sheets.writing import Table, Value, xlsx

OWN = ("原表行号", "为什么不收")
MEND = "红格改好后存盘，直接再传一次；最后两列不用删。"

Refused = tuple[int, Sequence[Any], Sequence[tuple[str, str]]]


def corrections(titles: Sequence[str], refused: Iterable[Refused], *, whole_row: str | None = None, note: str = MEND) -> bytes:
    """Only the refused rows (number, cells, (column, reason) of every fault), in the sheet's own columns, each bad cell red, with the
    reason; mend it and upload it as it is. A fault of the column `whole_row` reddens all cells."""
    rows: list[list[Value]] = []
    red: set[tuple[int, int]] = set()
    for place, (number, cells, faults) in enumerate(refused):
        padded = [*cells, *[None] * len(titles)][: len(titles)]
        rows.append([*padded, number, "；".join(f"{column}：{reason}" for column, reason in faults)])
        for column, _reason in faults:
            marked = range(len(titles)) if column == whole_row else [titles.index(column)] if column in titles else []
            red.update((place, index) for index in marked)
    return xlsx(Table("改正表", [*titles, *OWN], rows, red, title="没有收下的行", note=note))
