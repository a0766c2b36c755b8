"""Whoever gets a code made, a password reset or a second factor cleared reads of it; and the page of consents says what is so."""

import pytest
from sqlalchemy import select

from app.accounts import factors, service
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.worklist.models import Notice
from tests.accounts.helpers import KEY, PIN

NOT_ASKED = "不是您请的？马上告诉支部书记或街道，并看看登录的设备"


@pytest.fixture
def branch(make):
    return make.unit("锦园第二党支部", parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))


@pytest.fixture
def secretary(make, branch):
    person = make.person("李婉仪", home=branch)
    make.grant(person, Role.SECRETARY, branch)
    return person


def notices(person):
    return [tuple(row) for row in db.session.execute(select(Notice.text, Notice.url).where(Notice.person_id == person).order_by(Notice.id))]


def test_who_has_an_account_is_told_of_a_code_made_for_them_and_by_whom(make, branch, secretary, as_person):
    member = make.person("何嘉怡", home=branch, phone="13800138000")
    make.account(member)
    as_person(secretary).post(f"/people/{member}/code")
    assert notices(member) == [(f"李婉仪给您做了重设密码的码。{NOT_ASKED}", "/me/devices")]
    page = as_person(member).get("/notices").text
    assert "李婉仪给您做了重设密码的码" in page
    assert as_person(member).get("/me/devices").status_code == 200


def test_who_has_no_account_yet_is_told_nothing_and_the_server_has_no_name(make, branch, secretary):
    newcomer, member = make.person("霍静雯", home=branch), make.person("何嘉怡", home=branch)
    make.account(member)
    in_transaction(lambda: service.make_codes([newcomer, member], None, KEY, clock.now()))
    assert notices(newcomer) == []
    assert notices(member)[0][0].startswith("街道的系统管理员给您做了重设密码的码")


def test_a_password_that_was_reset_by_a_code_is_told(make, branch, secretary):
    member = make.person("何嘉怡", home=branch, phone="13800138000")
    make.account(member, phone="13800138000")
    code = in_transaction(lambda: service.make_code(member, secretary, KEY, clock.now()))
    in_transaction(lambda: service.activate(service.keyed(code, KEY), "13800138000", service.hash_secret(PIN), PIN, clock.now()))
    assert notices(member)[-1] == (f"您的密码用当面给的码重设了。{NOT_ASKED}", "/me/devices")


def test_a_second_factor_that_was_cleared_is_told(make, branch, secretary):
    officer = make.person("梁凤珍", home=branch)
    make.account(officer)
    make.grant(officer, Role.AUDITOR, branch)
    in_transaction(lambda: factors.put(officer, factors.DEMO_KEY, KEY, clock.now()))
    in_transaction(lambda: factors.reset(officer, secretary, clock.now()))
    assert notices(officer) == [(f"李婉仪清除了您的登录验证码，请重新设置。{NOT_ASKED}", "/me/devices")]


def test_the_consents_say_where_a_name_would_stand_and_what_a_withdrawal_does(make, branch, as_person):
    page = as_person(make.person("何嘉怡", home=branch)).get("/me/consents").text
    for words in ("何*怡 到了", "组织生活和学习不写任何人", "已经定榜的时段里，这一行写“已隐去”", "已经发到群里的文字收不回来"):
        assert words in page
