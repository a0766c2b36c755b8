"""Sheets that go back to the office: the refused rows with red cells, and an empty roster to fill in."""

from app.imports import status
from app.imports.reading import WHOLE_ROW
from app.imports.rules import SYNONYMS, Column
from app.sheets.writing import Table, Value, xlsx

OWN = ("原表行号", "为什么不收")
IN_ORDER = (
    Column.NAME, Column.GENDER, Column.BIRTH, Column.PHONE, Column.COMMUNITY, Column.BRANCH,
    Column.STAGE, Column.STAGE_ON, Column.JOINED, Column.REPORTED, Column.NOTE,
)  # fmt: skip


def refused(batch: status.Batch) -> bytes:
    """Only the refused rows, in the sheet's own columns, each bad cell red, with the reason; mend it and upload it as it is."""
    titles = list(batch.titles)
    rows: list[list[Value]] = []
    red: set[tuple[int, int]] = set()
    for place, (number, cells, faults) in enumerate(status.refused_rows(batch.id)):
        padded = (cells + [None] * len(titles))[: len(titles)]
        rows.append([*padded, number, "；".join(f"{column}：{reason}" for column, reason in faults)])
        for column, _reason in faults:
            marked = range(len(titles)) if column == WHOLE_ROW else [titles.index(column)] if column in titles else []
            red.update((place, index) for index in marked)
    note = "红格改好后存盘，直接再传一次；最后两列不用删。重复的行整行是红的，删掉就好。"
    return xlsx(Table("改正表", [*titles, *OWN], rows, red, title="没有收下的行", note=note))


def template() -> bytes:
    titles = [SYNONYMS[column][0] for column in IN_ORDER]
    note = "例：张三，男，1980-01-02，13800138000，灯湖社区，灯湖社区第一党支部，入党积极分子，2026-03-01"
    return xlsx(Table("名册", titles, [], title="党员（发展党员）名册", note=note))
