"""Naming, deciding and disputing as people meet them: addresses, pages, what is kept, who sees what."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.activities.rules import ActivityKind
from app.checkin import service as checkin
from app.checkin.models import Attendance
from app.checkin.rules import ShownCode, Way
from app.claims import queries
from app.claims.models import Claim, ClaimBatch
from app.claims.rules import Verdict
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.demo import claims as demo
from app.hours import queries as hours
from tests.conftest import NOON, statements

TIMES = {"in": "09:00", "out": "11:00"}


def address(branch):
    return f"/activities/{branch.activity}/naming"


def sheet(branch, people=(), **more):
    return {"shift": branch.shift, "unit": branch.unit, "person": list(people), **TIMES, **more}


def lists():
    return [queries.batch(one) for one in db.session.scalars(select(ClaimBatch.id).order_by(ClaimBatch.id))]


def test_a_secretary_ticks_names_and_a_deputy_confirms_them_in_one_tap(branch, members, as_person):
    secretary, deputy = as_person(branch.secretary), as_person(branch.deputy)
    page = secretary.get(address(branch)).text
    assert all(name in page for name in ("陈志远", "谭嘉欣", "霍绮华"))
    sent = secretary.post(address(branch), data=sheet(branch, members), follow_redirects=True)
    assert "已报上去，3 位" in sent.text
    assert "要由另一位来确认，已转罗国栋" in sent.text
    work = deputy.get("/work").text
    assert "台风后清障，3 位" in work
    assert "霍静雯" in work
    done = deputy.post("/claims/1/approval", follow_redirects=True)
    assert "已确认 3 位，都记上了" in done.text
    assert "都办完了" in done.text
    assert "没有重复记" in deputy.post("/claims/1/approval", follow_redirects=True).text
    assert hours.sums(members[0]).service_honour == 120


def test_the_console_leads_to_the_names(branch, as_person):
    assert address(branch) in as_person(branch.secretary).get(f"/activities/{branch.activity}/door").text


def test_all_are_ticked_without_javascript(branch, members, as_person):
    page = as_person(branch.secretary).get(address(branch) + "?all=1").text
    assert page.count(" checked") == 5


def test_who_is_recorded_or_named_can_not_be_ticked(branch, members, as_person):
    branch.approve(branch.name(members[:1]))
    branch.name(members[1:2])
    page = as_person(branch.secretary).get(address(branch)).text
    assert f'value="{members[0]}"' not in page
    assert f'value="{members[1]}"' not in page
    assert f'value="{members[2]}"' in page
    assert "已到" in page
    assert "已报" in page


def test_somebody_is_added_by_name_and_four_digits_and_what_was_ticked_stays(branch, members, make, as_person):
    stranger = make.person("郭志明", phone="13900006291")
    secretary = as_person(branch.secretary)
    page = secretary.post(address(branch), data=sheet(branch, members[:1], name="郭志明", tail="6291", add="1", note="纸质签到表"))
    assert page.status_code == 200
    assert f'value="{members[0]}" checked' in page.text
    assert 'name="extra" value="郭志明·6291" checked' in page.text
    assert "纸质签到表" in page.text
    secretary.post(address(branch), data=sheet(branch, members[:1], extra=["郭志明·6291"], note="纸质签到表"))
    assert (lists()[0].named, lists()[0].note) == ({members[0], stranger}, "纸质签到表")


@pytest.mark.parametrize(
    ("name", "tail", "words"),
    [("郭志明", "0000", "没找到这位"), ("", "6291", "请填写姓名"), ("郭志明", "62", "请填写手机后四位"), ("双双", "1111", "同名同尾号")],
)
def test_a_name_that_is_not_found_is_said_beside_the_field(branch, members, make, as_person, name, tail, words):
    make.person("郭志明", phone="13900006291")
    for prefix in ("138", "139"):
        make.person("双双", phone=f"{prefix}00001111")
    page = as_person(branch.secretary).post(address(branch), data=sheet(branch, members[:1], name=name, tail=tail))
    assert page.status_code == 422
    assert words in page.text
    assert f'value="{members[0]}" checked' in page.text
    assert lists() == []


def test_somebody_who_is_not_on_the_sheet_is_not_named_by_number_alone(branch, make, as_person):
    stranger = make.person("郭志明", home=make.unit(parent=branch.street))
    page = as_person(branch.secretary).post(address(branch), data=sheet(branch, [stranger]))
    assert page.status_code == 422
    assert "请至少勾一位" in page.text
    assert "郭志明" not in page.text


def test_own_times_are_filled_in_on_a_second_page(branch, members, as_person):
    secretary = as_person(branch.secretary)
    page = secretary.post(address(branch), data=sheet(branch, members[:2], own="1"))
    assert "各人的时间" in page.text
    wrong = sheet(branch, members[:2], **{f"in-{members[0]}": "10:00", f"out-{members[0]}": "09:30"})
    page = secretary.post(address(branch), data=wrong)
    assert page.status_code == 422
    assert "离开要晚于到场" in page.text
    assert 'value="09:30"' in page.text
    secretary.post(address(branch), data=wrong | {f"out-{members[0]}": "10:45"})
    minutes = {claim.person_id: claim.minutes for claim in lists()[0].claims}
    assert minutes == {members[0]: 45, members[1]: 120}


def test_times_outside_the_shift_are_refused_and_kept(branch, members, as_person):
    page = as_person(branch.secretary).post(address(branch), data=sheet(branch, members) | {"in": "12:30", "out": "13:00"})
    assert page.status_code == 422
    assert "不在班次里" in page.text
    assert 'value="12:30"' in page.text


def test_before_the_start_without_shifts_and_as_a_draft_the_page_says_why(branch, make, as_person):
    secretary = as_person(branch.secretary)
    later = make.activity(branch.unit, branch.secretary)
    assert "还没有班次" in secretary.get(f"/activities/{later}/naming").text
    make.shift(later, NOON + timedelta(hours=1))
    assert "还没开始" in secretary.get(f"/activities/{later}/naming").text
    draft = make.activity(branch.unit, branch.secretary, published=False)
    make.shift(draft, NOON)
    assert "还没发布" in secretary.get(f"/activities/{draft}/naming").text


def test_only_who_manages_the_activity_names_people_there(branch, members, make, as_person):
    elsewhere = make.unit(parent=branch.street)
    other = make.person("外人")
    make.grant(other, Role.SECRETARY, elsewhere)
    assert as_person(other).get(address(branch)).status_code == 404
    assert as_person(members[0]).get(address(branch)).status_code == 404
    mine = f"/activities/{make.activity(elsewhere, other)}/naming"
    make.shift(int(mine.split("/")[2]), NOON)
    assert as_person(other).get(f"{mine}?unit={branch.unit}").status_code == 404


def test_a_unit_too_large_for_one_sheet_is_chosen_from(branch, make, as_person, monkeypatch):
    monkeypatch.setattr("app.claims.queries.candidates.MAX_NAMES", 2)
    page = as_person(branch.secretary).get(address(branch)).text
    assert "一页放不下" not in page
    make.person("陈志远", home=branch.unit)
    assert "一页放不下" in as_person(branch.secretary).get(address(branch)).text


def test_a_list_is_seen_by_its_maker_and_by_those_who_may_decide(branch, members, make, as_person):
    batch = branch.name(members)
    for person, status in ((branch.secretary, 200), (branch.deputy, 200), (members[0], 404), (make.person("外人"), 404)):
        assert as_person(person).get(f"/claims/{batch}").status_code == status


def test_named_in_the_list_one_reads_who_decides_instead(branch, members, make, as_person):
    other = make.person("李副书记", home=branch.unit)
    make.grant(other, Role.DEPUTY, branch.unit)
    make.account(other)
    batch = branch.name([*members, branch.deputy])
    deputy = as_person(branch.deputy)
    assert "不能审批自己的记录，已转李副书记" in deputy.get(f"/claims/{batch}").text
    refused = deputy.post(f"/claims/{batch}/approval")
    assert refused.status_code == 403
    assert "已转李副书记" in refused.text
    assert "台风后清障" not in deputy.get("/work").text


def test_the_maker_and_people_elsewhere_do_not_decide(branch, members, make, as_person):
    batch = branch.name(members)
    assert as_person(branch.secretary).post(f"/claims/{batch}/approval").status_code == 403
    elsewhere = make.person("外人")
    make.grant(elsewhere, Role.SECRETARY, make.unit(parent=branch.street))
    organiser = make.person("何嘉怡")
    make.grant(organiser, Role.ORGANISER, branch.unit)
    for person in (elsewhere, organiser, members[0]):
        for what in ("approval", "return"):
            assert as_person(person).post(f"/claims/{batch}/{what}", data={"reason": "不对"}).status_code == 404
    assert queries.batch(batch).verdict is None


def test_returning_needs_a_reason_in_writing(branch, members, as_person):
    batch = branch.name(members)
    deputy = as_person(branch.deputy)
    page = deputy.post(f"/claims/{batch}/return", data={"reason": "  "})
    assert page.status_code == 422
    assert "请填写退回的原因" in page.text
    long = deputy.post(f"/claims/{batch}/return", data={"reason": "长" * 201})
    assert long.status_code == 422
    assert "长" * 201 in long.text
    assert "已退回" in deputy.post(f"/claims/{batch}/return", data={"reason": "陈志远没来"}, follow_redirects=True).text
    assert queries.batch(batch).verdict is Verdict.RETURNED
    page = as_person(branch.secretary).get(f"/claims/{batch}").text
    assert "陈志远没来" in page
    assert "改好再报" in page


def test_who_was_left_out_is_shown_with_the_reason(branch, members, as_person):
    batch = branch.name(members)
    shown = ShownCode(uuid4(), branch.activity, Way.POSTER, branch.end)
    in_transaction(lambda: checkin.record_scan(shown, members[0], branch.end))
    page = as_person(branch.deputy).post(f"/claims/{batch}/approval", follow_redirects=True).text
    assert "另有 1 位没有记" in page
    assert "这一班已有记录，没有再记" in page


def test_the_sheet_takes_the_same_few_queries_for_many_names(branch, make, as_person):
    secretary, counts = as_person(branch.secretary), []
    for size in (1, 80):
        for number in range(size):
            make.person(f"党员{size}-{number}", home=branch.unit)
        with statements() as made:
            assert secretary.get(address(branch)).status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1] <= 20


def test_a_dispute_is_said_and_answered(branch, members, as_person, make):
    branch.approve(branch.name(members))
    record = db.session.scalars(select(Attendance.id).where(Attendance.person_id == members[0])).one()
    person = as_person(members[0])
    page = person.get(f"/attendances/{record}/disputes").text
    assert "纸质补录" in page
    assert person.post(f"/attendances/{record}/disputes", data={"said": ""}).status_code == 422
    long = person.post(f"/attendances/{record}/disputes", data={"said": "长" * 301})
    assert "长" * 301 in long.text
    said = person.post(f"/attendances/{record}/disputes", data={"said": "我<b>没去</b>"}, follow_redirects=True).text
    assert "我&lt;b&gt;没去&lt;/b&gt;" in said
    third = make.person("冼柏豪", home=branch.unit)
    make.grant(third, Role.DEPUTY, branch.unit)
    answerer = as_person(third)
    assert "没去" in answerer.get("/work").text
    assert "没去" not in as_person(branch.deputy).get("/work").text, "who confirmed the record does not uphold it"
    assert answerer.post("/disputes/1/answer", data={"answer": ""}).status_code == 422
    answerer.post("/disputes/1/answer", data={"answer": "问过霍静雯，正在更正"})
    assert "问过霍静雯，正在更正" in person.get(f"/attendances/{record}/disputes").text


def test_disputes_are_nobody_elses_business(branch, members, as_person):
    branch.approve(branch.name(members))
    record = db.session.scalars(select(Attendance.id).where(Attendance.person_id == members[0])).one()
    assert as_person(members[1]).get(f"/attendances/{record}/disputes").status_code == 404
    assert as_person(members[1]).post(f"/attendances/{record}/disputes", data={"said": "不对"}).status_code == 404
    as_person(members[0]).post(f"/attendances/{record}/disputes", data={"said": "不对"})
    assert as_person(members[0]).get("/disputes/1").status_code == 404
    assert as_person(members[1]).get("/disputes/1").status_code == 404


def test_the_demo_has_a_list_that_waits(branch, members, make):
    meeting = make.activity(branch.unit, branch.secretary, title="主题党日", kind=ActivityKind.PARTY_LIFE)
    shift = make.shift(meeting, NOON - timedelta(hours=3), 2)
    branch.approve(branch.name(members[:1], start=branch.start + timedelta(minutes=5)))
    demo.load(activity_id=meeting, shift_id=shift, maker_id=branch.secretary, person_ids=members, now=NOON)
    assert len(db.session.scalars(select(Claim.id)).all()) == 4
    assert len(queries.disputes_of(members[0])) == 1
    assert len(queries.waiting_batches(make.actor(branch.deputy), NOON)) == 1
