"""Ways round the rule of two people and round a project's stage, each shut."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.fund import queries
from app.fund.queries import office
from app.fund.rules import MoneySource, ProjectKind, Stage, Step
from app.fund.service import projects, steps
from app.fund.stage_rules import DEFAULT_WEIGHTS


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.STOPPED])
def test_what_was_approved_before_a_project_stood_still_is_not_paid_while_it_does(house, stage):
    project = house.project()
    house.donate(50_000)
    house.grant(project, 10_000)
    request, grant = house.ask(project, 100), house.ask_grant(project, 1_000)
    house.step(request, Step.APPROVED, house.approver)
    house.advance(project, stage, house.approver)
    with clock.frozen_at(clock.now() + timedelta(days=1)), pytest.raises(Conflict, match=r"已暂停|已中止"):
        house.step(request, Step.PAID, house.officer)
    with pytest.raises(Conflict, match=r"已暂停|已中止"):
        house.step(grant, Step.APPROVED, house.approver)
    assert queries.figures_of(project).balance == 1_000_000
    house.step(grant, Step.RETURNED, house.approver, "项目停了")
    house.step(request, Step.RETURNED, house.officer, "项目停了")


def test_what_was_paid_by_the_day_a_project_was_stopped_is_booked_the_day_after(house):
    project = house.project()
    house.donate(500, project)
    request, stopped_on = house.ask(project, 100), clock.today()
    house.step(request, Step.APPROVED, house.approver)
    house.advance(project, Stage.STOPPED, house.approver)
    with clock.frozen_at(clock.now() + timedelta(days=1)):
        paid = {"reference": "0619 2284 7731", "happened_on": stopped_on}
        in_transaction(lambda: steps.take(request, Step.PAID, house.officer, clock.now(), **paid))
    assert queries.figures_of(project).spent == 10_000


def test_a_correction_and_what_has_arrived_are_booked_also_while_a_project_stands_still(house):
    project = house.project()
    house.donate(500, project)
    paid = house.pay(project, 100)
    house.advance(project, Stage.PAUSED, house.approver)
    house.correct(paid)
    assert queries.figures_of(project).spent == 0


def test_who_changed_anothers_draft_does_not_decide_about_it(house, make):
    organiser = make.person("霍静雯", home=make.unit("锦园第二党支部", parent=house.community))
    make.grant(organiser, Role.ORGANISER, house.community)
    wanted = house.wanted("楼道灯", (("灯", 900),), ProjectKind.WISH)
    project = in_transaction(lambda: projects.draft(wanted, organiser, clock.now()))
    in_transaction(lambda: projects.redraft(project, replace(wanted, name="楼道感应灯"), house.officer, clock.now()))
    in_transaction(lambda: projects.send(project, organiser, clock.now()))
    with pytest.raises(Refused, match="要由另一位"):
        house.advance(project, Stage.CHECKED, house.officer)
    house.advance(project, Stage.CHECKED, house.approver)


def test_a_unit_that_changes_its_draft_leaves_alone_whose_money_it_is(house, make, as_person):
    secretary = make.person("霍静雯", home=house.community)
    make.grant(secretary, Role.ORGANISER, house.community)
    wanted = house.wanted("楼道灯", (("灯", 900),), ProjectKind.WISH)
    wanted = replace(wanted, source=MoneySource.OTHER, source_name="南海慈善会")
    project = in_transaction(lambda: projects.draft(wanted, house.officer, clock.now()))
    form = {
        "kind": "wish",
        "name": "楼道感应灯",
        "summary": "换灯",
        "area": "锦园",
        "beneficiaries": "街坊",
        "unit_id": str(house.community),
        "starts_on": "2026-03-01",
        "ends_on": "2027-02-28",
        "line_1": "灯",
        "fen_1": "900",
    }
    assert as_person(secretary).post(f"/fund/projects/{project}/revision", data=form).status_code == 303
    assert queries.page(project).card.name == "楼道感应灯"
    assert office.whose(project).source_name == "南海慈善会"


def test_a_decision_that_says_nonsense_is_no_fault_of_the_site(house, as_person):
    officer, project = as_person(house.officer), house.draft()
    for form in ({"stage": "nonsense"}, {}, {"stage": "publicised"}, {"stage": "applied", "note_applied": "x" * 500}):
        said = officer.post(f"/fund/projects/{project}/stages", data=form)
        assert said.status_code in (303, 422), form


def test_a_draft_does_not_pass_the_last_day_of_its_call_by_another_address(house, as_person):
    from app.panels import service as panels
    from app.panels.rules import CallDraft

    today = clock.today()
    call = CallDraft(ProjectKind.MICRO, "第四期微创熟", "办一件小事", today - timedelta(9), today, None, dict(DEFAULT_WEIGHTS))
    call_id = in_transaction(lambda: panels.draft_call(call, house.officer, clock.now()))
    in_transaction(lambda: panels.publish_call(call_id, house.approver, clock.now()))
    wanted = house.wanted("工具角", (("用具", 900),), ProjectKind.MICRO)
    project = in_transaction(lambda: projects.draft(wanted, house.officer, clock.now(), call_id))
    with clock.frozen_at(clock.now() + timedelta(days=1)):
        said = as_person(house.officer).post(f"/fund/projects/{project}/stages", data={"stage": "applied"}, follow_redirects=True)
    assert "截止" in said.text
    assert queries.page(project).card.stage is Stage.DRAFT
