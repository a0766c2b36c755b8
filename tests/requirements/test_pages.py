"""双50 on the pages: both readings, who may choose between them, since when one holds, one's own entries and why they count."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.audit.models import AuditEvent
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours import service as hours
from app.hours.rules import HourClass, HourKind, HourPosting, SourceKind
from app.people.rules import StageKind, UnitKind
from app.requirements import queries
from app.requirements.models import Requirement, RequirementSet
from tests.conftest import NOON, statements

A, B = 1, 2
TODAY = NOON.date()
BEGAN = TODAY - timedelta(days=100)


@pytest.fixture
def root(make) -> int:
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def branch(make, root) -> int:
    return make.unit("锦园第二党支部", parent=root)


@pytest.fixture
def administrator(make, branch, root) -> int:
    person = make.person("刘安", home=branch)
    make.grant(person, Role.ADMINISTRATOR, root)
    return person


@pytest.fixture
def activist(make, branch) -> int:
    return make.person("何嘉怡", home=branch, stage=StageKind.ACTIVIST, stage_since=BEGAN)


@pytest.fixture
def entry(make, branch):
    """Puts an entry into the hours ledger of somebody."""
    source = iter(range(1, 1000))

    def post(person, day, minutes, kind=HourKind.SERVICE, hour_class=HourClass.CREDIT):
        one = HourPosting(person, branch, branch, None, day, hour_class, kind, minutes, SourceKind.CLAIM, next(source))
        in_transaction(lambda: hours.post([one], NOON))

    return post


def holding(day=TODAY):
    return [preset.code for preset in queries.presets(day) if preset.active]


def asked(day=TODAY):
    return [(need.stage.value, need.kind.value) for need in queries.active_needs(day)]


def later_preset(valid_from):
    """A local reading that begins on a day, chosen after all others."""

    def work():
        values = {"code": "C", "name": "本地口径", "note": "只看服务。", "valid_from": valid_from, "activated_at": NOON}
        id_ = db.session.scalar(insert(RequirementSet).values(**values).returning(RequirementSet.id))
        need = {"stage": StageKind.ACTIVIST, "kind": HourKind.STUDY, "minutes_needed": 600, "honour_minutes": 0}
        db.session.execute(insert(Requirement).values(set_id=id_, **need))
        return id_

    return in_transaction(work)


def test_both_readings_are_there_and_one_of_them_holds(as_person, administrator):
    page = as_person(administrator).get("/requirements").text
    assert "阶段制" in page
    assert "学习＋服务制" in page
    assert page.count("正在用") == 1
    assert page.count("改用这一种") == 1
    assert holding() == ["B"]


def test_each_reading_asks_what_it_says(as_person, administrator):
    services = [("activist", "service"), ("probationary", "service")]
    assert sorted(asked()) == sorted([*services, ("activist", "study"), ("probationary", "study")])
    assert as_person(administrator).post(f"/requirements/{A}/activation").status_code == 303
    assert (holding(), asked()) == (["A"], services)


def test_the_one_chosen_last_holds_and_the_choice_is_recorded(as_person, administrator):
    desk = as_person(administrator)
    answer = desk.post(f"/requirements/{A}/activation")
    assert answer.location == "/requirements"
    assert "已换成这个口径" in desk.get("/requirements").text
    chosen = db.session.execute(
        select(AuditEvent.actor_id, AuditEvent.subject_id).where(AuditEvent.action == "requirement_set.activation")
    ).all()
    assert [tuple(row) for row in chosen] == [(administrator, A)]
    assert desk.post("/requirements/99/activation").status_code == 404


def test_the_reading_for_everybody_is_chosen_at_the_root_only(make, as_person, root, branch):
    below = make.person("黄健", home=branch)
    make.grant(below, Role.ADMINISTRATOR, branch)
    others = [make.person(f"岗位{role}", home=branch) for role in Role if role is not Role.ADMINISTRATOR]
    for person, role in zip(others, [role for role in Role if role is not Role.ADMINISTRATOR], strict=True):
        make.grant(person, role, root)
    for person in (below, *others):
        desk = as_person(person)
        assert desk.post(f"/requirements/{A}/activation").status_code == 404
    assert [as_person(person).get("/requirements").status_code for person in (below, *others)] == [404] * len(others) + [200]
    assert "改用这一种" not in as_person(others[-1]).get("/requirements").text  # the auditor reads
    assert holding() == ["B"]


def test_without_a_subdistrict_nobody_chooses(make, as_person):
    alone = make.unit("一个支部")
    person = make.person("刘安", home=alone)
    make.grant(person, Role.ADMINISTRATOR, alone)
    assert as_person(person).get("/requirements").status_code == 404


def test_a_reading_holds_from_its_day_on_and_not_before(make, as_person, administrator, activist):
    begins = TODAY + timedelta(days=10)
    later_preset(begins)
    assert (holding(), holding(begins - timedelta(days=1)), holding(begins)) == (["B"], ["B"], ["C"])
    assert asked(begins) == [("activist", "study")]
    assert len(queries.progress_of([activist], TODAY)[activist]) == 2
    assert len(queries.progress_of([activist], begins)[activist]) == 1


def test_one_whose_time_has_not_come_can_not_be_chosen(as_person, administrator):
    preset = later_preset(date(2027, 1, 1))
    in_transaction(lambda: db.session.execute(update(RequirementSet).where(RequirementSet.id == preset).values(activated_at=None)))
    desk = as_person(administrator)
    page = desk.get("/requirements").text
    assert "2027年1月1日 起才能用" in page
    assert page.count("改用这一种") == 1
    refused = desk.post(f"/requirements/{preset}/activation")
    assert refused.status_code == 409
    assert "到那一天再换" in refused.text
    assert db.session.scalar(select(RequirementSet.activated_at).where(RequirementSet.id == preset)) is None


def test_one_s_own_page_tells_each_entry_and_why_it_does_not_count(as_person, activist, entry):
    entry(activist, BEGAN - timedelta(days=1), 60)
    entry(activist, BEGAN + timedelta(days=1), 120)
    entry(activist, BEGAN + timedelta(days=2), 540, hour_class=HourClass.HONOUR)
    entry(activist, BEGAN + timedelta(days=3), 120, hour_class=HourClass.HONOUR)
    entry(activist, BEGAN + timedelta(days=4), 30, hour_class=HourClass.HONOUR)
    entry(activist, BEGAN + timedelta(days=5), 90, kind=HourKind.STUDY)
    page = as_person(activist).get("/me/double50").text
    for words in ("在进入这个阶段以前", "计 1 小时", "补录时长已到上限", "以前的服务", "学习＋服务制", "补录时长 9 小时"):
        assert words in page, words
    assert page.count("计入</span>") == 3
    service, study = queries.progress_of([activist], TODAY)[activist]
    assert (service.credit, service.honour, study.credit) == (120, 600, 90)


def test_the_reading_that_holds_decides_what_one_s_own_page_asks(as_person, administrator, activist, entry):
    entry(activist, BEGAN + timedelta(days=1), 90, kind=HourKind.STUDY)
    assert "学习，哪些计入" in as_person(activist).get("/me/double50").text
    as_person(administrator).post(f"/requirements/{A}/activation")
    page = as_person(activist).get("/me/double50").text
    assert "学习，哪些计入" not in page
    assert "服务，哪些计入" in page


def test_those_of_whom_nothing_is_asked_are_told_so(as_person, make, branch):
    member = make.person("谭伟强", home=branch, stage=StageKind.MEMBER)
    assert "现在没有双50的要求" in as_person(member).get("/me/double50").text


def test_a_long_record_costs_no_more_queries(as_person, activist, entry):
    browser = as_person(activist)

    def cost():
        with statements() as sent:
            browser.get("/me/double50")
        return len(sent)

    entry(activist, BEGAN, 30)
    once = cost()
    for nth in range(10):
        entry(activist, BEGAN + timedelta(days=nth), 30)
    assert cost() == once
