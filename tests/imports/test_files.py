"""Whatever an office sends: xlsx, xls, csv in the encodings of Chinese Excel; .et and passworded files are told to save as xlsx."""

import pytest

from app.core.errors import Invalid
from app.people.rules import UnitKind
from app.sheets.reading import OLE, read
from tests.imports.old_excel import xls
from tests.imports.sheet import HEADING, PLAIN, counts, file, plan

sqlite_only = True

ROW = [PLAIN.get(word) for word in HEADING]
CSV = "\r\n".join([",".join(HEADING), ",".join(str(value or "") for value in ROW), "合计,1人"])


@pytest.fixture(autouse=True)
def place(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    return make.unit("灯湖社区第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (file({}), "名册.xlsx"),
        (xls([["桂城街道花名册"], list(HEADING), ROW]), "名册.xls"),
        (CSV.encode("utf-8"), "名册.csv"),
        (CSV.encode("utf-8-sig"), "名册.csv"),
        (CSV.encode("gbk"), "名册.csv"),
        (CSV.replace("何嘉怡", "何䶮怡").encode("gb18030"), "名册.csv"),
        (CSV.encode("utf-16"), "名册.csv"),
        (CSV.replace(",", "\t").encode("gbk"), "名册.txt"),
        (file({}), "名册.xls"),  # the content counts, not the name
    ],
    ids=["xlsx", "xls", "utf-8", "utf-8 with BOM", "gbk", "gb18030", "utf-16", "tabs", "xlsx called xls"],
)
def test_every_kind_of_file_is_the_same_roster(data, name):
    found = plan(data, name)
    assert counts(found) == (1, 0, 0, 0)
    row = found.decisions[0].row
    assert (row.name[0], row.phone, row.branch) == ("何", "13800138000", "灯湖社区第一党支部")


def test_numbers_of_an_old_excel_are_phones_and_days():
    line = ["何嘉怡", "女", 32875.0, 13800138000.0, "灯湖社区", "灯湖社区第一党支部"]
    row = plan(xls([list(HEADING), line]), "名册.xls").decisions[0].row
    assert (row.phone, str(row.birth_date)) == ("13800138000", "1990-01-02")


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (OLE + bytes(2000), "名册.et", r"\.et"),
        (file({}), "名册.ET", r"\.et"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "名册.xlsx", "设了密码"),
        (xls([list(HEADING), ROW], password=True), "名册.xls", "设了密码"),
    ],
    ids=["et", "ET", "xlsx with a password", "xls with a password"],
)
def test_what_can_not_be_read_says_save_as_xlsx(data, name, says):
    with pytest.raises(Invalid, match=says) as fault:
        read(data, name)
    assert "另存为 xlsx" in fault.value.message
