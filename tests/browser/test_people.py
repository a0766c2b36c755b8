"""On a phone: a secretary transfers a member; a member withdraws a consent and disappears from the personal board."""

import pytest
from playwright.sync_api import expect

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.people import queries
from app.people import service as people
from app.people.rules import ConsentKind, StageKind

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
sqlite_only = True


def test_a_secretary_transfers_a_member(town, phones):
    make = town.make
    branch, other = make.unit("锦园第八党支部", parent=town.community), make.unit("桂南退休党支部", parent=town.community)
    secretary, receiver = make.person("李柏豪", home=branch), make.person("梁凤珍", home=other)
    for person, unit in ((secretary, branch), (receiver, other)):
        make.account(person)
        make.grant(person, Role.SECRETARY, unit)
    member = make.person("何嘉怡", home=branch, phone="13800007788", stage=StageKind.MEMBER)
    phone = phones(secretary)
    phone.open("/people")
    phone.fill(q="7788")
    phone.taps("找")
    phone.sees("何嘉怡", "138****7788")
    phone.check()
    phone.page.get_by_role("link", name="何嘉怡").click()
    phone.title("何嘉怡")
    phone.check()
    phone.follows("组织")
    phone.title("在哪些组织")
    phone.check()
    phone.follows("转走")
    phone.page.get_by_role("searchbox").fill("桂南退休")
    phone.taps("找")
    phone.page.get_by_label("桂南退休党支部").check()
    phone.check()
    phone.taps("转过去")
    phone.sees("组织关系已转")
    assert queries.home_unit_on(member, clock.today()) == other
    told = phones(receiver)
    told.open("/notices")
    told.sees("何嘉怡的组织关系从锦园第八党支部转来了")
    told.open(f"/branch/people/{member}")
    told.title("何嘉怡")


def test_a_member_withdraws_a_consent_and_disappears_from_the_board(town, phones):
    make = town.make
    branch = make.unit("锦园第九党支部", parent=town.community)
    person = make.person("慕容不二", home=branch)
    activity = make.activity(branch, person)
    credit = Credit(person, activity, ActivityKind.SERVICE, branch, clock.today(), 300, HourClass.CREDIT, 900_001, "test")
    in_transaction(lambda: crediting.credit([credit], clock.now()))
    in_transaction(lambda: people.give_consent(person, ConsentKind.PERSONAL_BOARD, clock.now()))
    stranger, own = phones(), phones(person)
    stranger.open("/boards?kind=person")
    stranger.sees("慕容*二")
    own.open("/me/settings").follows("我的同意")
    own.title("您说了算")
    own.check()
    own.page.get_by_role("listitem").filter(has_text="参加个人排行").get_by_role("button").click()
    own.sees("已收回：参加个人排行")
    own.check()
    stranger.page.reload()
    expect(stranger.page.locator("body")).not_to_contain_text("慕容*二")
    own.open("/me/looks")
    own.title("谁看过我的资料")
    own.check()
