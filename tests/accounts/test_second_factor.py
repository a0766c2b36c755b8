"""The second factor: who holds a role over money or rights gives a code after the password, and until then has none of it."""

from datetime import timedelta

import pyotp
import pytest
from flask import current_app
from sqlalchemy import delete, select

from app.accounts import deciders, factors, granting, service
from app.accounts.models import AccountSession, RecoveryCode, SecondFactor
from app.accounts.rules import ACCOUNT_TRIES
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Action, Role
from app.people.rules import UnitKind
from app.web.commands.admin import group
from tests.accounts.helpers import KEY, PIN, account, sign_in
from tests.conftest import NOON
from tests.factories import FACTOR_KEY


@pytest.fixture
def root(make):
    return make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def officer(make, root):
    """A fund officer with a password, whose phone gives codes of FACTOR_KEY."""
    person = account(make, make.person("黎婉霞"))
    make.grant(person, Role.FUND_OFFICER, root)
    return person


@pytest.fixture
def newcomer(make, root):
    """The same without a second factor yet."""
    person = account(make, make.person("黎婉霞"))
    in_transaction(lambda: granting.grant_role(person, Role.FUND_OFFICER, root, NOON.date(), None))
    return person


def code(now=NOON, key=FACTOR_KEY):
    return factors.code_at(key, now)


def pending_key(person):
    return factors.unseal(db.session.scalar(select(SecondFactor.pending).where(SecondFactor.person_id == person)), person, KEY)


def give(client, typed, **more):
    return client.post("/me/second-factor/codes", data={"code": typed, **more})


def test_the_code_is_asked_for_after_the_password_and_wakes_the_role(client, officer):
    assert sign_in(client, next="/fund/desk").location == "/me/second-factor?next=/fund/desk"
    assert client.get("/me").status_code == 200
    asked = client.get("/fund/desk")
    assert (asked.status_code, asked.location) == (303, "/me/second-factor?next=/fund/desk")
    assert "还差一个验证码" in client.get(asked.location).text
    assert give(client, code(), next="/fund/desk").location == "/fund/desk"
    assert client.get("/fund/desk").status_code == 200


def test_a_form_of_a_sleeping_role_writes_nothing(client, officer):
    sign_in(client)
    refused = client.post("/fund/projects", data={"name": "微心愿"})
    assert (refused.status_code, refused.location) == (303, "/me/second-factor")


def test_a_code_opens_once(client, officer):
    sign_in(client)
    assert give(client, code()).status_code == 303
    client.post("/sign-out")
    sign_in(client)
    again = give(client, code())
    assert again.status_code == 422
    assert "用过的不能再用" in again.text
    assert client.get("/fund/desk").status_code == 303


def test_clocks_may_differ_by_half_a_minute_and_no_more(client, officer):
    sign_in(client)
    assert give(client, code(NOON - timedelta(seconds=90))).status_code == 422
    assert give(client, code(NOON + timedelta(seconds=90))).status_code == 422
    assert give(client, code(NOON - timedelta(seconds=30))).status_code == 303


def test_guessing_is_slowed_like_passwords(client, officer):
    sign_in(client)
    answers = [give(client, "000000").status_code for _ in range(ACCOUNT_TRIES + 1)]
    assert answers[0] == 422
    assert answers[-1] == 429
    assert give(client, code()).status_code == 429
    with clock.frozen_at(NOON + timedelta(minutes=16)):
        assert give(client, code(clock.now())).status_code == 303


def test_without_a_second_factor_one_is_led_to_set_it_up(client, newcomer):
    assert sign_in(client).location == "/me/second-factor"
    assert "先设一个登录验证码" in client.get("/me/second-factor").text
    client.post("/me/second-factor")
    page, key = client.get("/me/second-factor").text, pending_key(newcomer)
    assert all(key[at : at + 4] in page for at in range(0, len(key), 4))
    assert client.post("/me/second-factor/confirmation", data={"code": "000000"}).status_code == 422
    assert client.get("/fund/desk").status_code == 303
    done = client.post("/me/second-factor/confirmation", data={"code": code(key=key)})
    assert done.text.count("<li><b>") == 10
    assert client.get("/fund/desk").status_code == 200
    assert db.session.scalars(select(AuditEvent.id).where(AuditEvent.action == "account.second_factor")).one()


def test_setting_up_ends_the_other_devices(app, client, newcomer):
    other = app.test_client()
    sign_in(other)
    sign_in(client)
    client.post("/me/second-factor")
    client.post("/me/second-factor/confirmation", data={"code": code(key=pending_key(newcomer))})
    assert other.get("/me").status_code == 302
    assert client.get("/me").status_code == 200


def test_the_key_is_unreadable_in_the_database_and_bound_to_its_person(make, officer, root):
    sealed = db.session.scalar(select(SecondFactor.sealed).where(SecondFactor.person_id == officer))
    assert FACTOR_KEY not in sealed
    assert factors.unseal(sealed, officer, KEY) == FACTOR_KEY
    assert factors.unseal(sealed, officer + 1, KEY) is None
    assert factors.unseal(sealed, officer, "another key") is None


def test_a_recovery_code_works_once_and_is_stored_as_a_digest(client, officer):
    codes = in_transaction(lambda: factors.new_recovery_codes(officer, current_app.config["SECRET_KEY"], NOON))
    assert not set(codes) & set(db.session.scalars(select(RecoveryCode.code_hash)))
    sign_in(client)
    assert give(client, f"{codes[0][:5]} {codes[0][5:].lower()}").status_code == 303
    assert client.get("/fund/desk").status_code == 200
    client.post("/sign-out")
    sign_in(client)
    assert give(client, codes[0]).status_code == 422
    assert factors.codes_left(officer) == 9


def test_who_never_made_recovery_codes_is_not_told_that_they_are_used_up(client, officer):
    sign_in(client)
    give(client, code())
    in_transaction(lambda: db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == officer)))
    assert factors.codes_left(officer) is None
    page = client.get("/me/second-factor").text
    assert "恢复码还没做" in page
    assert "用完了" not in page
    in_transaction(lambda: factors.new_recovery_codes(officer, current_app.config["SECRET_KEY"], NOON))
    assert "恢复码还剩 10 个" in client.get("/me/second-factor").text


def test_a_new_phone_is_set_up_only_with_the_old_code_given(client, officer):
    sign_in(client)
    assert client.post("/me/second-factor").status_code == 404
    give(client, code())
    client.post("/me/second-factor")
    fresh = pending_key(officer)
    client.post("/me/second-factor/confirmation", data={"code": code(key=fresh)})
    client.post("/sign-out")
    with clock.frozen_at(NOON + timedelta(minutes=2)):
        sign_in(client)
        assert give(client, code(clock.now())).status_code == 422
        assert give(client, code(clock.now(), fresh)).status_code == 303


def test_a_code_is_no_password(client, officer):
    sign_in(client)
    with clock.frozen_at(NOON + timedelta(minutes=16)):
        assert give(client, code(clock.now())).status_code == 303
        assert "再输一次密码" in client.post("/me/second-factor/recovery-codes").text


def test_a_pin_neither_sets_a_second_factor_up_nor_replaces_one(client, make, root):
    officer = account(make, make.person("黎婉霞"), secret=PIN)
    make.grant(officer, Role.FUND_OFFICER, root)
    sign_in(client, password=PIN)
    before = db.session.execute(select(SecondFactor.sealed, SecondFactor.pending)).one()
    for address in ("", "/confirmation", "/recovery-codes", "/codes"):
        led = client.post(f"/me/second-factor{address}", data={"code": code()})
        assert (led.status_code, led.location) == (303, "/me/secret")
    assert client.get("/me/second-factor").location == "/me/secret"
    assert db.session.execute(select(SecondFactor.sealed, SecondFactor.pending)).one() == before
    client.post("/me/secret", data={"current_password": PIN, "password": "another lantern"})
    assert client.post("/me/second-factor").status_code == 404, "the code of the key in use comes first"


def test_a_lost_phone_is_reset_by_another_administrator_in_person(app, client, make, root, officer, as_person):
    administrator = make.person("区美玲")
    make.grant(administrator, Role.ADMINISTRATOR, root)
    desk = as_person(administrator)
    sign_in(client)
    assert "他的手机丢了" in desk.get(f"/people/{officer}/code").text
    assert desk.post(f"/people/{officer}/second-factor/reset").status_code == 303
    assert client.get("/me").status_code == 302
    assert db.session.scalar(select(SecondFactor.person_id).where(SecondFactor.person_id == officer)) is None
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "account.second_factor_reset")).one()
    assert (event.actor_id, event.subject_id) == (administrator, officer)
    assert desk.post(f"/people/{administrator}/second-factor/reset").status_code == 403


def test_no_administrator_alone_opens_the_account_of_an_officer(make, root, officer, as_person):
    desks = []
    for name in ("区美玲", "刘安"):
        administrator = make.person(name)
        make.grant(administrator, Role.ADMINISTRATOR, root)
        desks.append(as_person(administrator))
    page, reset = f"/people/{officer}/code", f"/people/{officer}/second-factor/reset"
    assert desks[0].post(page).status_code == 200
    refused = desks[0].post(reset)
    assert (refused.status_code, "请另一位管理员来办" in refused.text) == (403, True)
    assert "请另一位管理员来办" in desks[0].get(page).text
    assert desks[1].post(reset).status_code == 303
    assert desks[1].post(page).status_code == 403
    assert "做一个新码" not in desks[1].get(page).text
    other = db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.action == "account.second_factor_reset")).one()
    with clock.frozen_at(NOON + timedelta(days=1, minutes=1)):
        assert in_transaction(lambda: service.make_code(officer, other, KEY, clock.now()))


def test_a_secretary_resets_nobody_s_second_factor(make, root, officer, as_person):
    secretary = make.person("李柏豪")
    make.grant(secretary, Role.SECRETARY, root)
    assert as_person(secretary).post(f"/people/{officer}/second-factor/reset").status_code == 404


def test_the_only_administrator_is_helped_from_the_command_line(app, client, officer):
    said = app.test_cli_runner().invoke(group, ["reset-second-factor", "--phone", "13800138000"])
    assert "已清除黎婉霞的登录验证码" in said.output
    assert sign_in(client).location == "/me/second-factor"
    assert "先设一个登录验证码" in client.get("/me/second-factor").text
    assert app.test_cli_runner().invoke(group, ["reset-second-factor", "--phone", "13800138000"]).exit_code == 1


def test_whose_role_needs_none_never_meets_it(client, make, root):
    secretary = account(make, make.person("李柏豪"))
    make.grant(secretary, Role.SECRETARY, root)
    assert sign_in(client).location == "/me"
    assert client.get("/me/second-factor").status_code == 404
    assert "登录验证码" not in client.get("/me/settings").text


def test_work_does_not_wait_for_somebody_whose_role_sleeps(make, root, newcomer):
    administrator = account(make, make.person("区美玲"), "13800138001")
    in_transaction(lambda: granting.grant_role(administrator, Role.ADMINISTRATOR, root, NOON.date(), None))
    assert deciders.deciders(root, Action.CLAIM_APPROVE, NOON.date()) == []
    in_transaction(lambda: factors.put(administrator, pyotp.random_base32(), KEY, NOON))
    assert [one.person_id for one in deciders.deciders(root, Action.CLAIM_APPROVE, NOON.date())] == [administrator]


def test_a_changed_password_keeps_the_code_that_was_given(client, officer):
    sign_in(client)
    give(client, code())
    change = {"current_password": "lantern by the lake", "password": "another lantern"}
    assert client.post("/me/secret", data=change).status_code == 303
    assert client.get("/fund/desk").status_code == 200
    assert db.session.scalars(select(AccountSession.factor_at).where(AccountSession.revoked_at.is_(None))).one() is not None


def test_a_wrong_code_brought_along_by_the_demo_s_form_is_said_on_the_page_that_asks_again(client, officer, monkeypatch):
    monkeypatch.setattr("app.accounts.views.demo_code", lambda: "000000")
    answer = sign_in(client, code="999999")
    assert answer.location == "/me/second-factor"
    assert "登录验证码不对，请再填一次" in client.get(answer.location).text
