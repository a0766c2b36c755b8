"""Columns that nobody knows: asked about, remembered for the office, and forgotten again."""

import io

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.permissions import Role
from app.imports import rules
from app.imports.models import ImportHeading
from app.imports.rules import Column
from app.imports.service import Unread
from app.people.models import Person
from app.people.rules import UnitKind
from tests.imports.sheet import HEADING, counts, file, plan

sqlite_only = True

ODD = ("党员同志", "性别", "出生日期", "手机号码", "所在社区", "所属党支部", "政治面貌", "进入当前阶段日期", "特长", "序号")


def odd(**row):
    """A roster whose name column is called 党员同志, with a column of talents that nobody here knows."""
    return file({"党员同志": "何嘉怡", "特长": "会修水管", **row}, heading=ODD)


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


def send(browser, data, *said):
    words, means = [word for word, _ in said], [meaning for _, meaning in said]
    form = {"file": (io.BytesIO(data), "名册.xlsx"), "word": words, "means": means}
    return browser.post("/imports", data=form, content_type="multipart/form-data")


def test_a_heading_knows_what_it_does_not_know():
    heading = rules.find_heading([["序号", "姓名", "手机", "支部", "特长", "原表行号"]])
    assert heading.unknown == ("特长",)
    own = rules.find_heading([["姓名", "小灵通", "支部", "特长"]], {"小灵通": Column.PHONE, "特长": None})
    assert (own.columns[Column.PHONE], own.unknown, own.own) == (1, (), ("小灵通",))


def test_without_a_needed_column_the_likely_heading_is_asked_about(app):
    with pytest.raises(Unread, match="少了姓名") as unread:
        plan(odd())
    assert unread.value.heading.unknown == ("党员同志", "特长")


def test_a_column_more_than_needed_is_asked_about_on_the_preview(browser):
    sent = send(browser, file({}, heading=(*HEADING, "特长")))
    page = browser.get(sent.location).text
    assert "这几列没认出" in page
    assert 'name="word" value="特长"' in page
    again = send(browser, file({}, heading=(*HEADING, "特长")), ("特长", "unused"))
    assert "没认出" not in browser.get(again.location).text
    third = send(browser, file({}, heading=(*HEADING, "特长")))
    assert "没认出" not in browser.get(third.location).text


def test_what_a_column_is_said_to_be_is_used_at_once_and_the_next_time(browser, clerk, top):
    asked = send(browser, odd())
    assert asked.status_code == 422
    assert "还少姓名" in asked.text
    assert db.session.scalars(select(ImportHeading.id)).all() == []
    sent = send(browser, odd(), ("党员同志", "name"), ("特长", "note"))
    assert sent.status_code == 303
    browser.post(f"{sent.location}/application", data={"make_units": "1"})
    assert db.session.scalar(select(Person.note).where(Person.name == "何嘉怡")) == "会修水管"
    saved = db.session.execute(select(ImportHeading.unit_id, ImportHeading.word, ImportHeading.means, ImportHeading.made_by_id)).all()
    assert sorted(saved) == [(top, "党员同志", Column.NAME, clerk), (top, "特长", Column.NOTE, clerk)]
    again = send(browser, odd())
    page = browser.get(again.location).text
    assert "按本单位的表头认出：党员同志、特长。" in page
    assert counts(plan(odd())) == (0, 0, 1, 0)


def test_it_is_shown_and_can_be_removed(browser):
    send(browser, odd(), ("党员同志", "name"), ("特长", "unused"))
    page = browser.get("/imports").text
    assert "“党员同志”是姓名" in page
    assert "“特长”不用" in page
    one = db.session.scalar(select(ImportHeading.id).where(ImportHeading.word == "党员同志"))
    assert browser.post(f"/imports/headings/{one}/removal").status_code == 303
    assert "“党员同志”" not in browser.get("/imports").text.split("本单位的表头", 1)[1]
    assert send(browser, odd()).status_code == 422


def test_two_columns_can_not_be_the_same_thing_and_the_choices_are_kept(browser):
    answer = send(browser, odd(), ("党员同志", "name"), ("特长", "name"))
    assert answer.status_code == 422
    assert "只能有一列是姓名" in answer.text
    assert answer.text.count('<option value="name" selected>') == 2


def test_the_words_of_one_office_are_not_those_of_another(browser, as_person, make, top):
    send(browser, odd(), ("党员同志", "name"), ("特长", "unused"))
    other = make.person("别处")
    community = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=top)
    make.grant(other, Role.ADMINISTRATOR, community)
    there = as_person(other)
    assert "“党员同志”" not in there.get("/imports").text
    one = db.session.scalar(select(ImportHeading.id).where(ImportHeading.word == "党员同志"))
    assert there.post(f"/imports/headings/{one}/removal").status_code == 404
    assert send(there, odd()).status_code == 422
