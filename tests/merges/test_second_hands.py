"""Where two people are needed, two records of one person are one: what the record that went began is not decided by who stays."""

import pytest

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.fund.models import FundProject
from app.fund.queries import amendments
from app.fund.queries.deciding import waiting_projects
from app.fund.queries.stages import road
from app.fund.rules import ProjectKind, Stage
from app.fund.service import projects
from app.panels.queries.lists import for_officers
from app.people.queries import home_unit_on
from app.publicity import queries as publicity
from app.publicity.rules import Way
from app.results.service import reports
from tests.fund.conftest import house
from tests.fund.test_amendments import decide, part, propose
from tests.fund.test_amendments import wanted as changed
from tests.merges.conftest import Two
from tests.merges.test_followed import merging
from tests.publicity.conftest import hall
from tests.results.test_reports import DRAFT

__all__ = ["hall", "house"]


@pytest.fixture
def pair(house, make) -> Two:
    """`old`, who stays, is the approver; under `new` they did something before anybody knew that both are one."""
    return merging(
        make, house.root, house.community, house.approver, make.person("罗国梁", home=home_unit_on(house.approver, clock.today()))
    )


def waits(house, project: int) -> bool:
    where = waiting_projects(house.make.actor(house.approver), clock.now())
    return db.session.query(FundProject.id).where(FundProject.id == project, where).one_or_none() is not None


def test_a_project_drafted_under_the_other_record_is_checked_by_another(house, pair):
    wanted = house.wanted("楼道添灯", (("材料", 4_000),), ProjectKind.WISH)
    project = in_transaction(lambda: projects.draft(wanted, pair.new, clock.now()))
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    assert waits(house, project)
    merge_id = pair.merge()
    assert road(project).makers == {pair.old, house.officer}
    assert not waits(house, project)
    with pytest.raises(Refused, match="您报的项目"):
        house.advance(project, Stage.CHECKED, house.approver)
    pair.undo(merge_id)
    assert waits(house, project)
    house.advance(project, Stage.CHECKED, house.approver)


def test_a_project_that_the_other_record_stands_for_or_sent_is_checked_by_another(house, pair):
    wanted = house.wanted("楼道添灯", (("材料", 4_000),), ProjectKind.WISH)
    stood = in_transaction(lambda: projects.draft(wanted, house.officer, clock.now(), applicant_id=pair.new))
    in_transaction(lambda: projects.send(stood, house.officer, clock.now()))
    sent = house.draft("楼道加扶手")
    in_transaction(lambda: projects.send(sent, pair.new, clock.now()))
    assert waits(house, stood)
    assert waits(house, sent)
    pair.merge()
    for project in (stood, sent):
        assert not waits(house, project)
        with pytest.raises(Refused, match="您报的项目"):
            house.advance(project, Stage.CHECKED, house.approver)


def test_nor_is_its_panel_theirs_to_name(house, pair):
    project = in_transaction(lambda: projects.draft(house.wanted("楼道添灯", (("材料", 4_000),), ProjectKind.CARE), pair.new, clock.now()))
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    house.advance(project, Stage.CHECKED, house.second)

    def offered() -> bool:
        where = for_officers(house.make.actor(house.approver), clock.today())
        return db.session.query(FundProject.id).where(FundProject.id == project, where).one_or_none() is not None

    assert offered()
    pair.merge()
    assert not offered()


def test_nor_is_its_amendment_theirs_to_approve(house, pair):
    wanted = house.wanted("楼道添灯", (("材料", 40_000),), ProjectKind.WISH)
    project = in_transaction(lambda: projects.draft(wanted, pair.new, clock.now()))
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    house.advance(project, Stage.CHECKED, house.approver)
    house.advance(project, Stage.APPROVED, house.second)
    house.sign(project, 6_000, 4_000)
    house.advance(project, Stage.RUNNING, house.approver)
    amendment = propose(house, project, changed(part(6_000), part(5_000, 3)))
    waiting = amendments.count_waiting(house.make.actor(house.approver), clock.now())
    assert db.session.scalar(waiting) == 1
    pair.merge()
    assert db.session.scalar(waiting) == 0
    with pytest.raises(Refused):
        decide(house, amendment, by=house.approver)
    decide(house, amendment, by=house.second)


def test_who_signed_under_the_other_record_does_not_start_it(house, pair):
    project = house.approved()
    house.sign(project, 70_000, by=pair.new)
    assert waits(house, project)
    pair.merge()
    assert not waits(house, project)
    with pytest.raises(Refused, match="协议是您登记的"):
        house.advance(project, Stage.RUNNING, house.approver)
    house.advance(project, Stage.RUNNING, house.second)


def test_who_checked_under_the_other_record_does_not_approve_it(house, pair):
    project = house.draft()
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    house.advance(project, Stage.CHECKED, pair.new)
    assert waits(house, project)
    pair.merge()
    assert not waits(house, project)
    with pytest.raises(Refused, match="初审是您做的"):
        house.advance(project, Stage.APPROVED, house.approver)


def test_a_report_is_published_or_given_back_before_its_writer_becomes_another_record(house, pair):
    project = house.project()
    house.close(project)
    report = in_transaction(lambda: reports.write(project, DRAFT, pair.new, clock.now()))
    with pytest.raises(Exception, match="结项报告还在等公开"):
        pair.merge()
    in_transaction(lambda: reports.give_back(report, "受益户数再核一核", house.second, clock.now()))
    pair.merge()


@pytest.fixture
def halves(hall, make) -> Two:
    """`old`, who stays, is the deputy, who answers objections."""
    return merging(make, hall.street, hall.community, hall.deputy, make.person("罗国良", home=hall.unit))


def answered(hall, objection: int) -> str:
    """What is said to the deputy who would answer it; '' where it may be."""
    row = publicity.objection(objection)
    listed = objection in {one.id for one in publicity.waiting(hall.make.actor(hall.deputy), clock.now())}
    try:
        hall.answer(objection, hall.deputy)
    except Refused as refused:
        assert not listed
        return str(refused)
    assert listed, row
    return ""


def test_who_had_a_hand_in_it_under_the_other_record_answers_no_objection(hall, halves):
    shown = hall.publish(makers=(halves.new,))
    first, second = hall.object(shown, by=hall.ho, about=hall.ho), hall.object(shown, by=hall.chan, about=hall.chan)
    assert answered(hall, first) == ""
    merge_id = halves.merge()
    assert answered(hall, second) != ""
    halves.undo(merge_id)
    assert answered(hall, second) == ""


def test_one_answers_no_objection_that_one_made_keyed_in_or_is_about_under_the_other_record(hall, halves):
    shown = hall.publish(people=(hall.ho, hall.chan, halves.new))
    mine = hall.object(shown, by=halves.new, about=hall.chan)
    about = hall.object(shown, by=hall.ho, about=halves.new)
    keyed = hall.object(shown, about=hall.ho, by_name="街坊老李", way=Way.IN_PERSON, keyed_by=halves.new)
    halves.merge()
    assert publicity.objection(about).about_now_id == hall.deputy
    assert [answered(hall, one) == "" for one in (mine, about, keyed)] == [False] * 3
    assert {one.id for one in publicity.own_objections(shown, hall.deputy)} == {mine}
