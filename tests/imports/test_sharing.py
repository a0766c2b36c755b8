"""Two people on one number, as couples are: a question; whoever says so takes both in, and both can sign in."""

import io

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.imports import answers, questions, running, status
from app.imports.planning import SHARED, Answer, Ask
from app.people.models import Person, Phone
from app.people.rules import UnitKind
from tests.imports.sheet import counts, file, plan, refusals, stage, write
from tests.imports.test_sample import table_sizes

HUSBAND = {"姓名": "陈志明", "性别": "男", "出生日期": "1988-05-06"}


@pytest.fixture
def top(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def place(make, top):
    return make.unit("灯湖社区第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))


def holders(number="13800138000"):
    held = select(Person.name).join(Phone, Phone.person_id == Person.id).where(Phone.number == number, Phone.valid_to.is_(None))
    return sorted(db.session.scalars(held))


def test_undecided_the_second_is_refused_with_the_reason(place):
    found = plan(file({}, HUSBAND))
    assert counts(found) == (1, 0, 0, 1)
    assert found.asking(Ask.SHARE) == 1
    assert refusals(found) == [(4, "手机号码", "第 3 行已填这个号码，姓名不同（何嘉怡）")]
    batch_id = write(file({}, HUSBAND))
    assert holders() == ["何嘉怡"]
    assert (status.batch(batch_id).fresh, status.batch(batch_id).refused) == (1, 1)


def test_both_of_one_sheet_are_taken_in_when_somebody_says_so(place):
    before = table_sizes()
    batch_id = stage(file({}, HUSBAND))
    (asked,) = questions.questions(batch_id, asks=Ask.SHARE)
    assert (asked.row, asked.name, asked.new) == (4, "陈志明", "138****8000")
    assert "第 3 行已填这个号码，姓名不同（何嘉怡）" in asked.said
    in_transaction(lambda: answers.record(batch_id, {4: Answer.OTHER}, None, clock.now()))
    running.write(batch_id, None, clock.now())
    assert holders() == ["何嘉怡", "陈志明"]
    assert [one.reason for one in status.remarks(batch_id, refuses=False)] == [SHARED]
    assert counts(plan(file({}, HUSBAND))) == (0, 0, 2, 0)
    assert counts(plan(file(HUSBAND, {}))) == (0, 0, 2, 0)
    running.undo(batch_id, None, clock.now())
    assert table_sizes() == before


def test_the_number_of_somebody_on_record_is_shared_too(place):
    write(file({}))
    found = plan(file(HUSBAND))
    assert found.asking(Ask.SHARE) == 1
    batch_id = write(file(HUSBAND), decided={3: Answer.OTHER})
    assert holders() == ["何嘉怡", "陈志明"]
    assert status.batch(batch_id).fresh == 1
    assert counts(plan(file(HUSBAND))) == (0, 0, 1, 0)


def test_it_can_not_be_said_that_they_are_one(place):
    batch_id = stage(file({}, HUSBAND))
    assert in_transaction(lambda: answers.record(batch_id, {4: Answer.SAME}, None, clock.now())) == 0


def test_a_second_row_of_the_same_two_is_a_repeat(place):
    found = plan(file({}, HUSBAND, HUSBAND))
    assert refusals(found)[1] == (5, "整行", "与第 4 行重复：姓名和手机号码都相同")
    assert found.asking(Ask.SHARE) == 1


def test_whose_namesake_stands_in_the_branch_is_not_made_twice(place):
    write(file({}, {**HUSBAND, "手机号码": "13900139000"}))
    found = plan(file({}, HUSBAND))
    assert found.asking(Ask.SHARE) == 0
    assert counts(found) == (0, 0, 1, 1)


def test_somebody_of_that_name_who_came_since_stops_the_writing(place, make):
    batch_id = stage(file({}, HUSBAND))
    in_transaction(lambda: answers.record(batch_id, {4: Answer.OTHER}, None, clock.now()))
    make.person("陈志明", phone="13800138000", home=place)
    with pytest.raises(Conflict, match="没有写入任何东西"):
        running.write(batch_id, None, clock.now())
    assert (status.batch(batch_id).fresh, status.batch(batch_id).refused) == (1, 1)


def test_both_sign_in_with_the_number(place, make):
    write(file({}, HUSBAND), decided={4: Answer.OTHER})
    people = db.session.scalars(select(Person.id).order_by(Person.id)).all()
    make.account(people[0], "13800138000")
    make.account(people[1], "13800138000")
    assert {one.person_id for one in accounts.candidates("13800138000")} == set(people)


def test_the_page_asks_and_writes_what_was_said(place, top, make, as_person):
    clerk = make.person("周敏", phone="13800000004")
    make.grant(clerk, Role.ADMINISTRATOR, top)
    browser = as_person(clerk)
    sent = browser.post("/imports", data={"file": (io.BytesIO(file({}, HUSBAND)), "名册.xlsx")}, content_type="multipart/form-data")
    page = browser.get(sent.location).text
    for words in ("1 人的号码别人也在用", "两人合用这个号码", "何嘉怡"):
        assert words in page
    assert "合用一个号码" in browser.get(f"{sent.location}/shares").text
    browser.post(f"{sent.location}/application", data={"answer-4": "other"})
    assert holders() == ["何嘉怡", "陈志明"]
    assert "两人合用这个号码" in browser.get(f"{sent.location}/shares").text
