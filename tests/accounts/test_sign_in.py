"""Signing in and out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import service, sessions
from app.accounts.models import AccountSession, SignInAttempt
from app.accounts.rules import ACCOUNT_DAY_TRIES, ACCOUNT_TRIES, ATTEMPT_WINDOW, DEVICE_TRIES, SHARED
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from tests.accounts.helpers import PASSWORD, PHONE, PIN, account, sign_in, sign_in_as, token
from tests.conftest import NOON
from tests.factories import Factory


@pytest.fixture
def somebody(make: Factory) -> int:
    """A volunteer who signs in with PHONE and PASSWORD."""
    return account(make, make.person("何嘉怡", phone=PHONE), PHONE, PASSWORD)


def test_the_right_secret_opens_a_session_that_lasts(client, somebody):
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "Expires=" in answer.headers["Set-Cookie"]
    row = db.session.execute(select(AccountSession)).scalar_one()
    assert row.expires_at - row.created_at == timedelta(days=400)
    assert client.get("/me/settings").status_code == 200


@pytest.mark.parametrize("typed", ["138 0013 8000", "138-0013-8000", "１３８００１３８０００", "+8613800138000"])
def test_a_number_may_be_typed_as_people_write_it(client, somebody, typed):
    assert sign_in(client, phone=typed).status_code == 303


def test_the_reader_comes_back_to_the_page_that_was_asked_for(client, somebody):
    asked = client.get("/me/devices")
    assert asked.location == "/sign-in?next=/me/devices"
    assert 'value="/me/devices"' in client.get(asked.location).text
    assert sign_in(client, next="/me/devices").location == "/me/devices"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "/\t/evil.example"]
)
def test_an_open_redirect_is_refused(client, somebody, elsewhere):
    assert sign_in(client, next=elsewhere).location == "/me"


def test_a_post_from_another_site_is_refused(client, somebody):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = client.post("/sign-in", data={"phone": PHONE, "password": PASSWORD}, headers=headers)
        assert answer.status_code == 403
    assert token(client) is None


def test_an_unknown_number_and_a_wrong_secret_get_the_same_answer(app, client, somebody):
    other = app.test_client()
    known, unknown = sign_in(client, password="wrong wrong"), sign_in(other, phone="13900139000", password="wrong wrong")
    assert known.status_code == unknown.status_code == 422
    assert known.data == unknown.data.replace(b"13900139000", PHONE.encode())
    assert "手机号或密码不对" in known.text
    assert PHONE in known.text
    assert "wrong wrong" not in known.text


def test_an_unknown_number_costs_as_many_hashes_as_a_known_one_and_a_right_secret_as_a_wrong_one(client, somebody, monkeypatch):
    looked_at: list[bool] = []
    real = service.check_secret
    monkeypatch.setattr(service, "check_secret", lambda known, secret: looked_at.append(True) or real(known, secret))
    costs = []
    for phone, secret in ((PHONE, PASSWORD), (PHONE, "wrong wrong"), ("13900139000", "wrong wrong")):
        looked_at.clear()
        sign_in(client, phone=phone, password=secret)
        costs.append(len(looked_at))
    assert costs == [SHARED] * 3


def test_signing_in_changes_the_token_and_ends_the_session_before(client, somebody):
    sign_in(client)
    before = token(client)
    sign_in(client)
    after = token(client)
    assert before != after
    with client.session_transaction() as cookie:
        cookie["_user_id"] = before
    assert client.get("/me/settings").status_code == 302


def test_signing_out_ends_the_session_itself_not_only_the_cookie(client, somebody):
    sign_in(client)
    before = token(client)
    assert client.post("/sign-out").status_code == 303
    assert token(client) is None
    with client.session_transaction() as cookie:
        cookie["_user_id"] = before
    assert client.get("/me/settings").status_code == 302


def test_a_revoked_session_is_out_at_once(client, somebody):
    sign_in(client)
    session_id = db.session.scalar(select(AccountSession.id).where(AccountSession.revoked_at.is_(None)))
    in_transaction(lambda: sessions.end_session(session_id, clock.now()))
    assert client.get("/me/settings").status_code == 302


def test_too_many_wrong_secrets_for_a_number_wait_whatever_the_device(app, somebody):
    for _ in range(ACCOUNT_TRIES):
        assert sign_in(app.test_client(), password="wrong wrong").status_code == 422
    refused = sign_in(app.test_client())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == ATTEMPT_WINDOW.total_seconds()
    assert "请 12:15 以后再试" in refused.text
    with clock.frozen_at(NOON + ATTEMPT_WINDOW + timedelta(seconds=1)):
        assert sign_in(app.test_client()).status_code == 303


def test_too_many_wrong_secrets_from_a_device_wait_whatever_the_number(app, client, somebody):
    for number in range(DEVICE_TRIES):
        assert sign_in(client, phone=f"1390000{number:04d}", password="wrong wrong").status_code == 422
    assert sign_in(client).status_code == 429
    assert sign_in(app.test_client()).status_code == 303, "another phone on the same Wi-Fi is not held up"


def test_a_right_secret_is_not_counted_and_the_wrong_ones_before_it_stay(client, somebody):
    sign_in(client, password="wrong wrong")
    sign_in(client)
    assert len(db.session.execute(select(SignInAttempt.id)).all()) == 1


def test_patience_does_not_open_a_number_either(app, somebody):
    for quarter in range(ACCOUNT_DAY_TRIES // ACCOUNT_TRIES + 1):
        with clock.frozen_at(NOON + quarter * (ATTEMPT_WINDOW + timedelta(seconds=1))):
            tries = [sign_in(app.test_client(), password="wrong wrong").status_code for _ in range(ACCOUNT_TRIES)]
    assert tries.count(422) == ACCOUNT_DAY_TRIES % ACCOUNT_TRIES
    with clock.frozen_at(NOON + timedelta(hours=2)):
        assert "请 明天 12:00 以后再试" in sign_in(app.test_client()).text
    with clock.frozen_at(NOON + timedelta(days=1, seconds=1)):
        assert sign_in(app.test_client()).status_code == 303


def test_failed_tries_keep_no_phone_number(client, somebody):
    sign_in(client, password="wrong wrong")
    row = db.session.execute(select(SignInAttempt.phone_hash, SignInAttempt.device_hash)).one()
    assert PHONE not in row.phone_hash + row.device_hash


def test_a_role_keeps_shorter_sessions(client, make, somebody):
    make.grant(somebody, Role.SECRETARY, make.unit())
    sign_in(client)
    row = db.session.execute(select(AccountSession)).scalar_one()
    assert row.expires_at - row.created_at == timedelta(days=30)


def test_a_pin_with_a_role_must_become_a_password_before_the_role_works(client, make):
    unit = make.unit()
    person = account(make, make.person(home=unit), secret=PIN)
    make.grant(person, Role.SECRETARY, unit)
    answer = sign_in(client, password=PIN, next="/codes")
    assert answer.location == "/me/secret?next=/codes"
    assert client.get("/codes").status_code == 404, "the role sleeps"
    refused = client.post("/me/secret", data={"current_password": PIN, "password": "204857"})
    assert refused.status_code == 422
    assert "您有管理职责，请用密码" in refused.text
    changed = client.post("/me/secret", data={"current_password": PIN, "password": PASSWORD, "next": "/codes"})
    assert changed.location == "/codes"
    assert client.get("/codes").status_code == 200


def test_a_new_role_shortens_the_sessions_that_are_open(client, make, somebody):
    sign_in(client)
    make.grant(somebody, Role.ORGANISER, make.unit())
    assert db.session.scalar(select(AccountSession.expires_at)) == NOON + timedelta(days=30)


def test_a_couple_signs_in_with_one_number_and_two_secrets(client, make, somebody):
    wife = make.person("区美玲", phone=PHONE)
    hashed = service.hash_secret("another lantern")
    in_transaction(lambda: service.open_account(wife, None, hashed, "another lantern", clock.now()))
    sign_in(client)
    assert sign_in_as(client) == somebody
    sign_in(client, password="another lantern")
    assert sign_in_as(client) == wife
