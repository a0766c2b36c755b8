"""The calendar: overdue duties told to everybody, coming ones to the fund's people, reminders in 待我处理."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.fund.rules import Stage
from app.fund.sections import shown_on_overview
from app.fund.service import projects
from app.results.queries import duties
from app.results.rules import DutyKind
from app.worklist import service as worklist
from tests.conftest import statements


@pytest.fixture
def project(house):
    """Running since March 2026 in the tests' November: its progress is overdue since 1 June."""
    return house.project()


def kinds(found):
    return {one.duty.kind for one in found}


def report_progress(house, project):
    in_transaction(lambda: projects.add_progress(project, clock.today(), "装好 21 户扶手。", house.officer, clock.now()))


def test_what_is_overdue_is_told_to_everybody(client, house, project):
    (late,) = duties.overdue(clock.today())
    assert (late.duty.kind, late.duty.due_on.isoformat(), late.project_id) == (DutyKind.PROGRESS, "2026-06-01", project)
    for address in ("/fund/calendar", f"/fund/projects/{project}"):
        page = client.get(address).text
        assert "逾期" in page
        assert "173 天" in page
    assert "results/_overview.html" in {template for template, _ in shown_on_overview(None)}


def test_once_done_it_is_gone_everywhere(client, house, project):
    report_progress(house, project)
    assert duties.overdue(clock.today()) == []
    assert "没有逾期的事" in client.get("/fund/calendar").text
    (subject,) = [subject for template, subject in shown_on_overview(None) if template == "results/_overview.html"]
    assert subject.owed == []


def test_what_comes_next_is_for_the_funds_people(client, as_person, house, project):
    report_progress(house, project)
    assert "还有" not in client.get("/fund/calendar").text
    assert "还有 92 天" in as_person(house.auditor).get("/fund/calendar").text


def test_the_officer_is_reminded_a_fortnight_before(house, project):
    report_progress(house, project)
    actor = house.make.actor(house.officer)
    due = duties.owed(clock.today())[0].duty.due_on
    for days, there in ((15, False), (14, True), (0, True)):
        with clock.frozen_at(clock.at_local(due - timedelta(days=days))):
            assert ("项目义务" in dict(worklist.waiting(actor).groups)) is there
            assert "项目义务" not in dict(worklist.waiting(house.make.actor(house.approver)).groups)


def test_work_items_say_what_to_do(as_person, house, project):
    page = as_person(house.officer).get("/work?group=项目义务").text
    assert "公开一次进展" in page
    assert f"/fund/projects/{project}/progress/new" in page


def test_money_left_after_the_end_is_owed_back(client, house, project):
    house.donate(500, project)
    house.advance(project, Stage.STOPPED, house.approver, "没有人手了")
    with clock.frozen_at(clock.now() + timedelta(days=120)):
        assert kinds(duties.overdue(clock.today())) == {DutyKind.MONEY, DutyKind.REPORT}
        assert "账上还有 500.00 元" in client.get(f"/fund/projects/{project}").text


def test_the_days_are_a_local_rule(as_person, house, project):
    house.donate(500, project)
    house.advance(project, Stage.STOPPED, house.approver, "没有人手了")
    officer, administrator = as_person(house.officer), as_person(house.administrator)
    assert officer.post("/fund/calendar/rule", data={"days": "30"}).status_code == 404
    assert administrator.post("/fund/calendar/rule", data={"days": "0"}).status_code == 422
    assert administrator.post("/fund/calendar/rule", data={"days": "30"}).status_code == 303
    assert duties.money_days() == 30
    found = {one.duty.kind: one.duty.due_on for one in duties.owed(clock.today())}
    assert found[DutyKind.MONEY] == clock.today() + timedelta(days=30)
    assert "结束后 30 天内交回" in officer.get("/fund/calendar").text


def test_the_rule_of_all_is_not_changed_by_who_governs_one_community(as_person, house):
    local = house.make.person("麦伟强", home=house.community)
    house.make.grant(local, Role.ADMINISTRATOR, house.community)
    house.make.account(local)
    browser = as_person(local)
    assert "改本地规定" not in browser.get("/fund/calendar").text
    assert browser.post("/fund/calendar/rule", data={"days": "365"}).status_code == 404
    assert duties.money_days() == 90


def test_drafts_owe_nothing(house):
    house.draft()
    assert duties.owed(clock.today()) == []


def test_many_projects_cost_as_many_questions_as_one(client, house, project):
    def asked(work):
        with statements() as sent:
            work()
        return len(sent)

    look, count = (lambda: client.get("/fund/calendar")), (lambda: duties.overdue(clock.today()))
    first, one = asked(look), asked(count)
    for number in range(6):
        house.project(f"项目 {number}")
    assert asked(look) == first
    assert asked(count) == one <= 2
    assert len(duties.overdue(clock.today())) == 7
