"""Reviewers: who may be one, what they see of one another, what comes of their scores."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.fund.rules import ProjectKind, Stage
from app.fund.stage_rules import DEFAULT_WEIGHTS, Criterion
from app.panels import queries
from app.panels import service as panels
from app.panels.models import PanelAsideEntry, PanelScoreEntry, PanelSeat
from app.panels.rules import complete, mean, places, shown, weighted
from app.people import service as people
from app.people.queries import home_unit_on
from app.people.rules import UnitKind

SECRET = 37  # a mark that stands nowhere else on a page


def attack(statement) -> None:
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(text(statement) if isinstance(statement, str) else statement))
    db.session.rollback()


def test_reviewers_are_three_at_least_and_of_another_unit(panel):
    project = panel.checked()
    with pytest.raises(Invalid) as refused:
        panel.name(project, [panel.house.neighbour])
    assert "回避" in refused.value.fields["people"]
    with pytest.raises(Invalid) as own:
        panel.name(project, [panel.proposer])
    assert "报这个项目" in own.value.fields["people"]
    with pytest.raises(Refused):
        panel.name(project, panel.reviewers, by=panel.proposer)
    panel.name(project, panel.reviewers[:2])
    for person in panel.reviewers[:2]:
        panel.score(project, person)
    found = queries.panel(project)
    assert (found.scored, found.remaining, found.opened) == (2, 2, False)
    with pytest.raises(Conflict, match="至少 3 位"):
        in_transaction(lambda: panels.conclude(project, panel.house.officer, clock.now()))


def test_without_an_account_nobody_can_be_asked(panel):
    project = panel.checked()
    stranger = panel.house.make.person("没开通的人", home=panel.house.make.unit("外面的支部", parent=panel.house.root))
    with pytest.raises(Invalid) as refused:
        panel.name(project, [stranger])
    assert "没有开通账号" in refused.value.fields["people"]


def test_scores_are_closed_to_everyone_until_all_are_in(panel, as_person):
    """Every role and every page that speaks of the project, the audit among them."""
    house, make = panel.house, panel.house.make
    project = panel.seated()
    for person in panel.reviewers[:2]:
        panel.score(project, person, SECRET, "这一句谁也不能先看到")
    assert queries.panel(project).result is None
    assert all(seat.sheet is None for seat in queries.panel(project).seats)
    mine = queries.panel(project, panel.reviewers[0]).seat_of(panel.reviewers[0])
    assert mine.sheet.scores[Criterion.NEED] == SECRET
    other = queries.panel(project, panel.reviewers[0]).seat_of(panel.reviewers[1])
    assert other.sheet is None
    secretary = make.person("书记", home=make.unit("同德党支部", parent=house.root))
    make.grant(secretary, Role.SECRETARY, house.root)
    everybody = (
        house.officer,
        house.approver,
        house.second,
        house.administrator,
        house.auditor,
        house.neighbour,
        panel.proposer,
        secretary,
    )
    addresses = (
        *(f"/fund/projects/{project}", f"/fund/projects/{project}/panel", "/fund/panels", "/fund/desk", "/work", "/notices"),
        *("/fund/calls", "/fund/reviews", "/audit", f"/audit?subject={project}&kind=fund_project", "/fund/applications"),
    )
    for person in (*everybody, panel.reviewers[2]):
        browser = as_person(person)
        for address in addresses:
            page = browser.get(address)
            assert "37.00" not in page.text, (person, address)
            assert "37.0" not in page.text, (person, address)
            assert "这一句谁也不能先看到" not in page.text, (person, address)
    assert not any(
        str(SECRET) in str(row) for row in db.session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "panel.score"))
    )
    panel.score(project, panel.reviewers[2], 91, "好")
    opened = queries.panel(project)
    assert opened.opened
    assert opened.result == Fraction(SECRET * 2 + 91, 3) * 100
    assert "这一句谁也不能先看到" in as_person(house.officer).get(f"/fund/projects/{project}/panel").text
    assert "这一句谁也不能先看到" not in as_person(panel.proposer).get(f"/fund/projects/{project}").text


def test_an_applicant_does_not_see_who_reviews(panel, as_person):
    project = panel.seated()
    assert as_person(panel.proposer).get(f"/fund/projects/{project}/panel").status_code == 404
    assert as_person(panel.proposer).get(f"/fund/projects/{project}").status_code == 200


def test_scores_never_change_and_nobody_joins_or_leaves_after_they_are_open(panel):
    project = panel.seated()
    for person in panel.reviewers:
        panel.score(project, person)
    with pytest.raises(Conflict, match="交过分"):
        panel.score(project, panel.reviewers[0], 100)
    with pytest.raises(Conflict, match="不能再回避"):
        in_transaction(lambda: panels.step_aside(project, panel.reviewers[0], "亲属", clock.now()))
    with pytest.raises(Conflict, match="不能再加"):
        panel.name(project, [panel.house.second])
    for table in ("panel", "panel_seat", "panel_score_entry"):
        attack(f"UPDATE {table} SET project_id = project_id")
        attack(f"DELETE FROM {table}")
    row = {"project_id": project, "person_id": panel.house.second}
    attack(insert(PanelSeat).values(**row, named_at=clock.now(), named_by_id=panel.house.officer))
    aside = {"project_id": project, "person_id": panel.reviewers[0], "at": clock.now(), "by_id": panel.reviewers[0], "reason": "x"}
    attack(insert(PanelAsideEntry).values(**aside))


def test_nobody_steps_aside_from_what_is_no_longer_reviewed(panel):
    """A page that was open while the project was declined."""
    project = panel.seated()
    panel.house.advance(project, Stage.DECLINED, panel.house.officer, "和另一个项目重复")
    with pytest.raises(Conflict, match="现在不在评审"):
        in_transaction(lambda: panels.step_aside(project, panel.reviewers[0], "亲属", clock.now()))


def test_who_stepped_aside_does_not_score_and_is_not_waited_for(panel):
    project = panel.seated()
    in_transaction(lambda: panels.step_aside(project, panel.reviewers[0], "负责人是我的亲属", clock.now()))
    with pytest.raises(Conflict, match="已经回避"):
        panel.score(project, panel.reviewers[0])
    marks = {one.value: 80 for one in Criterion}
    row = {"project_id": project, "person_id": panel.reviewers[0], "at": clock.now(), "words": "好"}
    attack(insert(PanelScoreEntry).values(**row, **marks))
    for person in panel.reviewers[1:]:
        panel.score(project, person)
    assert not queries.panel(project).opened
    fourth = panel.house.make.person("第四位", home=panel.house.make.unit("十七街区党支部", parent=panel.house.root))
    panel.house.make.account(fourth)
    panel.name(project, [fourth])
    panel.score(project, fourth)
    assert queries.panel(project).opened
    assert queries.panel(project).remaining == 3


def test_whose_own_unit_it_has_become_steps_aside_by_the_rule_at_the_day(panel):
    project, house = panel.seated(), panel.house
    moved = panel.reviewers[0]
    fourth = house.make.person("第四位", home=house.make.unit("十七街区党支部", parent=house.root))
    house.make.account(fourth)
    panel.name(project, [fourth])
    old = home_unit_on(moved, clock.today())
    branch = house.make.unit("锦园第三党支部", parent=house.community)
    in_transaction(lambda: people.transfer(moved, old, branch, clock.today(), house.administrator, clock.today()))
    with pytest.raises(Conflict, match="按规定要回避"):
        panel.score(project, moved)
    for person in (*panel.reviewers[1:], fourth):
        panel.score(project, person)
    in_transaction(lambda: panels.conclude(project, house.officer, clock.now()))
    seat = queries.panel(project).seat_of(moved)
    assert "按规定回避" in seat.aside
    assert queries.panel(project).opened


@pytest.mark.parametrize("fault", [{"words": ""}, {"mark": 101}, {"mark": -1}])
def test_the_database_takes_only_whole_sheets(panel, fault):
    project = panel.seated()
    given = {"mark": 80, "words": "好"} | fault
    row = {"project_id": project, "person_id": panel.reviewers[0], "at": clock.now(), "words": given["words"]}
    attack(insert(PanelScoreEntry).values(**row, **{one.value: given["mark"] for one in Criterion}))


def test_the_ranking_is_exact_and_equal_results_share_a_place(panel):
    first, second, third = (panel.seated(name) for name in ("甲项目", "乙项目", "丙项目"))
    for project, marks in ((first, (80, 80, 80)), (second, (79, 80, 81)), (third, (80, 80, 81))):
        for person, mark in zip(panel.reviewers, marks, strict=True):
            panel.score(project, person, mark)
    rows = queries.ranking(None, [panel.house.root], clock.today())
    assert [(row.name, row.place) for row in rows] == [("丙项目", 1), ("甲项目", 2), ("乙项目", 2)]
    assert rows[0].panel.shown == 8_033
    assert rows[0].panel.result == Fraction(24_100, 3)


def test_a_call_has_weights_of_its_own(panel):
    call = panel.call()
    project = panel.checked(call_id=call)
    panel.name(project, panel.reviewers)
    assert queries.panel(project).weights == DEFAULT_WEIGHTS
    for person in panel.reviewers:
        panel.score(project, person, 0, need=100)
    assert queries.panel(project).result == DEFAULT_WEIGHTS[Criterion.NEED] * 100


def test_a_wish_has_no_panel(panel):
    project = panel.sent(kind=ProjectKind.WISH)
    panel.house.advance(project, Stage.CHECKED, panel.house.officer)
    with pytest.raises(Conflict, match="不在评审"):
        panel.name(project, panel.reviewers)


MARKS = st.lists(st.lists(st.integers(0, 100), min_size=7, max_size=7), min_size=3, max_size=9)


@given(marks=MARKS)
@settings(database=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_mean_is_exact_and_lies_among_what_was_given(marks):
    results = [weighted(dict(zip(Criterion, row, strict=True)), DEFAULT_WEIGHTS) for row in marks]
    exact = mean(results)
    assert min(results) <= exact <= max(results)
    assert exact * len(results) == sum(results)
    assert abs(shown(exact) - exact) <= Fraction(1, 2)
    assert 0 <= shown(exact) <= 10_000


@given(results=st.dictionaries(st.integers(1, 30), st.fractions(0, 10_000, max_denominator=9), min_size=1))
@settings(database=None, suppress_health_check=[HealthCheck.too_slow])
def test_places_follow_the_results(results):
    placed = places(results)
    for one, result in results.items():
        assert placed[one] == 1 + sum(other > result for other in results.values())
        assert all(placed[other] == placed[one] for other in results if results[other] == result)


def test_enough_scores_are_all_of_those_who_remain():
    assert complete(3, 3)
    assert not complete(2, 2)
    assert not complete(4, 3)


def test_an_officer_of_one_community_names_no_reviewers_for_another_ones_projects(panel, as_person):
    """Also not by asking for "the whole call"."""
    house, make = panel.house, panel.house.make
    officer = make.person("霍静文", home=make.unit("街道第二党支部", parent=house.root))
    make.grant(officer, Role.FUND_OFFICER, house.community)
    call = panel.call()
    mine = panel.checked(call_id=call)
    panel.name(panel.checked("老项目"), panel.reviewers)
    house.community = make.unit("夏东社区党委", UnitKind.COMMUNITY, parent=house.root)
    make.grant(panel.proposer, Role.ORGANISER, house.community)
    other = panel.checked("别处的工具角", call)
    assert queries.without_panel(mine, [house.root], clock.today()) == [other]
    form = {"person": [str(one) for one in panel.reviewers], "whole_call": "1"}
    assert as_person(officer).post(f"/fund/projects/{mine}/panel/seats", data=form).status_code == 303
    assert queries.panel(mine)
    assert queries.panel(other) is None


def test_who_reviewed_elsewhere_is_no_list_for_an_officer_of_one_community(panel, as_person):
    house, make = panel.house, panel.house.make
    panel.seated("别的社区的")
    names = [one.name for one in queries.known_reviewers([house.root], clock.today())]
    house.community = make.unit("夏东社区党委", UnitKind.COMMUNITY, parent=house.root)
    make.grant(panel.proposer, Role.ORGANISER, house.community)
    mine = panel.checked("自己的")
    officer = make.person("霍静文", home=make.unit("街道第二党支部", parent=house.root))
    make.grant(officer, Role.FUND_OFFICER, house.community)
    page = as_person(officer).get(f"/fund/projects/{mine}/panel").text
    assert len(names) == 3
    assert not [name for name in names if name in page]
    assert names[0] in as_person(house.officer).get(f"/fund/projects/{mine}/panel").text


def test_what_is_pressed_twice_leads_back_with_a_word(panel, as_person):
    officer, approver, call = as_person(panel.house.officer), as_person(panel.house.approver), panel.call(publish=False)
    for _ in range(2):
        assert approver.post(f"/fund/calls/{call}/publication").status_code == 303
    assert "已经发布" in approver.get(f"/fund/calls/{call}").text
    assert officer.post(f"/fund/calls/{call}/withdrawal").status_code == 303
    assert "已经发布" in officer.get(f"/fund/calls/{call}").text
    project = panel.seated()
    for person in panel.reviewers:
        panel.score(project, person)
    seats = {"person": [str(panel.reviewers[0])]}
    assert officer.post(f"/fund/projects/{project}/panel/seats", data=seats).status_code == 303
    assert "不能再加评审人" in officer.get(f"/fund/projects/{project}/panel").text
