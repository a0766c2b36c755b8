"""A transfer to another branch ends what was held in the old one: rights always, posts and households unless they are let stand."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts.models import RoleGrant
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.duties import service
from app.duties.models import HouseholdContact, Post, PostTerm
from app.duties.rules import PostDraft, PostKind
from app.people import service as people
from app.people.rules import StageKind, UnitKind
from app.worklist.models import Notice
from tests.duties.conftest import TODAY


@pytest.fixture
def held(street, make):
    """何嘉怡 is deputy and leads a team, holds a post and keeps in touch with a household; 罗国栋 is her secretary."""
    member = street.members[0]
    make.account(member)
    make.grant(member, Role.DEPUTY, street.branch)
    make.grant(member, Role.ORGANISER, street.branch, since=TODAY + timedelta(7))
    make.grant(member, Role.TEAM_LEADER, street.community)
    post = in_transaction(lambda: service.create_post(street.branch, PostDraft(PostKind.DUTY, "政策宣传岗", "", 1, None), 1, clock.now()))
    term = in_transaction(lambda: service.appoint(post, member, date(2026, 3, 1), None, street.secretary, clock.now()))
    before = clock.now() - timedelta(200)
    in_transaction(lambda: service.keep_in_touch(member, street.building, "3栋502 陈伯家", street.secretary, before))
    contact = db.session.scalars(select(HouseholdContact.id)).one()
    return {"member": member, "post": post, "term": term, "contact": contact}


def move(street, held, on=TODAY, to=None, keep=()):
    in_transaction(lambda: people.transfer(held["member"], street.branch, to or street.sibling, on, street.secretary, TODAY, keep=keep))


def roles(person):
    rows = db.session.execute(select(RoleGrant.role, RoleGrant.valid_to).where(RoleGrant.person_id == person).order_by(RoleGrant.id))
    return dict(rows.all())


def ends(model):
    return db.session.scalars(select(model.valid_to)).one()


def actions():
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_roles_of_the_old_branch_end_today_and_those_to_come_never_begin(street, held):
    move(street, held, on=TODAY - timedelta(3))
    assert roles(held["member"]) == {Role.DEPUTY: TODAY, Role.ORGANISER: TODAY + timedelta(7), Role.TEAM_LEADER: None}
    assert [grant.role for grant in accounts.roles_held(held["member"], TODAY)] == [Role.TEAM_LEADER]
    assert [grant.role for grant in accounts.roles_held(held["member"], TODAY + timedelta(9))] == [Role.TEAM_LEADER]
    assert actions().count("role.end") == 2


def test_posts_and_households_end_on_the_day_of_the_transfer_and_the_seat_is_free(street, held):
    move(street, held, on=TODAY - timedelta(3))
    assert ends(PostTerm) == ends(HouseholdContact) == TODAY - timedelta(3)
    assert db.session.scalar(select(Post.held)) == 0
    assert {"post_term.end", "household_contact.end"} <= set(actions())
    told = list(db.session.scalars(select(Notice.text).where(Notice.person_id == held["member"]).order_by(Notice.id)))
    assert "您的组织关系转走了，在原支部的职责（副书记／组织委员、组织者）同时结束" in told
    assert "您的组织关系转走了，“政策宣传岗”同时卸任，谢谢您这一任" in told


def test_nothing_ends_before_it_began(street, held):
    later = in_transaction(lambda: service.keep_in_touch(held["member"], street.building, "5栋101", street.secretary, clock.now()))
    assert later
    move(street, held, on=date(2026, 2, 1))
    assert ends(PostTerm) == date(2026, 3, 1)
    assert set(db.session.scalars(select(HouseholdContact.valid_to))) == {TODAY, TODAY - timedelta(200)}


def test_what_may_stay_stays_when_asked_and_rights_do_not(street, held):
    keep = [one.key for one in people.held_there(held["member"], street.branch, None, TODAY)]
    assert len(keep) == 4
    move(street, held, keep=keep)
    assert ends(PostTerm) is ends(HouseholdContact) is None
    assert roles(held["member"])[Role.DEPUTY] == TODAY


def test_between_groups_of_one_branch_nothing_of_the_branch_is_left(street, held, make):
    first, second = (make.unit(name, UnitKind.GROUP, parent=street.branch) for name in ("第一党小组", "第二党小组"))
    make.grant(held["member"], Role.ORGANISER, first)
    for home, to in ((street.branch, first), (first, second)):
        in_transaction(lambda home=home, to=to: people.transfer(held["member"], home, to, TODAY, street.secretary, TODAY))
    assert [grant.unit_id for grant in accounts.roles_held(held["member"], TODAY)] == [street.branch, street.community]
    assert ends(PostTerm) is None
    in_transaction(lambda: people.transfer(held["member"], second, street.sibling, TODAY, street.secretary, TODAY))
    assert [grant.unit_id for grant in accounts.roles_held(held["member"], TODAY)] == [street.community]


def test_the_page_lists_what_is_held_and_what_is_unticked_stays(street, held, as_person):
    desk, address = as_person(street.secretary), f"/people/{held['member']}/transfer"
    page = desk.get(f"{address}?q=锦园第二").text
    for words in ("副书记／组织委员", "政策宣传岗", "3栋502 陈伯家", "收回"):
        assert words in page
    term, contact = f"term-{held['term']}", f"contact-{held['contact']}"
    sent = {"from": street.branch, "unit": street.sibling, "on": "2026-11-21", "listed": [term, contact], "end": [contact]}
    wrong = desk.post(address, data=sent | {"on": "2027-01-01", "q": "锦园第二"})
    assert wrong.status_code == 422
    assert f'value="{contact}" checked' in wrong.text
    assert f'value="{term}" checked' not in wrong.text
    assert desk.post(address, data=sent).status_code == 303
    assert (ends(PostTerm), ends(HouseholdContact)) == (None, TODAY)
    assert roles(held["member"])[Role.DEPUTY] == TODAY


def test_what_the_page_did_not_list_ends(street, held, as_person):
    sent = {"from": street.branch, "unit": street.sibling, "on": "2026-11-21"}
    assert as_person(street.secretary).post(f"/people/{held['member']}/transfer", data=sent).status_code == 303
    assert ends(PostTerm) == ends(HouseholdContact) == TODAY


def test_who_holds_nothing_is_asked_nothing(street, as_person):
    assert "同一天结束" not in as_person(street.secretary).get(f"/people/{street.members[1]}/transfer?q=锦园第二").text


def test_a_branch_left_without_a_secretary_stands_on_the_list_of_those_above(street, make, as_person):
    above, admin = make.person("梁伟明", stage=StageKind.MEMBER), make.person("区少芬")
    make.grant(above, Role.SECRETARY, street.community), make.grant(admin, Role.ADMINISTRATOR, street.root)
    assert "没有书记了" not in as_person(above).get("/work").text
    in_transaction(lambda: people.transfer(street.secretary, street.branch, street.sibling, TODAY, above, TODAY))
    assert roles(street.secretary) == {Role.SECRETARY: TODAY}
    assert as_person(street.secretary).get("/branch").status_code == 404
    page = as_person(above).get("/work").text
    assert "锦园第一党支部没有书记了" in page
    assert "请街道管理员来给职责" in page
    assert "在他的“职责”里给支部书记" in as_person(admin).get("/work").text
    assert "没有书记了" not in as_person(street.neighbour).get("/work").text
    make.grant(street.members[0], Role.SECRETARY, street.branch, since=TODAY + timedelta(3))
    assert "没有书记了" not in as_person(above).get("/work").text
