"""Giving and ending roles."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.accounts import granting, queries
from app.accounts.models import RoleGrant
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from tests.conftest import NOON, statements


@pytest.fixture
def place(make):
    """A subdistrict with its administrator, and a branch with a member."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    branch = make.unit("锦园第二党支部", parent=root)
    administrator = make.person("区美玲")
    make.grant(administrator, Role.ADMINISTRATOR, root)
    return root, branch, administrator, make.person("李婉仪", home=branch)


def test_a_role_is_given_from_today_and_ended_today(as_person, make, place):
    root, branch, administrator, member = place
    desk, theirs = as_person(administrator), as_person(member)
    assert theirs.get("/codes").status_code == 404
    assert desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "secretary", "unit": str(branch)}).status_code == 303
    assert theirs.get("/codes").status_code == 200
    assert "李婉仪，支部书记" in desk.get("/roles").text
    grant = queries.grants([root], clock.today(), member)[0]
    assert desk.post(f"/roles/{grant.id}/end").status_code == 303
    assert theirs.get("/codes").status_code == 404
    actions = {event.action: event.actor_id for event in db.session.query(AuditEvent).where(AuditEvent.action.like("role.%"))}
    assert actions["role.end"] == administrator


def test_to_somebody_without_an_account_it_is_given_only_when_one_is_sure(as_person, place):
    root, branch, administrator, member = place
    desk, given = as_person(administrator), {"role": "secretary", "unit": str(branch)}
    assert "确实先给" in desk.get(f"/people/{member}/roles").text
    asked = desk.post(f"/people/{member}/roles", data=given)
    assert (asked.status_code, 'id="f-sure-e"' in asked.text) == (422, True)
    assert queries.grants([root], clock.today(), member) == []
    assert desk.post(f"/people/{member}/roles", data={**given, "sure": "1"}).status_code == 303
    as_person(member)
    assert "确实先给" not in desk.get(f"/people/{member}/roles").text


def test_the_same_role_twice_is_said_and_not_stored(as_person, place):
    root, branch, administrator, member = place
    desk = as_person(administrator)
    answers = [desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "secretary", "unit": str(branch)}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert 'value="secretary" selected' in answers[1].text, "the form is still there"
    assert len(queries.grants([root], clock.today(), member)) == 1


def test_nobody_changes_one_s_own_roles(as_person, place):
    root, _branch, administrator, _ = place
    desk = as_person(administrator)
    assert desk.post(f"/people/{administrator}/roles", data={"sure": "1", "role": "fund_officer", "unit": str(root)}).status_code == 403
    own = queries.grants([root], clock.today(), administrator)[0]
    assert desk.post(f"/roles/{own.id}/end").status_code == 403


def test_nobody_unverified_gets_a_role(as_person, make, place):
    _root, branch, administrator, _ = place
    newcomer = make.person("霍静雯", confirmed=False)
    assert (
        as_person(administrator).post(f"/people/{newcomer}/roles", data={"sure": "1", "role": "organiser", "unit": str(branch)}).status_code
        == 403
    )


def test_a_role_is_given_only_inside_one_s_own_units(as_person, make, place):
    _, branch, _, member = place
    local = make.person("刘安")
    make.grant(local, Role.ADMINISTRATOR, branch)
    desk, other = as_person(local), make.unit()
    refused = desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "organiser", "unit": str(other)})
    assert refused.status_code == 422
    assert "请选择管哪里" in refused.text
    assert desk.get(f"/people/{make.person(home=other)}/roles").status_code == 404
    assert desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "emperor", "unit": str(branch)}).status_code == 422


def test_a_role_without_a_password_is_shown_as_asleep(as_person, make, place):
    _root, branch, administrator, member = place
    make.grant(member, Role.DEPUTY, branch)
    assert "还没设密码" in as_person(administrator).get("/roles").text


@pytest.fixture
def secretary(make, place):
    person = make.person("李柏豪", home=place[1])
    make.grant(person, Role.SECRETARY, place[1])
    return person


def given(desk, person, role, unit, **more):
    return desk.post(f"/people/{person}/roles", data={"sure": "1", "role": role, "unit": str(unit), **more}).status_code


NEXT_YEAR = "2027-11-20"


def test_a_secretary_gives_what_the_table_says_in_their_own_branch_and_below(as_person, make, place, secretary):
    root, branch, _, member = place
    team, desk = make.unit("锦园分队", UnitKind.TEAM, parent=branch), as_person(secretary)
    assert given(desk, member, "organiser", branch) == 303
    assert given(desk, member, "team_leader", team) == 303
    assert given(desk, member, "deputy", branch, until=NEXT_YEAR) == 303
    assert given(desk, member, "deputy", team, until=NEXT_YEAR) == 422, "only for their own branch"
    assert given(desk, member, "organiser", root) == 422
    for role in ("secretary", "administrator", "fund_officer", "fund_approver", "auditor"):
        assert given(desk, member, role, branch) == 422
    held = {(row.role, row.unit_id) for row in queries.grants([root], clock.today(), member)}
    assert held == {(Role.ORGANISER, branch), (Role.TEAM_LEADER, team), (Role.DEPUTY, branch)}


def test_a_secretary_is_offered_only_what_they_may_give(as_person, place, secretary):
    page = as_person(secretary).get(f"/people/{place[3]}/roles").text
    assert "分队长" in page
    assert "基金经办人" not in page
    assert "街道管理员" not in page.split("<form")[1].split("</form>")[0]


def test_a_secretary_takes_back_what_they_could_have_given_and_nothing_else(as_person, make, place, secretary):
    root, branch, _, member = place
    make.grant(member, Role.ORGANISER, branch)
    make.grant(member, Role.FUND_OFFICER, branch)
    organiser, officer = queries.grants([root], clock.today(), member)
    desk = as_person(secretary)
    assert desk.post(f"/roles/{organiser.id}/end").status_code == 303
    assert desk.post(f"/roles/{officer.id}/end").status_code == 403
    assert [row.role for row in queries.grants([root], clock.today(), member)] == [Role.FUND_OFFICER]


def test_a_secretary_finds_nobody_of_another_branch(as_person, make, place, secretary):
    stranger = make.person(home=make.unit("锦园第一党支部", parent=place[0]))
    assert as_person(secretary).get(f"/people/{stranger}/roles").status_code == 404
    assert given(as_person(secretary), stranger, "organiser", place[1]) == 404


def test_a_code_still_opens_no_account_with_a_role(as_person, make, place, secretary):
    make.grant(place[3], Role.ORGANISER, place[1])
    assert as_person(secretary).post(f"/people/{place[3]}/code").status_code == 403


def test_a_deputy_has_an_end_and_there_are_two_at_a_time(as_person, make, place):
    root, branch, administrator, member = place
    desk, others = as_person(administrator), [make.person(name, home=branch) for name in ("梁凤珍", "张文辉", "陈志明")]
    assert given(desk, member, "deputy", branch) == 422
    assert given(desk, member, "deputy", branch, until="2026-12-31") == 303
    assert given(desk, others[0], "deputy", branch, until=NEXT_YEAR) == 303
    third = desk.post(f"/people/{others[1]}/roles", data={"sure": "1", "role": "deputy", "unit": str(branch), "until": NEXT_YEAR})
    assert third.status_code == 422
    assert f'value="{NEXT_YEAR}"' in third.text
    assert "已经有两位" in third.text
    assert given(desk, others[1], "deputy", branch, since="2027-01-01", until=NEXT_YEAR) == 303, "after the first has ended"
    assert given(desk, others[2], "deputy", branch, since="2026-12-31", until="2027-02-01") == 422
    assert given(desk, others[2], "deputy", root, until=NEXT_YEAR) == 303, "another unit has its own two"


def test_the_database_refuses_a_third_deputy_and_one_without_an_end(make, place):
    _, branch, _, member = place
    third_person = make.person()
    make.grant(member, Role.DEPUTY, branch)
    make.grant(make.person(), Role.DEPUTY, branch)
    for until in (clock.today() + timedelta(days=1), None):
        with pytest.raises(IntegrityError):
            in_transaction(lambda until=until: granting.grant_role(third_person, Role.DEPUTY, branch, clock.today(), None, until))
    third = next(row for row in queries.grants([branch], clock.today()) if row.person_id == member)
    later = update(RoleGrant).where(RoleGrant.id == third.id).values(unit_id=place[0])
    in_transaction(lambda: db.session.execute(later))
    make.grant(third_person, Role.DEPUTY, branch)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(later.values(unit_id=branch)))


def test_roles_begin_and_end_by_themselves(as_person, make, place):
    _, branch, administrator, member = place
    desk, theirs = as_person(administrator), as_person(member)
    assert given(desk, member, "organiser", branch, since="2026-11-25", until="2026-11-26") == 303
    assert "还没开始" in desk.get("/roles").text
    reached = {}
    for day in (24, 25, 26, 27):
        with clock.frozen_at(NOON.replace(day=day)):
            reached[day] = theirs.get("/codes").status_code
    assert reached == {24: 404, 25: 200, 26: 200, 27: 404}
    with clock.frozen_at(NOON.replace(day=27)):
        assert "李婉仪" not in desk.get("/roles").text
        assert "已经结束" in desk.get("/roles?past=yes").text
        assert "区美玲给的" in desk.get(f"/people/{member}/roles").text


def test_a_role_that_has_not_begun_is_taken_back_as_never_held(as_person, place):
    root, branch, administrator, member = place
    desk = as_person(administrator)
    given(desk, member, "organiser", branch, since="2026-12-25")
    row = queries.grants([root], clock.today(), member)[0]
    assert desk.post(f"/roles/{row.id}/end").status_code == 303
    assert "没有开始就收回了" in desk.get(f"/people/{member}/roles").text
    assert given(desk, member, "organiser", branch, since="2026-12-25") == 303


def test_the_auditor_reads_who_has_what_and_changes_nothing(as_person, make, place):
    root, branch, _, member = place
    auditor = make.person("杜耀华")
    make.grant(auditor, Role.AUDITOR, root)
    make.grant(member, Role.ORGANISER, branch)
    desk = as_person(auditor)
    assert "李婉仪，组织者" in desk.get("/roles").text
    page = desk.get(f"/people/{member}/roles").text
    assert "开通时设的" in page
    assert "<form" not in page.split("<main")[1]
    assert given(desk, member, "organiser", branch) == 404
    assert desk.post(f"/roles/{queries.grants([root], clock.today(), member)[0].id}/end").status_code == 404


def test_the_list_takes_as_many_queries_for_forty_as_for_one(as_person, make, place):
    _root, branch, administrator, _ = place
    desk, counts = as_person(administrator), []
    for _ in range(2):
        desk.get("/roles")
        with statements() as sent:
            desk.get("/roles")
        counts.append(len(sent))
        for _ in range(20):
            make.grant(make.person(), Role.ORGANISER, branch)
    assert counts[0] == counts[1]


def test_a_role_that_was_taken_back_says_the_day_it_was(as_person, make, place):
    root, branch, administrator, member = place
    desk = as_person(administrator)
    given(desk, member, "organiser", branch)
    given(desk, member, "team_leader", branch, since="2026-12-01")
    make.grant(member, Role.DEPUTY, branch, until=clock.today() + timedelta(days=90))
    for row in queries.grants([root], clock.today(), member):
        desk.post(f"/roles/{row.id}/end")
    page = desk.get(f"/people/{member}/roles").text
    assert page.count("2026年11月21日收回") == 3
    assert "2026年11月20日" not in page
    assert [page.count(words) for words in ("当天就收回了", "没有开始就收回了", "已经收回")] == [1, 1, 1]


def test_a_role_that_ran_out_says_its_last_day(as_person, make, place):
    _root, branch, administrator, member = place
    make.grant(member, Role.DEPUTY, branch, until=clock.today())
    page = as_person(administrator).get(f"/people/{member}/roles").text
    assert "到2026年11月20日" in page
    assert "已经结束" in page


def test_before_giving_a_role_it_is_said_that_the_account_comes_first_and_who_can_help_later(as_person, make, place, secretary):
    _root, branch, administrator, member = place
    make.account(administrator)
    desk = as_person(secretary)
    page = desk.get(f"/people/{member}/roles").text
    assert "还没有开通账号" in page
    assert "只有街道管理员能做（区美玲）" in page
    assert f"/people/{member}/code" in page
    make.grant(member, Role.ORGANISER, branch)
    assert "请找区美玲" in desk.get(f"/people/{member}/code").text
    make.account(member)
    assert "还没有开通账号" not in desk.get(f"/people/{member}/roles").text


def test_of_many_units_the_person_s_own_are_offered_and_the_others_found_by_words(as_person, make, place):
    root, _branch, administrator, member = place
    others = [make.unit(f"桂雅第{number}党支部", parent=root) for number in range(14)]
    desk = as_person(administrator)
    page = desk.get(f"/people/{member}/roles").text
    assert "锦园第二党支部" in page
    assert "桂雅" not in page
    found = desk.get(f"/people/{member}/roles?q=桂雅第13").text
    assert "桂雅第13党支部" in found
    assert "桂雅第12党支部" not in found
    again = desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "deputy", "unit": str(others[3])})
    assert again.status_code == 422
    assert f'value="{others[3]}" checked' in again.text
    assert given(desk, member, "organiser", others[3]) == 303
