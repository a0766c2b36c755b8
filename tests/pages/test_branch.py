"""我的支部: all members with hours, points and why, 双50, last activity; for its secretary, never for others."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core.db import db
from app.core.permissions import Role
from app.pages import queries
from app.people.rules import StageKind, UnitKind
from tests.conftest import NOON, statements
from tests.pages.test_me import serve


@pytest.fixture
def place(make):
    class Place:
        pass

    place = Place()
    place.root = make.unit("桂城街道党工委", kind=UnitKind.SUBDISTRICT)
    place.branch = make.unit("锦园第二党支部", parent=place.root)
    place.other = make.unit("锦园第一党支部", parent=place.root)
    place.secretary = make.person("李柏豪", home=place.branch, stage=StageKind.MEMBER)
    make.grant(place.secretary, Role.SECRETARY, place.branch)
    return place


def test_members_are_ranked_by_points_with_shared_places(make, place):
    first, second, third = (make.person(name, home=place.branch, stage=StageKind.MEMBER) for name in ("甲", "乙", "丙"))
    for person in (first, second):
        serve(make, place.branch, place.secretary, person, days_ago=4)
    table = queries.branch(place.branch, 2026, NOON)
    assert [(member.name, member.place) for member in table.members[:4]] == [("乙", 1), ("甲", 1), ("丙", 3), ("李柏豪", 3)]
    assert table.members[0].points == 6000 + 250
    assert third


def test_those_being_developed_are_not_assessed_and_show_their_gap(make, place, as_person):
    make.person("何嘉怡", home=place.branch, stage=StageKind.ACTIVIST, stage_since=date(2026, 3, 1))
    page = as_person(place.secretary).get("/branch").text
    assert "不参加考核" in page
    assert "差 100 小时" in page


def test_someone_not_seen_for_half_a_year_is_a_visit_not_blame(make, place, as_person):
    person = make.person("关绮华", home=place.branch, stage=StageKind.MEMBER)
    serve(make, place.branch, place.secretary, person, days_ago=190)
    page = as_person(place.secretary).get("/branch").text
    assert "半年没见" in page
    assert "上门看看，不是追责" in page


def test_the_sheet_holds_what_the_page_shows_and_the_export_is_logged(make, place, as_person):
    person = make.person("=1+1", home=place.branch, stage=StageKind.MEMBER)
    serve(make, place.branch, place.secretary, person, days_ago=4)
    answer = as_person(place.secretary).get("/branch.xlsx")
    assert answer.status_code == 200
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[2][:4] == ("名次", "姓名", "发展阶段", "扫码时长")
    assert rows[3][:4] == (1, "=1+1", "正式党员", 2.5)
    assert db.session.scalar(select(AuditEvent.action).where(AuditEvent.action == "branch.export"))


def test_every_look_at_a_branch_is_logged(make, place, as_person):
    def looks():
        views = select(AuditEvent.actor_id, AuditEvent.subject, AuditEvent.subject_id).where(AuditEvent.action == "branch.view")
        return [tuple(row) for row in db.session.execute(views)]

    boss = make.person("管理员", home=place.other)
    make.grant(boss, Role.ADMINISTRATOR, place.root)
    as_person(boss).get("/branch")
    as_person(place.secretary).get(f"/branch?unit={place.other}")
    assert looks() == [], "a choice of branches, and a 404, show nobody"
    as_person(place.secretary).get("/branch")
    as_person(boss).get(f"/branch?unit={place.other}")
    assert looks() == [(place.secretary, "unit", place.branch), (boss, "unit", place.other)]


def test_a_member_opens_with_records_and_the_look_is_logged(make, place, as_person):
    person = make.person("何嘉怡", home=place.branch, stage=StageKind.MEMBER, phone="13800000001")
    serve(make, place.branch, place.secretary, person, days_ago=4)
    page = as_person(place.secretary).get(f"/branch/people/{person}").text
    assert "何嘉怡" in page
    assert "13800000001" in page, "who may edit the member may also ring them"
    view = db.session.execute(select(AuditEvent.actor_id, AuditEvent.subject_id).where(AuditEvent.action == "person.view")).one()
    assert tuple(view) == (place.secretary, person)


def test_who_only_reads_sees_the_number_masked(make, place, as_person):
    person = make.person("何嘉怡", home=place.branch, stage=StageKind.MEMBER, phone="13800000001")
    auditor = make.person("审计员", home=place.other)
    make.grant(auditor, Role.AUDITOR, place.root)
    page = as_person(auditor).get(f"/branch/people/{person}").text
    assert "138****0001" in page
    assert "13800000001" not in page


def test_another_branch_and_its_members_are_not_found(make, place, as_person):
    stranger = make.person("别人", home=place.other, stage=StageKind.MEMBER)
    desk = as_person(place.secretary)
    for path in (f"/branch?unit={place.other}", f"/branch.xlsx?unit={place.other}", f"/branch/people/{stranger}", "/branch/people/99999"):
        assert desk.get(path).status_code == 404, path
    assert as_person(stranger).get("/branch").status_code == 404


def test_an_administrator_chooses_a_branch(make, place, as_person):
    boss = make.person("管理员", home=place.other)
    make.grant(boss, Role.ADMINISTRATOR, place.root)
    desk = as_person(boss)
    page = desk.get("/branch").text
    assert "锦园第一党支部" in page
    assert "锦园第二党支部" in page
    assert "李柏豪" in desk.get(f"/branch?unit={place.branch}").text


def test_an_auditor_reads_and_writes_nothing(make, place, as_person):
    auditor = make.person("审计员", home=place.other)
    make.grant(auditor, Role.AUDITOR, place.root)
    desk = as_person(auditor)
    assert desk.get(f"/branch?unit={place.branch}").status_code == 200
    assert desk.get("/activities/new").status_code == 404


def test_the_page_asks_as_much_for_sixty_members_as_for_one(make, place, as_person):
    desk = as_person(place.secretary)
    desk.get("/branch")
    with statements() as before:
        desk.get("/branch")
    for number in range(20):
        make.person(f"党员{number}", home=place.branch, stage=StageKind.MEMBER if number % 2 else StageKind.ACTIVIST)
    with statements() as after:
        assert "党员19" in desk.get("/branch").text
    assert len(after) == len(before)


def test_a_deputy_whose_term_is_over_sees_nothing(make, place, as_person):
    deputy = make.person("梁凤珍", home=place.branch)
    make.grant(deputy, Role.DEPUTY, place.branch, since=date(2025, 1, 1), until=NOON.date() - timedelta(days=1))
    assert as_person(deputy).get("/branch").status_code == 404
