"""For whom a project is keyed in: a clerk names them, and neither of the two decides about it."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.permissions import Role
from app.fund.models import FundProject
from app.fund.rules import Stage
from app.fund.service import projects

FORM = {
    "kind": "wish",
    "name": "楼下工具角",
    "summary": "锤子、梯子放在一处，登记借用。",
    "area": "灯湖社区",
    "beneficiaries": "街坊",
    "starts_on": "2026-12-01",
    "ends_on": "2027-06-30",
    "line_1": "用具",
    "fen_1": "3000",
    "source": "fund",
}


@pytest.fixture
def secretary(house):
    person = house.make.person("谢婉仪", home=house.community)
    house.make.grant(person, Role.SECRETARY, house.community)
    house.make.grant(person, Role.FUND_APPROVER, house.root)
    return person


def form(house, **more):
    return FORM | {"unit_id": str(house.community)} | more


def applicant():
    return db.session.scalar(select(FundProject.applicant_id))


def test_the_clerk_names_the_applicant_and_both_stay_out_of_the_decision(house, secretary, as_person):
    desk = as_person(house.officer)
    assert "替谁报的" in desk.get("/fund/projects/new").text
    assert desk.post("/fund/projects", data=form(house, applicant="谢婉仪")).status_code == 303
    project = db.session.scalar(select(FundProject.id))
    assert applicant() == secretary
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    for maker in (secretary, house.officer):
        with pytest.raises(Refused, match="您报的项目"):
            house.advance(project, Stage.CHECKED, maker)
    house.advance(project, Stage.CHECKED, house.approver)


@pytest.mark.parametrize("name", ["谢婉", "区慧敏", "邓淑芬", "不存在"])
def test_only_somebody_who_may_propose_for_that_unit_and_never_the_clerk(house, secretary, as_person, name):
    page = as_person(house.officer).post("/fund/projects", data=form(house, applicant=name))
    assert page.status_code == 422
    assert "请核对姓名" in page.text
    assert f'value="{name}"' in page.text, "what was typed is kept"


def test_two_of_one_name_are_not_guessed(house, secretary, as_person):
    house.make.grant(house.make.person("谢婉仪", home=house.community), Role.ORGANISER, house.community)
    page = as_person(house.officer).post("/fund/projects", data=form(house, applicant="谢婉仪"))
    assert "两位同名" in page.text


def test_the_draft_shows_it_and_taking_it_away_does_not_forget_it(house, secretary, as_person):
    desk = as_person(house.officer)
    desk.post("/fund/projects", data=form(house, applicant="谢婉仪"))
    project = db.session.scalar(select(FundProject.id))
    assert 'value="谢婉仪"' in desk.get(f"/fund/projects/{project}/revision").text
    assert desk.post(f"/fund/projects/{project}/revision", data=form(house)).status_code == 303
    assert applicant() is None
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    with pytest.raises(Refused):
        house.advance(project, Stage.CHECKED, secretary)


def test_the_units_own_people_do_not_name_anybody_else(house, secretary, as_person):
    desk = as_person(house.officer)
    desk.post("/fund/projects", data=form(house, applicant="谢婉仪"))
    project = db.session.scalar(select(FundProject.id))
    organiser = house.make.person("陈国强", home=house.community)
    house.make.grant(organiser, Role.ORGANISER, house.community)
    own = as_person(organiser)
    assert "替谁报的" not in own.get(f"/fund/projects/{project}/revision").text
    assert own.post(f"/fund/projects/{project}/revision", data=form(house, applicant="陈国强")).status_code == 303
    assert applicant() == secretary
