"""People without a phone, and people who seem to have another one: asked about, decided by somebody, written and taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.imports import answers, corrections, questions, running, status
from app.imports.models import ImportChange, ImportQuestion
from app.imports.planning import NEW_CARD, Answer, Ask, Field
from app.people.models import Person, Phone, Stage, Unit
from app.people.rules import StageKind, UnitKind
from tests.imports.sheet import DAY, counts, file, plan, refusals, stage, warnings, write
from tests.imports.test_sample import table_sizes

NO_PHONE = {"手机号码": None}
NEW_PHONE = {"手机号码": "13900139000"}
NOT_BORN = {"出生日期": None}


@pytest.fixture
def place(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    return make.unit("灯湖社区第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))


def phones(name="何嘉怡"):
    query = select(Phone.number, Phone.valid_from, Phone.valid_to).join(Person, Person.id == Phone.person_id).where(Person.name == name)
    return [tuple(row) for row in db.session.execute(query.order_by(Phone.id))]


def how_many(name="何嘉怡"):
    return len(db.session.scalars(select(Person.id).where(Person.name == name)).all())


def test_who_has_no_phone_is_refused_and_counted_apart(place):
    found = plan(file(NO_PHONE, {"姓名": "乙"}))
    assert counts(found) == (1, 0, 0, 1)
    assert found.asking(Ask.CARD) == 1
    assert refusals(found) == [(3, "手机号码", "没有手机号码；确实没有的，可以按持卡人员收下")]
    assert counts(found.with_cards()) == (2, 0, 0, 0)


@pytest.mark.parametrize("born", [{}, NOT_BORN])
def test_with_the_tick_they_are_taken_in_and_known_the_next_time(place, born):
    batch_id = write(file({**NO_PHONE, **born}), take_cards=True)
    assert (how_many(), phones()) == (1, [])
    written = status.batch(batch_id)
    assert (written.fresh, written.refused, written.warned) == (1, 0, 1)
    assert [one.reason for one in status.remarks(batch_id, refuses=False)] == [NEW_CARD]
    assert db.session.scalar(select(Person.initials)) == "hjy"
    again = plan(file({**NO_PHONE, **born}))
    assert counts(again) == (0, 0, 1, 0)
    assert again.asking(Ask.CARD) == 0


def test_without_the_tick_nobody_comes_in_and_no_branch_is_made_for_them(place):
    batch_id = write(file({**NO_PHONE, "所属党支部": "灯湖社区第二党支部"}, {"姓名": "乙"}))
    assert how_many() == 0
    assert db.session.scalar(select(Unit.id).where(Unit.name == "灯湖社区第二党支部")) is None
    assert corrections.refused(status.batch(batch_id)).startswith(b"PK")
    assert status.batch(batch_id).refused == 1


def test_their_branch_is_made_with_the_tick_and_all_of_it_goes_back(place):
    before = table_sizes()
    batch_id = write(file({**NO_PHONE, "所属党支部": "灯湖社区第二党支部"}), take_cards=True)
    assert db.session.scalar(select(Unit.id).where(Unit.name == "灯湖社区第二党支部"))
    running.undo(batch_id, None, clock.now())
    assert table_sizes() == before


def test_two_of_one_name_in_one_branch_can_not_be_told_apart_without_a_birth_date(place):
    found = plan(file({**NO_PHONE, **NOT_BORN}, {}))
    assert refusals(found) == [(3, "手机号码", "与第 4 行同名同支部，没有手机号码和出生日期，分不清是不是同一人")]
    assert found.asking(Ask.CARD) == 0
    write(file({}, {**NEW_PHONE, "出生日期": "1980-01-02"}))
    found = plan(file({**NO_PHONE, **NOT_BORN}))
    assert refusals(found) == [(3, "手机号码", "在册有 2 位同名，请填手机号码或出生日期来区分")]
    assert counts(plan(file(NO_PHONE))) == (0, 0, 1, 0)


def test_the_same_name_in_another_branch_is_somebody_else(place):
    write(file({}))
    elsewhere = {**NO_PHONE, **NOT_BORN, "所属党支部": "灯湖社区第二党支部"}
    assert plan(file(elsewhere)).asking(Ask.CARD) == 1
    assert counts(plan(file({**NO_PHONE, **NOT_BORN}))) == (0, 0, 1, 0)


def test_who_moved_without_a_phone_is_known_by_name_and_birth_date(place):
    write(file(NO_PHONE), take_cards=True)
    assert counts(plan(file({**NO_PHONE, "所属党支部": "灯湖社区第二党支部"}))) == (0, 1, 0, 0)


def test_a_birth_date_that_comes_later_is_filled_in(place):
    write(file({**NO_PHONE, **NOT_BORN}), take_cards=True)
    found = plan(file(NO_PHONE))
    assert [change.field for change in found.decisions[0].changes] == [Field.BIRTH]
    assert counts(found) == (0, 1, 0, 0)


def test_another_phone_is_a_question_and_changes_nothing_by_itself(place):
    write(file({}))
    before = table_sizes()
    found = plan(file(NEW_PHONE))
    assert counts(found) == (0, 0, 1, 0)
    assert warnings(found) == [("手机号码", "疑似换号：在册有同名、同生日、同支部的人，登记的是 138****8000；先不改动，等人决定")]
    write(file(NEW_PHONE, {"姓名": "乙", "手机号码": "13700137000"}))
    assert phones() == [("13800138000", DAY, None)]
    assert table_sizes()[0] == before[0] + 1
    assert db.session.scalars(select(ImportChange.id)).all() == []


def test_the_same_person_closes_the_old_phone_and_opens_the_new_one(place, make):
    write(file({}))
    person = db.session.scalar(select(Person.id))
    make.account(person, "13800138000")
    clerk = make.person("周敏")
    batch_id = write(file({**NEW_PHONE, "备注": "楼长"}), by=clerk, decided={3: Answer.SAME})
    assert phones() == [("13800138000", DAY, DAY), ("13900139000", DAY, None)]
    assert db.session.scalar(select(Account.login_phone).where(Account.person_id == person)) == "13800138000"
    assert db.session.scalar(select(Person.note).where(Person.id == person)) == "楼长"
    answered = db.session.execute(select(ImportQuestion.answer, ImportQuestion.decided_by_id, ImportQuestion.decided_at)).one()
    assert answered == (Answer.SAME, clerk, clock.now())
    told = db.session.scalar(select(AuditEvent.detail).where(AuditEvent.action == "import.answer"))
    assert told == {"rows": {"3": "same"}}
    assert counts(plan(file({**NEW_PHONE, "备注": "楼长"}))) == (0, 0, 1, 0)
    assert plan(file({**NEW_PHONE, "备注": "楼长"})).asking(Ask.PHONE) == 0
    running.undo(batch_id, None, clock.now())
    assert phones() == [("13800138000", DAY, None)]
    assert db.session.scalar(select(Person.note).where(Person.id == person)) == ""


def test_somebody_else_is_a_new_person(place):
    write(file({}))
    before = table_sizes()
    batch_id = write(file(NEW_PHONE), decided={3: Answer.OTHER})
    assert sorted(phones()) == [("13800138000", DAY, None), ("13900139000", DAY, None)]
    assert how_many() == 2
    assert set(db.session.scalars(select(Person.initials))) == {"hjy"}
    assert counts(plan(file({}, NEW_PHONE))) == (0, 0, 2, 0)
    running.undo(batch_id, None, clock.now())
    assert table_sizes() == before


def test_whoever_had_no_phone_and_now_has_one_is_asked_about_too(place):
    write(file({**NO_PHONE, **NOT_BORN}), take_cards=True)
    found = plan(file({**NEW_PHONE, **NOT_BORN}))
    assert found.asking(Ask.PHONE) == 1
    assert "还没有登记手机号码" in warnings(found)[0][1]
    batch_id = write(file({**NEW_PHONE, **NOT_BORN}), decided={3: Answer.SAME})
    assert phones() == [("13900139000", DAY, None)]
    running.undo(batch_id, None, clock.now())
    assert phones() == []


@pytest.mark.parametrize(("first", "then"), [(NOT_BORN, NOT_BORN), (NOT_BORN, {}), ({}, NOT_BORN)])
def test_the_same_name_in_the_same_branch_with_another_phone_is_asked_about_also_without_a_birth_date(place, first, then):
    write(file({**first}))
    found = plan(file({**NEW_PHONE, **then}))
    assert found.asking(Ask.PHONE) == 1
    assert counts(found) == (0, 0, 1, 0)
    assert "疑似换号：在册有同名、同支部的人，登记的是 138****8000" in warnings(found)[-1][1]
    assert plan(file({**NEW_PHONE, **then, "所属党支部": "灯湖社区第二党支部"})).asking(Ask.PHONE) == 0


def test_who_stands_in_the_sheet_with_the_old_phone_has_not_changed_it(place):
    write(file({}))
    found = plan(file(NEW_PHONE, {}))
    assert found.asking(Ask.PHONE) == 0


def test_a_decision_can_be_taken_back_until_writing_begins(place):
    write(file({}))
    batch_id = stage(file(NEW_PHONE))
    for answer, many in ((Answer.SAME, 1), (Answer.SAME, 0), (None, 1)):
        assert in_transaction(lambda a=answer: answers.record(batch_id, {3: a, 99: a}, None, clock.now())) == many
    assert questions.questions(batch_id)[0].answer is None
    running.write(batch_id, None, clock.now())
    assert phones() == [("13800138000", DAY, None)]
    with pytest.raises(Conflict, match="已经开始写入"):
        in_transaction(lambda: answers.record(batch_id, {3: Answer.SAME}, None, clock.now()))


def test_an_account_opened_since_does_not_stand_in_the_way_of_undoing_a_number(place, make):
    write(file({}))
    batch_id = write(file(NEW_PHONE), decided={3: Answer.SAME})
    person = db.session.scalar(select(Person.id))
    make.account(person)
    running.undo(batch_id, None, clock.now())
    assert phones() == [("13800138000", DAY, None)]


def test_a_number_changed_again_by_hand_keeps_the_batch(place):
    write(file({}))
    batch_id = write(file(NEW_PHONE), decided={3: Answer.SAME})
    from sqlalchemy import update

    in_transaction(lambda: db.session.execute(update(Phone).where(Phone.number == "13900139000").values(valid_to=DAY)))
    with pytest.raises(Conflict, match="后来又改过"):
        running.undo(batch_id, None, clock.now())


def test_what_failed_is_a_preview_again_with_its_questions(place, make, monkeypatch):
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 1)
    write(file({}))
    batch_id = stage(file(NEW_PHONE, {"姓名": "丙", **NO_PHONE}, {"姓名": "乙", "手机号码": "13700137000"}))
    in_transaction(lambda: answers.record(batch_id, {3: Answer.OTHER}, None, clock.now()))
    make.person("抢先的", phone="13700137000", home=place)
    before = table_sizes()
    with pytest.raises(Conflict, match="没有写入任何东西"):
        running.write(batch_id, None, clock.now(), take_cards=True)
    assert table_sizes() == before
    found = status.batch(batch_id)
    assert (found.is_preview, found.fresh, found.unchanged, found.refused) == (True, 1, 1, 1)
    progress = status.progress(batch_id)
    assert (progress.fresh_of, progress.changed_of) == (1, 0)


def test_a_stage_date_of_an_undecided_row_moves_with_nothing(place):
    write(file({}))
    batch_id = write(file({**NEW_PHONE, "进入当前阶段日期": "2026-02-01"}, {"姓名": "乙", "手机号码": "13700137000"}), move_dates=True)
    assert status.batch(batch_id).date_moves == 0
    began = (
        select(Stage.began_on).join(Person, Person.id == Stage.person_id).where(Person.name == "何嘉怡", Stage.kind == StageKind.ACTIVIST)
    )
    assert db.session.scalars(began).all() == [date(2026, 3, 1)]


def test_a_hidden_number_that_does_not_fit_is_somebody_new_and_is_written(place):
    write(file({}))
    batch_id = write(file({"手机号码": "139****9000"}))
    assert (status.batch(batch_id).fresh, how_many()) == (1, 2)


def test_somebody_without_a_phone_who_came_since_the_preview_stops_the_writing(place, make):
    batch_id = stage(file({**NO_PHONE, **NOT_BORN}))
    with clock.frozen_at(clock.now() + timedelta(minutes=1)):
        make.person("何嘉怡", home=place)
        with pytest.raises(Conflict, match="没有写入任何东西"):
            running.write(batch_id, None, clock.now(), take_cards=True)
    assert how_many() == 1
