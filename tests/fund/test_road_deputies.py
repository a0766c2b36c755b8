"""A deputy decides about projects for somebody away: both count as one, and the record says for whom."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.fund import queries
from app.fund.models import FundProject, FundStageEntry
from app.fund.queries import deciding, stages
from app.fund.rules import ProjectKind, Stage
from app.fund.service import projects

NOTE = "照规定办"


def advance(project, stage, by, for_id):
    in_transaction(lambda: projects.advance(project, stage, by, clock.now(), NOTE, for_id=for_id))


def force(project, stage, by, for_id):
    """Past every service."""
    seq = len(stages.road(project).changes) + 1
    row = {"project_id": project, "seq": seq, "stage": stage, "at": clock.now(), "by_id": by, "note": NOTE, "for_id": for_id}
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(insert(FundStageEntry).values(**row)))


def refused(project, stage, by, for_id, match):
    with pytest.raises(Refused, match=match):
        advance(project, stage, by, for_id)
    force(project, stage, by, for_id)


@pytest.fixture
def deputy(ways):
    """An officer of another branch, who approves nothing themselves."""
    return ways.second_officer()


@pytest.fixture
def sent(house):
    draft = house.draft()
    in_transaction(lambda: projects.send(draft, house.officer, clock.now()))
    return draft


def stage_of(project):
    return db.session.scalar(select(FundProject.stage).where(FundProject.id == project))


def test_within_the_days_of_a_deputation_and_the_page_says_for_whom(house, ways, sent, deputy):
    house.advance(sent, Stage.CHECKED, house.approver)
    refused(sent, Stage.APPROVED, deputy, house.second, "代办没有接受")
    ways.stand_in(house.second, deputy)
    advance(sent, Stage.APPROVED, deputy, house.second)
    last = queries.page(sent).stages[-1]
    assert (last.stage, last.name, last.for_name) == (Stage.APPROVED, "冯少珍", "关绮华")


def test_what_who_is_away_wrote_sent_or_checked_is_not_decided_for_them(house, ways, sent, deputy):
    ways.stand_in(house.officer, deputy)
    refused(sent, Stage.CHECKED, deputy, house.officer, "两个人的都算")
    ways.stand_in(house.approver, deputy)
    advance(sent, Stage.CHECKED, deputy, house.approver)
    ways.stand_in(house.second, deputy)
    refused(sent, Stage.APPROVED, deputy, house.second, "初审是您做的")
    with pytest.raises(Refused, match="初审是您做的"):
        house.advance(sent, Stage.APPROVED, house.approver)
    force(sent, Stage.APPROVED, house.approver, None)
    house.advance(sent, Stage.APPROVED, house.second)


def test_a_deputy_decides_nothing_about_what_they_changed_themselves(house, ways, deputy):
    draft = house.draft()
    wanted = house.wanted("改过的", (("材料", 100),), ProjectKind.WISH)
    in_transaction(lambda: projects.redraft(draft, wanted, deputy, clock.now()))
    in_transaction(lambda: projects.send(draft, house.officer, clock.now()))
    ways.stand_in(house.approver, deputy)
    refused(draft, Stage.CHECKED, deputy, house.approver, "您报的项目")
    refused(draft, Stage.CHECKED, deputy, None, "您报的项目")
    assert deputy in stages.road(draft).makers


def test_everybody_who_ever_sent_or_stood_for_it_stays_out_of_the_decision(house, deputy):
    draft = house.draft()
    wanted = house.wanted("工具角", (("材料", 100),), ProjectKind.WISH)
    in_transaction(lambda: projects.redraft(draft, wanted, house.officer, clock.now(), None, house.second))
    in_transaction(lambda: projects.redraft(draft, wanted, house.officer, clock.now()))
    in_transaction(lambda: projects.send(draft, house.approver, clock.now()))
    in_transaction(lambda: projects.advance(draft, Stage.DRAFT, house.approver, clock.now()))
    in_transaction(lambda: projects.send(draft, house.officer, clock.now()))
    for maker in (house.officer, house.second, house.approver):
        refused(draft, Stage.CHECKED, maker, None, "您报的项目")
    house.advance(draft, Stage.CHECKED, deputy)


@pytest.mark.parametrize("stage", [Stage.APPLIED, Stage.FINAL])
def test_asking_is_never_done_for_somebody(house, ways, deputy, stage):
    project = house.draft() if stage is Stage.APPLIED else house.project()
    ways.stand_in(house.approver, deputy)
    refused(project, stage, deputy, house.approver, "不能代办")


def test_a_deputy_steps_aside_from_the_projects_of_both_units(house, ways, sent, deputy):
    ways.stand_in(house.neighbour, deputy)
    with pytest.raises(Refused, match="回避"):
        advance(sent, Stage.CHECKED, deputy, house.neighbour)


def test_what_waits_for_who_is_away_waits_for_the_deputy(house, ways, sent, deputy):
    house.advance(sent, Stage.CHECKED, house.approver)
    actor, now = house.make.actor(deputy), clock.now()
    assert deciding.projects_where(deciding.waiting_projects(actor, now)) == []
    ways.stand_in(house.second, deputy)
    assert [row.id for row in deciding.projects_where(deciding.waiting_projects(actor, now))] == [sent]
    ways.stand_in(house.approver, deputy)
    assert [row.id for row in deciding.projects_where(deciding.waiting_projects(actor, now))] == [sent]


def test_the_page_decides_as_a_deputy_and_tells_who_is_away(house, ways, sent, deputy, as_person):
    house.advance(sent, Stage.CHECKED, house.approver)
    desk, address = as_person(deputy), f"/fund/projects/{sent}"
    assert desk.post(f"{address}/stages", data={"stage": "approved"}).status_code == 404
    ways.stand_in(house.second, deputy)
    assert "您在替关绮华代办" in desk.get(address).text
    done = desk.post(f"{address}/stages", data={"stage": "approved"}, follow_redirects=True)
    assert "替关绮华办" in done.text
    assert stage_of(sent) is Stage.APPROVED


def test_the_administrator_may_stand_in_too(house, ways, sent, as_person):
    house.advance(sent, Stage.CHECKED, house.approver)
    desk = as_person(house.administrator)
    ways.stand_in(house.second, house.administrator)
    assert "同意立项" in desk.get(f"/fund/projects/{sent}").text
    desk.post(f"/fund/projects/{sent}/stages", data={"stage": "approved"})
    assert stage_of(sent) is Stage.APPROVED
