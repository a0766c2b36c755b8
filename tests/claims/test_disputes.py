"""这条记录不对: said by the person, taken up and answered in writing by somebody else, until a day."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.checkin.models import Attendance
from app.claims import queries, service
from app.claims.correction_rules import DisputeState
from app.claims.models import Dispute
from app.claims.queries import disputes as desks
from app.claims.queries.corrections import corrections_of_past
from app.claims.service import corrections
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Role
from app.core.workdays import NONE
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours.rules import HourClass, SourceKind
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.claims.conftest import relatives
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


def test_those_who_answer_are_told_and_nobody_who_made_the_record(branch, members, record):
    say(members[0], record)
    assert "不对" in worklist.notices(branch.deputy)[0].text
    assert worklist.notices(branch.secretary) == [], "who organised the activity"


def test_who_had_a_part_in_the_record_does_not_uphold_it(branch, members, record, make, as_person):
    one = say(members[0], record)
    assert [number(queries.waiting_disputes_count(make.actor(who), NOON)) for who in (branch.secretary, branch.deputy)] == [0, 1]
    for work in (
        lambda: answer(one, branch.secretary, "就是这样"),
        lambda: in_transaction(lambda: service.acknowledge(one, branch.secretary, "/me", clock.now())),
    ):
        with pytest.raises(Refused, match=r"经手的部分.*已转罗国栋"):
            work()
    browser = as_person(branch.secretary)
    shown = browser.get(f"/disputes/{one}").get_data(as_text=True)
    assert "已转罗国栋" in shown
    assert "维持原记录，答复" not in shown
    assert "更正这条" in shown, "to say that it was wrong takes a second person anyway"
    assert browser.post(f"/disputes/{one}/answer", data={"answer": "就是这样"}).status_code == 403
    upheld = {"answer": "好", "answered_at": NOON, "answered_by_id": branch.secretary, "outcome": "upheld"}
    with pytest.raises(IntegrityError, match="does not uphold"):
        in_transaction(lambda: db.session.execute(update(Dispute).where(Dispute.id == one).values(**upheld)))


def test_where_everybody_had_a_part_it_goes_up(branch, members, make):
    batch = branch.name(members[:1])
    branch.approve(batch)
    chief = make.person("梁素琴")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    make.account(chief)
    spell = db.session.scalars(select(Attendance.id).where(Attendance.person_id == members[0])).one()
    one = say(members[0], spell)
    assert number(queries.waiting_disputes_count(make.actor(chief), NOON)) == 1
    for who in (branch.secretary, branch.deputy):
        with pytest.raises(Refused, match="已转梁素琴"):
            answer(one, who)
    answer(one, chief)


def test_a_relative_does_not_answer(branch, members, record, make):
    relatives(make, members[0], branch.deputy)
    one = say(members[0], record)
    assert number(queries.waiting_disputes_count(make.actor(branch.deputy), NOON)) == 0
    with pytest.raises(Refused, match="家人"):
        answer(one, branch.deputy)


@pytest.fixture
def brought(branch, members, make):
    """Four hours that a register brought; the subdistrict sent it, the branch's secretary approved it."""
    chief = make.person("梁素琴")
    credit = Credit(
        members[0], None, ActivityKind.SERVICE, branch.unit, clock.today(), 240, HourClass.HONOUR, 71, "past-1",
        SourceKind.IMPORT, made_by_id=chief, approved_by_id=branch.secretary, reason="旧台账",
    )  # fmt: skip
    in_transaction(lambda: crediting.credit([credit], clock.now()))
    return hours.entries(members[0])[0].id


def say_of_entry(person, entry, words="那天做了六个小时"):
    return in_transaction(lambda: service.dispute_entry(entry, person, words, "/work", clock.now()))


def test_hours_that_a_register_brought_are_said_to_be_wrong_and_answered(branch, members, brought, as_person, make):
    browser = as_person(members[0])
    address = f"/hour-entries/{brought}/disputes"
    assert address in browser.get("/me/records").get_data(as_text=True)
    assert as_person(members[1]).get(address).status_code == 404
    assert as_person(members[1]).post(address, data={"said": "不对"}).status_code == 404
    assert browser.post(address, data={"said": ""}).status_code == 422
    for _ in range(2):
        assert browser.post(address, data={"said": "那天做了六个小时"}).status_code == 303
    (row,) = queries.disputes_of_entries(members[0]).values()
    assert (row.entry_id, row.attendance_id, row.counted, row.aside) == (brought, None, "4 小时，补录时长", row.past.makers)
    assert row.due_on == date(2026, 12, 4)
    with pytest.raises(Refused, match="经手的部分"):
        answer(row.id, branch.secretary)
    deputy = as_person(branch.deputy)
    assert "那天做了六个小时" in deputy.get("/work").get_data(as_text=True)
    shown = deputy.get(f"/disputes/{row.id}").get_data(as_text=True)
    assert "4 小时，补录时长" in shown
    assert f"/hour-entries/{brought}/correction" in shown
    assert "最晚 12月4日 周五 答复" in deputy.get("/disputes").get_data(as_text=True)
    assert deputy.post(f"/disputes/{row.id}/answer", data={"answer": "台账写的是四个小时"}).status_code == 303
    assert "台账写的是四个小时" in browser.get(address).get_data(as_text=True)
    assert "答复：维持原记录" in browser.get("/me/records").get_data(as_text=True)


def test_the_answer_about_what_a_register_brought_may_be_a_correction(branch, members, brought, make, as_person):
    """Whatever stands of it since, the same line of the register leads to what was said."""
    one = say_of_entry(members[0], brought)
    second = make.person("冼柏豪", home=branch.unit)
    make.grant(second, Role.DEPUTY, branch.unit)
    make.account(second)
    page = as_person(branch.deputy)
    answer = page.post(
        f"/hour-entries/{brought}/correction", data={"change": "minutes", "hours": "6", "minutes": "0", "reason": "问过领队"}
    )
    assert answer.status_code == 303
    assert queries.dispute(one).state is DisputeState.CORRECTING
    (waiting,) = corrections_of_past(brought)
    in_transaction(lambda: corrections.approve(waiting.id, second, "/me", "/c", clock.now()))
    row = queries.dispute(one)
    assert (row.state, row.answerer_name, row.counted) == (DisputeState.CORRECTED, "罗国栋", "6 小时，补录时长")
    newest = next(each.id for each in hours.entries(members[0]) if not each.reversed_reason)
    assert newest != brought
    assert queries.disputes_of_entries(members[0])[newest].id == one
    shown = as_person(members[0]).get(f"/hour-entries/{newest}/disputes").get_data(as_text=True)
    assert "问过领队" in shown
    assert as_person(members[0]).get("/me/records").get_data(as_text=True).count("答复：已更正") == 1
    assert say_of_entry(members[0], newest, "还是不对") != one, "and anew of what stands now"
    assert [each.said for each in queries.disputes_about_entry(brought)] == ["那天做了六个小时", "还是不对"]


def test_a_dispute_is_of_one_record(branch, members, record, brought):
    row = {"person_id": members[0], "unit_id": branch.unit, "said": "不对", "made_at": NOON, "answer": ""}
    for wrong in ({}, {"attendance_id": record, "entry_id": brought}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda wrong=wrong: db.session.execute(insert(Dispute).values(**row, **wrong)))


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


def test_an_answer_stands(branch, members, record, make):
    one = say(members[0], record)
    answer(one, branch.deputy)
    second = make.person("冼柏豪", home=branch.unit)
    make.grant(second, Role.DEPUTY, branch.unit)
    with pytest.raises(Conflict, match="罗国栋"):
        answer(one, second, "不是这样")


def test_it_is_taken_up_in_two_working_days_and_answered_in_ten(branch, members, record):
    one = say(members[0], record)
    row = queries.dispute(one)
    assert row.due_on == date(2026, 12, 4), "ten working days after Saturday 21 November"
    monday, tuesday, after = date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 5)
    assert [row.unheard(day, NONE) for day in (monday, tuesday, date(2026, 11, 25))] == [False, False, True]
    assert [row.overdue(day) for day in (row.due_on, after)] == [False, True]
    in_transaction(lambda: service.acknowledge(one, branch.deputy, "/me", clock.now()))
    in_transaction(lambda: service.acknowledge(one, branch.deputy, "/me", clock.now()))
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
