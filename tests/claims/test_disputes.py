"""这条记录不对: said by the person, taken up and answered in writing by somebody else, until a day."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.claims import queries, service
from app.claims.correction_rules import DisputeState
from app.claims.models import Dispute
from app.claims.queries import disputes as desks
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Role
from app.core.workdays import NONE
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.conftest import NOON, statements


def say(person, record, words="我十一点才走"):
    return in_transaction(lambda: service.dispute(record, person, words, "/work", clock.now()))


def answer(dispute, by, words="查实了，是您说的那样"):
    in_transaction(lambda: service.answer(dispute, by, words, own_url="/me", now=clock.now()))


def test_it_is_said_answered_and_read(branch, members, record):
    one = say(members[0], record)
    assert queries.disputes_of(members[0])[record].answered_at is None
    answer(one, branch.deputy)
    row = queries.disputes_of(members[0])[record]
    assert (row.said, row.answer, row.answerer_name) == ("我十一点才走", "查实了，是您说的那样", "罗国栋")
    assert "已有答复" in worklist.notices(members[0])[0].text


def test_those_who_answer_are_told(branch, members, record):
    say(members[0], record)
    assert "不对" in worklist.notices(branch.deputy)[0].text
    assert "不对" in worklist.notices(branch.secretary)[0].text


def test_only_about_a_record_of_ones_own(branch, members, record):
    with pytest.raises(NotFound):
        say(members[1], record)


def test_saying_it_twice_while_it_waits_is_once_and_afterwards_anew(branch, members, record):
    one = say(members[0], record)
    assert say(members[0], record, "再说一次") == one
    answer(one, branch.deputy)
    assert say(members[0], record, "还是不对") != one
    assert [row.said for row in queries.disputes_about(record)] == ["我十一点才走", "还是不对"]


def test_nobody_answers_for_themselves(branch, members, record, make):
    make.grant(members[0], Role.DEPUTY, branch.unit)
    one = say(members[0], record)
    with pytest.raises(Refused):
        answer(one, members[0])
    assert queries.waiting_disputes(make.actor(members[0]), NOON) == []
    by_force = update(Dispute).where(Dispute.id == one).values(answer="好", answered_at=NOON, answered_by_id=members[0])
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(by_force))


def test_an_answer_stands(branch, members, record):
    one = say(members[0], record)
    answer(one, branch.deputy)
    with pytest.raises(Conflict, match="罗国栋"):
        answer(one, branch.secretary, "不是这样")


def test_it_is_taken_up_in_two_working_days_and_answered_in_ten(branch, members, record):
    one = say(members[0], record)
    row = queries.dispute(one)
    assert row.due_on == date(2026, 12, 4), "ten working days after Saturday 21 November"
    monday, tuesday, after = date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 5)
    assert [row.unheard(day, NONE) for day in (monday, tuesday, date(2026, 11, 25))] == [False, False, True]
    assert [row.overdue(day) for day in (row.due_on, after)] == [False, True]
    in_transaction(lambda: service.acknowledge(one, branch.deputy, "/me", clock.now()))
    in_transaction(lambda: service.acknowledge(one, branch.secretary, "/me", clock.now()))
    row = queries.dispute(one)
    assert (row.state, row.acknowledger_name, row.unheard(after, NONE)) == (DisputeState.CHECKING, "罗国栋", False)
    assert "12月4日前答复您" in worklist.notices(members[0])[0].text
    answer(one, branch.deputy, "查过签到表，没有记错")
    assert (queries.dispute(one).state, queries.dispute(one).overdue(after)) == (DisputeState.UPHELD, False)


def test_the_desk_shows_what_is_due_first_and_only_of_its_own_units(branch, members, record, make, as_person):
    one, other = say(members[0], record), make.unit("灯湖第二党支部", parent=branch.street)
    stranger = make.person("梁凤珍", home=other)
    make.grant(stranger, Role.SECRETARY, other)
    page = as_person(branch.deputy).get("/disputes").get_data(as_text=True)
    assert "待答复 1" in page
    assert "最晚 12月4日 周五 答复" in page
    assert "待答复 0" in as_person(stranger).get("/disputes").get_data(as_text=True)
    with clock.frozen_at(NOON + timedelta(days=20)):
        assert "超期" in as_person(branch.deputy).get("/disputes?show=overdue").get_data(as_text=True)
        chief = make.person("梁素琴")
        make.grant(chief, Role.ADMINISTRATOR, branch.street)
        assert "超期" in as_person(chief).get("/work").get_data(as_text=True), "risen to the unit above"
        assert [row.id for row in desks.desk([branch.street], desks.OVERDUE, clock.today(), limit=9)] == [one]
    answer(one, branch.deputy, "没有记错")
    assert desks.desk_counts([branch.street], clock.today()) == {"open": 0, "overdue": 0, "answered": 1}
    sheet = load_workbook(BytesIO(as_person(branch.deputy).get("/disputes.xlsx").data)).active
    assert "没有记错" in [cell.value for cell in sheet[4]]
    with statements() as few:
        as_person(branch.deputy).get("/disputes?show=answered")
    for _ in range(3):
        answer(say(members[0], record), branch.deputy)
    with statements() as many:
        as_person(branch.deputy).get("/disputes?show=answered")
    assert len(many) == len(few)


def test_it_waits_for_the_units_own_first(branch, members, record, make):
    chief = make.person("梁凤珍")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    chief, deputy = make.actor(chief), make.actor(branch.deputy)
    one = say(members[0], record)
    assert [row.id for row in queries.waiting_disputes(deputy, NOON)] == [one]
    assert number(queries.waiting_disputes_count(deputy, NOON)) == 1
    assert number(queries.waiting_disputes_count(chief, NOON)) == 0
    assert number(queries.waiting_disputes_count(chief, NOON + timedelta(days=9))) == 1
