"""登记表 in the browser: upload, preview, write or have approved, take back; only for those who may, only where they may."""

import io

import openpyxl
import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.people.models import Unit
from app.people.rules import UnitKind
from app.registers.models import RegisterBatch
from app.registers.rules import COLUMNS, RegisterKind
from app.worklist.models import Notice
from tests.conftest import statements
from tests.registers.sheet import file

sqlite_only = True


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def lake(make, top):
    return make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)


@pytest.fixture
def clerk(make, top):
    person = make.person("周敏", phone="13800000004")
    make.grant(person, Role.ADMINISTRATOR, top)
    return person


@pytest.fixture
def browser(as_person, clerk):
    return as_person(clerk)


UNIT = {"名称": "锦园第一党支部", "类别": "党支部", "上级": "灯湖社区党委"}
BAD = {"名称": "锦园第二党支部", "类别": "党支部", "上级": "没有的社区党委"}
PAST = {"姓名": "何嘉怡", "手机号码": "13800138000", "服务日期": "2024-03-05", "活动或内容": "便民服务", "时长": 2.5, "来源": "纸质台账"}


def send(browser, kind, data, name="表2026年11月.xlsx"):
    return browser.post(f"/registers/{kind}", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def units():
    return db.session.scalar(select(func.count()).select_from(Unit))


def test_from_upload_to_undo(browser, lake):
    before = units()
    sent = send(browser, "units", file(RegisterKind.UNITS, UNIT, BAD))
    assert sent.status_code == 303
    preview = browser.get(sent.location).text
    for words in ("表里 2 行", "写入 1 行", "不收的 1 行", "不在系统里，也不在这张表里", "桂城街道党工委/灯湖社区党委"):
        assert words in preview
    assert units() == before
    written = browser.post(f"{sent.location}/application")
    assert (written.status_code, written.location) == (303, sent.location)
    assert "写好了" in browser.get(sent.location).text
    assert units() == before + 1
    assert "已写入" in browser.get("/registers").text
    again = browser.get(send(browser, "units", file(RegisterKind.UNITS, UNIT)).location).text
    assert "没有要写入的" in again
    assert "application" not in again
    assert browser.post(f"{sent.location}/reversal").status_code == 303
    assert "已整批退回" in browser.get(sent.location).text
    assert units() == before


def test_the_corrected_sheet_has_only_the_refused_rows_red_and_comes_back_as_it_is(browser, lake):
    sent = send(browser, "units", file(RegisterKind.UNITS, UNIT, BAD))
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"{sent.location}/refused.xlsx").data)).active
    rows = list(sheet.iter_rows(min_row=3))
    assert [cell.value for cell in rows[0]] == [*(column.title for column in COLUMNS[RegisterKind.UNITS]), "原表行号", "为什么不收"]
    assert [cell.value for cell in rows[1]][:3] == ["锦园第二党支部", "党支部", "没有的社区党委"]
    assert [cell.fill.fgColor.rgb for cell in rows[1]][:3] == ["00000000", "00000000", "FFF8D0CC"]
    assert len(rows) == 2
    rows[1][2].value = "灯湖社区党委"
    mended = io.BytesIO()
    sheet.parent.save(mended)
    assert "写入 1 行" in browser.get(send(browser, "units", mended.getvalue()).location).text


def test_hours_wait_for_another_person(make, browser, as_person, clerk, top, lake):
    he = make.person("何嘉怡", home=lake, phone="13800138000")
    other = make.person("霍静雯")
    make.grant(other, Role.ADMINISTRATOR, top)
    sent = send(browser, "hours", file(RegisterKind.HOURS, PAST))
    page = browser.get(sent.location).text
    assert "自己上传的不能自己核准" in page
    assert "<form" not in page[page.index("等另一位管理员核准") :].split("</section>")[0]
    for path in ("approval", "application"):
        browser.post(f"{sent.location}/{path}")
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0
    assert "请街道再设一位管理员" in page
    second = as_person(other)
    assert "能核准的：霍静雯" in browser.get(sent.location).text
    assert "表2026年11月.xlsx" in second.get("/work").text
    assert "等您核准" in second.get("/registers").text
    assert "核准并写入 1 条" in second.get(sent.location).text
    second.post(f"{sent.location}/approval")
    entry = db.session.execute(select(HourEntry.person_id, HourEntry.made_by_id, HourEntry.approved_by_id)).one()
    assert tuple(entry) == (he, clerk, other)
    assert "自己上传的不能自己退回" in browser.get(sent.location).text
    assert "整批退回 1 行" in second.get(sent.location).text
    assert db.session.scalars(select(Notice.text).where(Notice.person_id == clerk)).all() == ["历史时长表已写入：新增 1 行，改动 0 行"]


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.xlsx", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.et", "另存为 xlsx"),
        ("名称,别的\n甲,乙\n".encode(), "a.csv", "没有找到表头"),
        ("名称,上级\n甲,乙\n".encode(), "a.csv", "少了类别"),
        ("名称,类别,上级\n".encode(), "a.csv", "下面没有内容"),
    ],
)
def test_a_bad_file_is_answered_beside_the_field_and_nothing_is_kept(browser, lake, data, name, says):
    answer = send(browser, "units", data, name)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(select(RegisterBatch.id)).all() == []


def test_gbk_and_synonyms_and_a_title_are_read(browser, lake):
    words = "桂城街道组织一览,,\n组织名称,类型,上级党组织（必填）\n锦园第一党支部,党支部,灯湖社区党委\n合计,1,\n"
    assert "写入 1 行" in browser.get(send(browser, "units", words.encode("gbk"), "a.csv").location).text


@pytest.mark.parametrize("kind", RegisterKind)
def test_each_kind_has_its_page_and_an_empty_sheet_that_is_read(browser, make, clerk, top, lake, kind):
    make.grant(clerk, Role.FUND_OFFICER, top)
    page = browser.get(f"/registers/{kind}/new").text
    for column in COLUMNS[kind]:
        assert column.title in page or not column.example
    empty = browser.get(f"/registers/{kind}/template.xlsx").data
    answer = send(browser, kind, empty)
    assert "下面没有内容" in answer.text


@pytest.mark.parametrize("path", ["", "/rows", "/refused.xlsx", "/progress"])
def test_who_may_not_import_finds_nothing(browser, as_person, make, top, lake, path):
    sent = send(browser, "units", file(RegisterKind.UNITS, UNIT))
    secretary, elsewhere = make.person("书记"), make.person("别处")
    make.grant(secretary, Role.SECRETARY, top)
    make.grant(elsewhere, Role.ADMINISTRATOR, lake)
    for person in (secretary, elsewhere):
        assert as_person(person).get(f"{sent.location}{path}").status_code == 404
    for verb in ("application", "approval", "reversal"):
        assert as_person(elsewhere).post(f"{sent.location}/{verb}").status_code == 404
    assert as_person(secretary).get("/registers").status_code == 404
    assert "表2026年11月" not in as_person(elsewhere).get("/registers").text


def test_all_rows_page_by_page(browser, lake):
    sent = send(browser, "units", file(RegisterKind.UNITS, *(UNIT | {"名称": f"第{n}支部"} for n in range(103))))
    first = browser.get(f"{sent.location}/rows?verdict=new").text
    assert "第0支部" in first
    assert "第102支部" not in first
    assert "第102支部" in browser.get(f"{sent.location}/rows?verdict=new&after=100").text
    assert browser.get(f"{sent.location}/rows?verdict=odd").status_code == 404


def test_the_list_asks_as_much_for_many_batches_as_for_one(browser, lake):
    def asked():
        with statements() as sent:
            browser.get("/registers")
        return len(sent)

    send(browser, "units", file(RegisterKind.UNITS, UNIT))
    once = asked()
    for _ in range(4):
        send(browser, "units", file(RegisterKind.UNITS, UNIT))
    assert asked() == once


def test_the_list_of_things_to_manage_leads_here(browser):
    page = browser.get("/manage").text
    assert 'href="/registers"' in page
    assert 'href="/exports"' in page
