"""Who is moved by a roster leaves the rights and posts of the old branch there, as with a transfer; taking it back restores them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import RoleGrant
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.duties.models import HouseholdContact, Post, PostTerm
from app.duties.rules import PostKind
from app.imports import endings, running
from app.imports.models import ImportEnding
from app.people.models import Place, Unit
from app.people.rules import PlaceKind, UnitKind
from app.worklist.models import Notice
from tests.conftest import statements
from tests.imports.sheet import DAY, file, stage, write

SECOND = {"所属党支部": "灯湖社区第二党支部"}
UNTIL = date(2027, 6, 1)


@pytest.fixture
def place(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)
    make.unit("灯湖社区第二党支部", parent=community)
    return make.unit("灯湖社区第一党支部", parent=community)


@pytest.fixture
def deputy(make, place):
    """何嘉怡, deputy of the first branch until next year, with a post there and a household; and organiser of the whole community."""
    person = make.person("何嘉怡", home=place, phone="13800138000")
    make._add(RoleGrant, person_id=person, role=Role.DEPUTY, unit_id=place, valid_from=date(2026, 1, 1), valid_to=UNTIL)
    make.grant(person, Role.ORGANISER, db.session.scalar(select(Unit.id).where(Unit.kind == UnitKind.COMMUNITY)))
    spot = make._add(Place, kind=PlaceKind.COMMUNITY, name="灯湖社区", opened_on=date(2020, 1, 1))
    post = make._add(Post, unit_id=place, kind=PostKind.DUTY, title="政策宣传岗", opened_on=date(2020, 1, 1))
    since = {"person_id": person, "valid_from": date(2026, 1, 1), "made_at": clock.now()}
    make._add(PostTerm, post_id=post, **since)
    make._add(HouseholdContact, place_id=spot, household="3栋502 陈伯家", **since)
    return person


def ends(person):
    roles = select(RoleGrant.role, RoleGrant.valid_to).where(RoleGrant.person_id == person)
    terms, contacts = select(PostTerm.valid_to), select(HouseholdContact.valid_to)
    return dict(db.session.execute(roles).all()), db.session.scalars(terms).one(), db.session.scalars(contacts).one()


BEFORE = {Role.DEPUTY: UNTIL, Role.ORGANISER: None}, None, None


def test_rights_and_posts_of_the_old_branch_end_with_the_move_and_others_do_not(deputy):
    write(file(SECOND))
    assert ends(deputy) == ({Role.DEPUTY: DAY, Role.ORGANISER: None}, DAY, DAY)
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert {"role.end", "post_term.end", "household_contact.end"} <= actions
    told = set(db.session.scalars(select(Notice.text).where(Notice.person_id == deputy)))
    assert told == {
        "您的组织关系转走了，在原支部的职责（副书记／组织委员）同时结束",
        "您的组织关系转走了，“政策宣传岗”同时卸任，谢谢您这一任",
    }


def test_the_preview_says_what_will_end_and_whose(deputy, as_person, make):
    batch_id = stage(file(SECOND, {"姓名": "乙", "手机号码": "13900139000"}))
    said = [(one.row, one.name, one.words) for one in endings.endings(batch_id, DAY)]
    assert sorted(said) == sorted(
        (3, "何嘉怡", f"{what}，2026年1月1日起")
        for what in ("副书记／组织委员，灯湖社区第一党支部", "政策宣传岗，灯湖社区第一党支部", "户联系：3栋502 陈伯家，灯湖社区")
    )
    clerk = make.person("周敏")
    make.grant(clerk, Role.ADMINISTRATOR, 1)
    page = as_person(clerk).get(f"/imports/{batch_id}").text
    assert "1 人转走，3 项职责和岗位同时结束" in page
    running.write(batch_id, None, clock.now())
    assert [(one.row, one.name, one.words) for one in endings.endings(batch_id, DAY)] == said


def test_who_stays_in_the_branch_keeps_everything(deputy):
    batch_id = write(file({"备注": "楼长"}))
    assert ends(deputy) == BEFORE
    assert endings.endings(batch_id, DAY) == []


def test_taking_it_back_restores_every_end_as_it_was(deputy):
    batch_id = write(file(SECOND))
    running.undo(batch_id, None, clock.now())
    assert ends(deputy) == BEFORE
    assert db.session.scalar(select(Post.held)) == 1
    assert db.session.scalar(select(PostTerm.handover_note)) == ""
    assert db.session.scalars(select(ImportEnding.id)).all() == []
    assert {"role.end_undo", "post_term.end_undo", "household_contact.end_undo"} <= set(db.session.scalars(select(AuditEvent.action)))


def test_a_batch_that_fails_leaves_the_rights_as_they_were(deputy, make, place, monkeypatch):
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 1)
    batch_id = stage(file(SECOND, {"姓名": "乙", "手机号码": "13900139000"}))
    make.person("抢先的", phone="13900139000", home=place)
    with pytest.raises(Conflict):
        running.write(batch_id, None, clock.now())
    assert ends(deputy) == BEFORE


def test_a_role_given_since_to_somebody_else_or_anew_keeps_the_batch(deputy, make, place):
    batch_id = write(file(SECOND))
    for name in ("甲", "乙"):
        person = make.person(name, home=place)
        make._add(RoleGrant, person_id=person, role=Role.DEPUTY, unit_id=place, valid_from=DAY, valid_to=UNTIL)
    with pytest.raises(Conflict, match="恢复原样"):
        running.undo(batch_id, None, clock.now())
    assert ends(deputy)[0][Role.DEPUTY] == DAY


def test_what_was_changed_by_hand_since_is_not_overwritten(deputy):
    batch_id = write(file(SECOND))
    later = DAY + timedelta(3)
    in_transaction(lambda: db.session.execute(update(PostTerm).values(valid_to=later)))
    with pytest.raises(Conflict):
        running.undo(batch_id, None, clock.now())
    assert ends(deputy) == ({Role.DEPUTY: DAY, Role.ORGANISER: None}, later, DAY)


def test_as_many_statements_for_ten_who_leave_something_as_for_forty(make, place):
    asked = []
    for first, many in ((0, 10), (100, 40)):
        rows = []
        for n in range(first, first + many):
            person = make.person("何" + chr(0x4E00 + n), home=place, phone=f"139{n:08d}")
            make.grant(person, Role.ORGANISER, place)
            rows.append({"姓名": "何" + chr(0x4E00 + n), "手机号码": f"139{n:08d}", **SECOND})
        with clock.frozen_at(clock.now() + timedelta(minutes=first + 1)):
            batch_id = stage(file(*rows))
            with statements() as sent:
                running.write(batch_id, None, clock.now())
                running.undo(batch_id, None, clock.now())
            asked.append(len(sent))
        in_transaction(lambda: db.session.execute(update(RoleGrant).values(valid_to=RoleGrant.valid_from)))
    assert asked[0] == asked[1]
