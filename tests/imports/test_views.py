"""名册 in the browser: upload, preview, write, take back; only for those who may, only where they may."""

import io
from datetime import date

import pytest
from sqlalchemy import func, select

from app.core.db import db
from app.core.permissions import Role
from app.imports.models import ImportBatch
from app.people.models import Membership, Person, Stage, Unit
from app.people.rules import MembershipKind, UnitKind
from app.sheets import reading
from tests.conftest import statements
from tests.imports.sheet import SAMPLE, file

sqlite_only = True
UNITS = {"make_units": "1"}


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def clerk(make, top):
    person = make.person("周敏", phone="13800000004")
    make.grant(person, Role.ADMINISTRATOR, top)
    return person


@pytest.fixture
def browser(as_person, clerk):
    return as_person(clerk)


def send(browser, data, name="党员名册2026年11月.xlsx"):
    return browser.post("/imports", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def people_count():
    return db.session.scalar(select(func.count()).select_from(Person))


def test_the_sample_from_upload_to_undo(browser):
    before = people_count()
    sent = send(browser, SAMPLE.read_bytes())
    assert sent.status_code == 303
    preview = browser.get(sent.location).text
    for words in (
        "表里 1,221 行",
        "1,150",
        "不收的 62 行",
        "新单位，72 个",
        "新建这 72 个单位",
        "1,150 行要等新单位",
        "没有填姓名",
        "30 天内",
    ):
        assert words in preview
    assert people_count() == before
    browser.post(f"{sent.location}/application")
    assert "请先勾选要新建的单位" in browser.get(sent.location).text
    assert people_count() == before
    written = browser.post(f"{sent.location}/application", data=UNITS)
    assert (written.status_code, written.location) == (303, sent.location)
    assert "写好了" in browser.get(sent.location).text
    assert people_count() == before + 1150
    assert "已写入" in browser.get("/imports").text
    again = browser.get(send(browser, SAMPLE.read_bytes()).location).text
    assert "没有要写入的" in again
    assert "application" not in again
    assert browser.post(f"{sent.location}/reversal").status_code == 303
    assert "已整批退回" in browser.get(sent.location).text
    assert people_count() == before


def test_whoever_wrote_is_told(browser):
    sent = send(browser, file({}))
    browser.post(f"{sent.location}/application", data=UNITS)
    from app.worklist.models import Notice

    notice = db.session.execute(select(Notice.text, Notice.url)).one()
    assert notice == ("名册已写入：新增 1 人，改动 0 人", sent.location)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.xlsx", "空的"),
        (b"%PDF-1.7\x00", "a.xlsx", "这不是表格文件"),
        (b"\x89PNG\r\n\x1a\n\x00", "a.xlsx", "这不是表格文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.et", "另存为 xlsx"),
        ("姓名,别的\n".encode(), "a.csv", "没有找到表头"),
    ],
)
def test_a_bad_file_is_answered_beside_the_field_and_nothing_is_written(browser, data, name, says):
    answer = send(browser, data, name)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(select(ImportBatch.id)).all() == []


def test_a_file_that_is_too_large(browser, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_FILE", 1000)
    answer = send(browser, b"x" * 1001, "a.csv")
    assert answer.status_code == 422
    assert "超过 10 MB" in answer.text


def test_no_file_chosen(browser):
    answer = browser.post("/imports", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "请选一个名册文件" in answer.text


def test_the_tick_for_dates_stands_only_where_dates_differ(browser):
    first = send(browser, file({}))
    assert "move_dates" not in browser.get(first.location).text
    browser.post(f"{first.location}/application", data=UNITS)
    second = send(browser, file({"进入当前阶段日期": "2026-02-01"}))
    page = browser.get(second.location).text
    assert "也改 1 人的阶段日期" in page
    browser.post(f"{second.location}/application", data={"move_dates": "1"} | UNITS)
    assert "写好了" in browser.get(second.location).text


def test_a_refused_undo_says_why_and_changes_nothing(browser, make):
    sent = send(browser, file({}))
    browser.post(f"{sent.location}/application", data=UNITS)
    make.account(db.session.scalar(select(Person.id).where(Person.name == "何嘉怡")))
    before = people_count()
    browser.post(f"{sent.location}/reversal")
    assert "开通了账号" in browser.get(sent.location).text
    assert people_count() == before


def test_lists_and_the_correction_sheet(browser):
    sent = send(browser, SAMPLE.read_bytes())
    assert browser.get(f"{sent.location}/refused").text.count("<tr>") == 1 + 62 + 1  # row 362 has two faults
    warned = browser.get(f"{sent.location}/warnings").text
    assert warned.count("<tr>") == 101
    assert "after=100" in warned
    assert browser.get(f"{sent.location}/missing").status_code == 200
    sheet = browser.get(f"{sent.location}/refused.xlsx")
    assert sheet.data.startswith(b"PK")
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert browser.get("/imports/template.xlsx").data.startswith(b"PK")


def test_progress_is_empty_before_and_reloads_after(browser):
    sent = send(browser, file({}))
    assert browser.get(f"{sent.location}/progress").status_code == 204
    over = browser.get(f"{sent.location}/progress?seen=1")
    assert (over.status_code, over.headers["HX-Refresh"]) == (204, "true")


def test_progress_shows_counts_while_somebody_writes(browser):
    from sqlalchemy import update

    from app.core import clock
    from app.core.db import in_transaction

    sent = send(browser, file({}))
    in_transaction(lambda: db.session.execute(update(ImportBatch).values(running=1, beat_at=clock.now(), started_at=clock.now())))
    fragment = browser.get(f"{sent.location}/progress")
    assert "正在写入" in fragment.text
    assert "/ 1 行" in fragment.text
    browser.post(f"{sent.location}/application", data=UNITS)
    assert "请等它完成再试" in browser.get(sent.location).text


@pytest.mark.parametrize("path", ["", "/refused", "/warnings", "/missing", "/refused.xlsx", "/progress"])
def test_who_may_not_import_finds_nothing(browser, as_person, make, top, path):
    sent = send(browser, file({}))
    secretary = make.person("书记")
    make.grant(secretary, Role.SECRETARY, top)
    elsewhere = make.person("别处")
    make.grant(elsewhere, Role.ADMINISTRATOR, make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top))
    for person in (secretary, elsewhere):
        assert as_person(person).get(f"{sent.location}{path}").status_code == 404
    assert as_person(elsewhere).post(f"{sent.location}/application").status_code == 404
    assert as_person(elsewhere).post(f"{sent.location}/reversal").status_code == 404
    assert as_person(secretary).get("/imports").status_code == 404
    assert "党员名册" not in as_person(elsewhere).get("/imports").text


def test_the_list_asks_as_much_for_many_batches_as_for_one(browser):
    def asked():
        with statements() as sent:
            browser.get("/imports")
        return len(sent)

    send(browser, file({}))
    once = asked()
    for _ in range(4):
        send(browser, file({}))
    assert asked() == once


def test_after_taking_back_nothing_is_headlined_as_new(browser):
    sent = send(browser, file({}))
    browser.post(f"{sent.location}/application", data=UNITS)
    browser.post(f"{sent.location}/reversal")
    page, listed = browser.get(sent.location).text, browser.get("/imports").text
    assert "这份名册已整批退回" in page
    assert '<dt class="flow soft">新增</dt>' not in page
    assert "写入的 1 行已整批退回" in listed
    assert "新增" not in listed


def test_without_a_phone_the_tick_takes_them_in(browser):
    sent = send(browser, file({"手机号码": None}))
    assert "没有手机的按持卡人员收下（1 人）" in browser.get(sent.location).text
    browser.post(f"{sent.location}/application", data={"take_cards": "1"} | UNITS)
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.name == "何嘉怡")) == 1


def test_a_likely_change_of_number_is_asked_and_answered_with_the_writing(browser):
    first = send(browser, file({}))
    browser.post(f"{first.location}/application", data=UNITS)
    sent = send(browser, file({"手机号码": "13900139000"}))
    page = browser.get(sent.location).text
    for words in ("这 1 人像是换了号码", "138****8000", "139****9000", "先不处理", "登录用的号码不动", 'form="apply"'):
        assert words in page
    assert "13900139000" not in page
    kept = browser.post(f"{sent.location}/answers", data={"answer-3": "other"})
    assert kept.status_code == 303
    page = browser.get(sent.location).text
    assert "定了 1 人" in page
    assert "周敏定的" in page
    assert browser.get(f"{sent.location}/questions").status_code == 200
    browser.post(f"{sent.location}/application", data={"answer-3": "same"} | UNITS)
    from app.people.models import Phone

    numbers = db.session.execute(select(Phone.number, Phone.valid_to.is_(None)).join(Person).where(Person.name == "何嘉怡")).all()
    assert set(numbers) == {("13800138000", False), ("13900139000", True)}


def test_the_importers_own_branch_and_stage_are_for_others_to_change(make, browser, top, clerk):
    here = make.unit("灯湖社区第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))
    make._add(Membership, person_id=clerk, unit_id=here, kind=MembershipKind.HOME, valid_from=date(2026, 1, 1))
    own = {"姓名": "周敏", "手机号码": "13800000004", "所属党支部": "灯湖社区第二党支部", "备注": "楼长"}
    sent = send(browser, file(own))
    preview = browser.get(sent.location).text
    assert "自己的支部和阶段要由别人来改，这几格没有动" in preview
    units = select(func.count()).select_from(Unit)
    before = db.session.scalar(units)
    browser.post(f"{sent.location}/application", data=UNITS)
    assert db.session.scalar(units) == before
    homes = select(Membership.unit_id).where(Membership.person_id == clerk, Membership.kind == MembershipKind.HOME)
    assert db.session.scalars(homes).all() == [here]
    assert db.session.scalars(select(Stage.id).where(Stage.person_id == clerk)).all() == []
    assert db.session.scalar(select(Person.note).where(Person.id == clerk)) == "楼长"


def test_what_was_asked_says_nothing_wrong_about_the_phone_when_all_is_written(browser):
    browser.post(f"{send(browser, file({})).location}/application", data=UNITS)
    sent = send(browser, file({"手机号码": "13900139000"}, {"姓名": "何大明", "手机号码": "13700137000"}))
    assert "登记的是" in browser.get(sent.location).text
    browser.post(f"{sent.location}/application", data={"answer-3": "other"})
    page = browser.get(f"{sent.location}/questions").text
    assert "139****9000" in page
    assert "还没有登记手机号码" not in page
