"""Money and projects that two records of one person had in hand: what was taken for somebody away, and what is taken back."""

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.fund import stage_rules
from app.fund.queries.stages import road
from app.fund.rules import ProjectKind, Stage, Step
from app.fund.service import projects, steps
from app.merges.queries.faults import faults as faults_of
from app.people.queries import home_unit_on
from tests.fund.conftest import house, ways
from tests.merges.test_followed import merging

__all__ = ["house", "ways"]


@pytest.fixture
def deputy(ways):
    """An officer of another branch, who approves nothing themselves."""
    return ways.second_officer()


def test_money_that_a_deputy_approved_for_the_record_that_goes_is_ended_first(house, ways, deputy, make):
    """Else who was stood in for would be the second of two people, under the record that stays."""
    project = house.project()
    house.donate(20_000, project)
    request = house.ask(project, 100)
    ways.stand_in(house.approver, deputy)
    stays = make.person("罗国梁", home=home_unit_on(house.approver, clock.today()))
    pair = merging(make, house.root, house.root, stays, house.approver)
    assert not any("用款" in one for one in faults_of(pair.pair()))
    in_transaction(lambda: steps.take(request, Step.APPROVED, deputy, clock.now(), for_id=house.approver))
    assert any("用款" in one for one in faults_of(pair.pair()))


@pytest.fixture
def sent(house, make):
    """A project that `new` sent, and the pair; `old` stays, and may send projects of the same unit."""
    community = house.community
    old, new = (make.person("陈立群", home=community) for _ in range(2))
    pair = merging(make, house.root, community, old, new)
    wanted = house.wanted("楼道添灯", (("材料", 4_000),), ProjectKind.WISH)
    project = in_transaction(lambda: projects.draft(wanted, pair.new, clock.now()))
    in_transaction(lambda: projects.send(project, pair.new, clock.now()))
    return project, pair


def test_what_was_sent_under_the_record_that_went_is_given_back_not_taken_back(house, sent, as_person):
    """The database asks who sent it, by record; the page offers nothing that it would refuse."""
    project, pair = sent
    merge_id = pair.merge()
    assert not stage_rules.is_withdrawal(road(project), Stage.DRAFT, pair.old)
    house.make.grant(pair.old, Role.SECRETARY, house.community)
    mine = as_person(pair.old)
    page = mine.get(f"/fund/projects/{project}").text
    assert "楼道添灯" in page
    assert f"/fund/projects/{project}/withdrawal" not in page
    answer = mine.post(f"/fund/projects/{project}/withdrawal", follow_redirects=True)
    assert answer.status_code == 200
    assert "现在不能撤回了" in answer.text
    assert road(project).stage is Stage.APPLIED
    pair.undo(merge_id)
    assert stage_rules.is_withdrawal(road(project), Stage.DRAFT, pair.new)
    in_transaction(lambda: projects.advance(project, Stage.DRAFT, pair.new, clock.now()))
    assert road(project).stage is Stage.DRAFT
