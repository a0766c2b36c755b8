"""Giving and ending roles."""

import pytest

from app.accounts import queries
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.people.rules import UnitKind


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
    assert desk.post(f"/people/{member}/roles", data={"role": "secretary", "unit": str(branch)}).status_code == 303
    assert theirs.get("/codes").status_code == 200
    assert "李婉仪，支部书记" in desk.get("/roles").text
    grant = queries.grants([root], clock.today(), member)[0]
    assert desk.post(f"/roles/{grant.id}/end").status_code == 303
    assert theirs.get("/codes").status_code == 404
    actions = {event.action: event.actor_id for event in db.session.query(AuditEvent).where(AuditEvent.action.like("role.%"))}
    assert actions["role.end"] == administrator


def test_the_same_role_twice_is_said_and_not_stored(as_person, place):
    root, branch, administrator, member = place
    desk = as_person(administrator)
    answers = [desk.post(f"/people/{member}/roles", data={"role": "secretary", "unit": str(branch)}).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert len(queries.grants([root], clock.today(), member)) == 1


def test_nobody_changes_one_s_own_roles(as_person, place):
    root, _branch, administrator, _ = place
    desk = as_person(administrator)
    assert desk.post(f"/people/{administrator}/roles", data={"role": "fund_officer", "unit": str(root)}).status_code == 403
    own = queries.grants([root], clock.today(), administrator)[0]
    assert desk.post(f"/roles/{own.id}/end").status_code == 403


def test_nobody_unverified_gets_a_role(as_person, make, place):
    _root, branch, administrator, _ = place
    newcomer = make.person("霍静雯", confirmed=False)
    assert as_person(administrator).post(f"/people/{newcomer}/roles", data={"role": "organiser", "unit": str(branch)}).status_code == 403


def test_a_role_is_given_only_inside_one_s_own_units(as_person, make, place):
    _, branch, _, member = place
    local = make.person("刘安")
    make.grant(local, Role.ADMINISTRATOR, branch)
    desk, other = as_person(local), make.unit()
    refused = desk.post(f"/people/{member}/roles", data={"role": "organiser", "unit": str(other)})
    assert refused.status_code == 422
    assert "请选择管哪里" in refused.text
    assert desk.get(f"/people/{make.person(home=other)}/roles").status_code == 404
    assert desk.post(f"/people/{member}/roles", data={"role": "emperor", "unit": str(branch)}).status_code == 422


def test_a_role_without_a_password_is_shown_as_asleep(as_person, make, place):
    _root, branch, administrator, member = place
    make.grant(member, Role.DEPUTY, branch)
    assert "还没设密码，未生效" in as_person(administrator).get("/roles").text
