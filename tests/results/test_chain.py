"""钱 → 活动 → 小时 → 人: what a project's money became, each step with its own figures, exact."""

from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.fund.models import FundProjectActivity
from app.fund.queries import figures
from app.fund.rules import Step
from app.fund.service import projects, requests
from app.hours.rules import HourClass
from app.people.rules import UnitKind
from app.results.queries import chain as behind
from app.results.service import links
from tests.conftest import statements

_sources = count(1)


@pytest.fixture
def project(house):
    project_id = house.project()
    house.donate(50_000)
    house.grant(project_id, 30_000)
    return project_id


@pytest.fixture
def event(house):
    """`event(title, {person: minutes})` is an activity of the project's unit with its hours."""

    def work(title, hours=None, *, honour=False, published=True):
        activity_id = house.make.activity(house.community, house.officer, title=title, published=published)
        house.make.shift(activity_id, clock.now() - timedelta(days=2))
        given = [
            Credit(
                person,
                activity_id,
                ActivityKind.SERVICE,
                house.community,
                clock.today(),
                minutes,
                HourClass.HONOUR if honour else HourClass.CREDIT,
                next(_sources),
                "test",
            )
            for person, minutes in (hours or {}).items()
        ]
        in_transaction(lambda: crediting.credit(given, clock.now()))
        return activity_id

    return work


def link(house, project, activity):
    return in_transaction(lambda: links.link(project, activity, house.officer, clock.now()))


def serve(house, project, people, activity=None):
    return in_transaction(
        lambda: projects.add_service(project, clock.today(), people, "上门修缮", activity, house.officer, clock.now()),
    )


def test_the_figures_of_each_step(house, project, event):
    home = house.make.unit("锦园第二党支部", parent=house.community)
    one, two = house.make.person("陈大文", home=home), house.make.person("李小明", home=home)
    first, second = event("装扶手", {one: 120, two: 90}), event("换灯泡", {one: 60}, honour=True)
    link(house, project, first)
    serve(house, project, 40, second)
    serve(house, project, 7)
    found = behind.chain(project)
    assert [(row.title, row.credit, row.honour, row.volunteers, row.people, row.link_id is not None) for row in found.activities] == [
        ("换灯泡", 0, 60, 1, 40, False),
        ("装扶手", 210, 0, 2, 0, True),
    ]
    assert (found.credit, found.honour, found.volunteers, found.people, found.unlinked_people) == (210, 60, 2, 47, 7)
    assert figures.linked_service(project, date(2026, 1, 1), date(2027, 12, 31)) == (2, 210, 60, 2), "the project's page says the same"


def test_an_activity_that_is_linked_and_named_counts_once(house, project, event):
    activity = event("装扶手", {house.approver: 30})
    link(house, project, activity)
    serve(house, project, 12, activity)
    assert (len(behind.chain(project).activities), behind.chain(project).credit) == (1, 30)
    assert figures.linked_service(None, date(2026, 1, 1), date(2026, 12, 31))[:2] == (1, 30)


def test_a_figure_taken_back_names_its_activity_no_longer(house, project, event):
    activity = event("装扶手", {house.approver: 30})
    entry = serve(house, project, 12, activity)
    asked = in_transaction(lambda: requests.ask_figure_correction(entry, "数错了", house.officer, clock.now()))
    house.step(asked, Step.APPROVED, house.approver)
    assert behind.chain(project).activities == ()
    assert not behind.is_behind(project, activity)


def test_a_link_is_made_once_and_ends_with_its_reason(house, project, event):
    activity = event("装扶手")
    made = link(house, project, activity)
    assert link(house, project, activity) == made
    with pytest.raises(Invalid):
        in_transaction(lambda: links.unlink(made, "", house.officer, clock.now()))
    in_transaction(lambda: links.unlink(made, "不是这个项目出的钱", house.officer, clock.now()))
    assert behind.chain(project).activities == ()
    assert [one.reason for one in behind.ended_links(project)] == ["不是这个项目出的钱"]
    with pytest.raises(Conflict):
        in_transaction(lambda: links.unlink(made, "再来一次", house.officer, clock.now()))
    assert link(house, project, activity) != made


def test_only_published_activities_since_the_project_began(house, project, event):
    with pytest.raises(NotFound):
        link(house, project, event("草稿", published=False))
    early = house.make.activity(house.community, house.officer)
    house.make.shift(early, clock.at_local(date(2026, 2, 1)))
    with pytest.raises(Conflict, match="开始以前"):
        link(house, project, early)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund_project_activity SET held_on = '2026-01-01'",
        "UPDATE fund_project_activity SET end_reason = 'x'",
        "DELETE FROM fund_project_activity",
    ],
)
def test_the_database_keeps_links_as_they_were_said(house, project, event, attack):
    made = link(house, project, event("装扶手"))
    in_transaction(lambda: links.unlink(made, "不是", house.officer, clock.now()))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(text(attack)))


def test_everybody_sees_sums_the_funds_people_lists(client, as_person, house, project, event):
    home = house.make.unit("锦园第二党支部", parent=house.community)
    helper = house.make.person("陈大文", home=home)
    activity = event("装扶手", {helper: 120})
    link(house, project, activity)
    serve(house, project, 40, activity)
    house.pay(project, 4_860)
    page = client.get(f"/fund/projects/{project}/chain").text
    for said in ("4,860.00 元 ÷ 40 人次", "121.50 元", "4,860.00 元 ÷ 2 小时", "2,430.00 元", "装扶手", "1 位"):
        assert said in page
    for secret in ("陈大文", "陈*文", "邓淑芬", "看名单"):
        assert secret not in page
    people = f"/fund/projects/{project}/chain/{activity}"
    assert client.get(people).status_code in (302, 303, 401, 404)
    assert "陈*文" in as_person(house.officer).get(people).text
    assert "陈大文" not in as_person(house.officer).get(people).text
    assert "陈大文" in as_person(house.auditor).get(people).text
    assert as_person(house.officer).get(f"/fund/projects/{project}/chain/999").status_code == 404


def test_a_name_is_whole_only_for_who_may_read_that_person(as_person, house, project, event):
    """Whoever served may be of another unit than the project's; a double registration counts as in the directory."""
    home = house.make.unit("锦园第二党支部", parent=house.community)
    far = house.make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=house.root)
    far_branch = house.make.unit("怡海第一党支部", parent=far)
    near, stranger = house.make.person("陈大文", home=home), house.make.person("区小红", home=far_branch)
    nobodys = house.make.person("梁无依")
    activity = event("装扶手", {near: 120, stranger: 60, nobodys: 30})
    link(house, project, activity)
    people = f"/fund/projects/{project}/chain/{activity}"
    reader = house.make.person("冼志强", home=home)
    house.make.grant(reader, Role.AUDITOR, house.root)
    whole = as_person(reader).get(people).text
    assert all(name in whole for name in ("陈大文", "区小红", "梁无依"))
    limited = house.make.person("莫慧仪", home=home)
    house.make.grant(limited, Role.AUDITOR, house.community)
    page = as_person(limited).get(people).text
    assert "陈大文" in page
    assert "区*红" in page
    assert "梁*依" in page
    assert "不归您管的 2 位名字隐去一部分" in page
    assert "区小红" not in page
    assert "梁无依" not in page


def test_the_list_of_who_served_takes_as_many_queries_for_many(as_person, house, project, event):
    home = house.make.unit("锦园第二党支部", parent=house.community)
    few = event("装扶手", {house.make.person("陈大文", home=home): 30})
    many = event("换灯泡", {house.make.person(f"何{digit}妹", home=home): 30 for digit in "一二三四五六七八九"})
    link(house, project, few)
    link(house, project, many)
    browser = as_person(house.auditor)

    def asked(activity):
        with statements() as counted:
            assert browser.get(f"/fund/projects/{project}/chain/{activity}").status_code == 200
        return len(counted)

    asked(few)
    assert asked(few) == asked(many)


def test_linking_in_the_browser(as_person, house, project, event):
    activity, browser = event("装扶手"), as_person(house.officer)
    assert "装扶手" in browser.get(f"/fund/projects/{project}/activities/new").text
    assert browser.post(f"/fund/projects/{project}/activities", data={"activity_id": "9999"}).status_code == 422
    assert browser.post(f"/fund/projects/{project}/activities", data={"activity_id": activity}).status_code == 303
    assert "装扶手" not in browser.get(f"/fund/projects/{project}/activities/new").text
    link_id = db.session.scalar(select(FundProjectActivity.id))
    assert browser.post(f"/fund/links/{link_id}/removal", data={"note": ""}).status_code == 422
    for _ in range(2):  # pressed twice
        assert browser.post(f"/fund/links/{link_id}/removal", data={"note": "不是"}).status_code == 303
    assert "取消过的关联" in browser.get(f"/fund/projects/{project}/chain").text


def test_more_activities_cost_no_more_questions(client, house, project, event):
    def asked():
        with statements() as sent:
            assert client.get(f"/fund/projects/{project}/chain").status_code == 200
        return len(sent)

    link(house, project, event("一"))
    serve(house, project, 3)
    first = asked()
    for title in "二三四五":
        activity = event(title, {house.approver: 10})
        link(house, project, activity)
        serve(house, project, 3, activity)
    assert asked() == first <= 20
