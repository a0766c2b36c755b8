"""What people set for themselves."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from app.accounts.models import AccountSession
from app.audit.models import AuditEvent
from app.core.db import db
from app.people import queries as people
from app.people.rules import ConsentKind
from tests.accounts.helpers import PASSWORD, PHONE, PIN, account, sign_in, token


@pytest.fixture
def me(make) -> int:
    return account(make, make.person("何嘉怡", phone=PHONE))


@pytest.fixture
def phone(client, me):
    """My phone, signed in."""
    sign_in(client)
    return client


@pytest.fixture
def tablet(app, me):
    """Another device of mine."""
    browser = app.test_client()
    browser.post(
        "/sign-in", data={"phone": PHONE, "password": PASSWORD}, headers={"User-Agent": "Mozilla/5.0 (iPad; CPU OS 17) MicroMessenger/8.0"}
    )
    return browser


def open_sessions() -> list[int]:
    return list(db.session.execute(select(AccountSession.id).where(AccountSession.revoked_at.is_(None))).scalars())


def test_devices_are_listed_and_one_is_sent_off_at_once(phone, tablet):
    page = phone.get("/me/devices").text
    assert "iPad·微信" in page
    assert page.count("这一台") == 1
    assert phone.post(f"/me/devices/{max(open_sessions())}/revocation").status_code == 303
    assert tablet.get("/me/devices").status_code == 302
    assert phone.get("/me/devices").status_code == 200


def test_all_other_devices_are_sent_off_with_one_tap(phone, tablet):
    phone.post("/me/devices/revocation")
    assert tablet.get("/me/devices").status_code == 302
    assert phone.get("/me/devices").status_code == 200


def test_another_person_s_device_is_a_404(phone, as_person, make):
    as_person(make.person("谭伟强"))
    theirs = max(open_sessions())
    assert phone.post(f"/me/devices/{theirs}/revocation").status_code == 404
    assert theirs in open_sessions()


def test_a_new_secret_needs_the_old_one_and_signs_the_others_out(app, phone, tablet):
    before = token(phone)
    assert phone.post("/me/secret", data={"current_password": PASSWORD, "password": PIN}).status_code == 303
    assert token(phone) != before
    assert phone.get("/me/devices").status_code == 200
    assert tablet.get("/me/devices").status_code == 302
    assert sign_in(app.test_client()).status_code == 422
    assert sign_in(app.test_client(), password=PIN).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("wrong wrong", PIN, "现在的密码不对"),
        ("", PIN, "请填写现在的密码"),
        (PASSWORD, PASSWORD, "和现在的一样"),
        (PASSWORD, "138000", "太容易猜到"),
        (PASSWORD, "", "请设 6 位数字"),
    ],
)
def test_a_new_secret_that_will_not_do_says_why(phone, current, new, words):
    answer = phone.post("/me/secret", data={"current_password": current, "password": new})
    assert answer.status_code == 422
    assert words in answer.text
    assert sign_in(phone).status_code == 303, "the old one still works"


def test_changing_one_s_secret_is_no_way_to_guess_that_of_who_shares_the_number(app, client, make, me):
    client.post("/register", data={"name": "霍静雯", "phone": PHONE, "password": "482615"})
    secrets = ["482615", *(f"guess number {n}" for n in range(9))]
    answers = [client.post("/me/secret", data={"current_password": now, "password": then}).status_code for now, then in pairwise(secrets)]
    assert 429 in answers
    assert answers.index(429) <= 8


def test_a_stolen_phone_can_not_guess_the_secret_for_ever(phone):
    tries = [phone.post("/me/secret", data={"current_password": f"wrong {n}", "password": PIN}).status_code for n in range(9)]
    assert tries == [422] * 8 + [429]


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_each_consent_is_given_and_withdrawn_by_itself(phone, me, kind):
    assert people.consents(me) == frozenset()
    assert phone.post(f"/me/consents/{kind}").status_code == 303
    assert people.consents(me) == {kind}
    assert phone.get("/me/consents").text.count("已同意</span>") == 1
    assert phone.post(f"/me/consents/{kind}/withdrawal").status_code == 303
    assert people.consents(me) == frozenset()
    actions = db.session.execute(select(AuditEvent.action).where(AuditEvent.action.like("consent%"))).scalars().all()
    assert actions == ["consent", "consent.withdrawal"]


def test_an_unknown_consent_is_a_404(phone):
    assert phone.post("/me/consents/everything").status_code == 404


def test_the_look_is_kept_by_the_browser_one_thing_at_a_time(phone):
    phone.post("/look", data={"theme": "dark", "next": "/me/settings"})
    phone.post("/look", data={"size": "big", "next": "/me/settings"})
    assert '<html lang="zh-CN" class="big dark"' in phone.get("/me/settings").text
    phone.post("/look", data={"theme": "auto"})
    assert '<html lang="zh-CN" class="big"' in phone.get("/me/settings").text
    phone.post("/look", data={"size": "normal"})
    assert '<html lang="zh-CN" class=""' in phone.get("/me/settings").text
