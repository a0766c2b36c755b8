"""Sheets that go back to the office: the refused rows with red cells, and an empty roster to fill in."""

from app.imports import status
from app.imports.reading import WHOLE_ROW
from app.imports.rules import SYNONYMS, Column
from app.sheets.corrections import MEND, corrections
from app.sheets.writing import Table, xlsx

IN_ORDER = (
    Column.NAME, Column.GENDER, Column.BIRTH, Column.PHONE, Column.COMMUNITY, Column.BRANCH,
    Column.STAGE, Column.STAGE_ON, Column.JOINED, Column.REPORTED, Column.NOTE,
)  # fmt: skip


def refused(batch: status.Batch) -> bytes:
    note = MEND + "重复的行整行是红的，删掉就好。"
    return corrections(batch.titles, status.refused_rows(batch.id), whole_row=WHOLE_ROW, note=note)


def template() -> bytes:
    titles = [SYNONYMS[column][0] for column in IN_ORDER]
    note = "例：张三，男，1980-01-02，13800138000，灯湖社区，灯湖社区第一党支部，入党积极分子，2026-03-01"
    return xlsx(Table("名册", titles, [], title="党员（发展党员）名册", note=note))
