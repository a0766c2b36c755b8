"""Whoever tries to get into an account: planted sessions, names of accounts, guesses, codes used twice, fields that no form has."""

import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts import common, login, service
from app.accounts.models import Account, AccountSession, RoleGrant
from app.accounts.rules import CODE_LENGTH, PASSWORD_MIN, RECOVERY_LENGTH, secret_fault
from app.core import clock, trace
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.models import Membership, Person
from app.people.rules import UnitKind
from app.webkit.guards import local_path
from tests.architecture.test_routes import said
from tests.security.conftest import walked

sqlite_only = True
SECRET = "a lantern by the lake"
COOKIE = "__Host-shulin"


def register(client, phone="13800138000", **more):
    return client.post("/register", data={"name": "何嘉怡", "phone": phone, "password": SECRET, **more})


def test_a_planted_cookie_is_worth_nothing_after_signing_in(app, client, as_person, make):
    """Fixation: the attacker's cookie is in the victim's browser before they sign in."""
    client.get("/register")
    register(client, "13800138000")
    client.post("/sign-out")
    planted = client.get_cookie(COOKIE).value
    assert client.post("/sign-in", data={"phone": "13800138000", "password": SECRET}).status_code == 303
    assert client.get_cookie(COOKIE).value != planted
    attacker = app.test_client()
    attacker.set_cookie(COOKIE, planted, domain="localhost", secure=True)
    assert attacker.get("/me/devices").status_code == 302


def test_a_signed_in_cookie_planted_on_somebody_ends_with_their_sign_in(app, client, make):
    register(client, "13800138000")
    before = client.get_cookie(COOKIE).value
    client.post("/sign-in", data={"phone": "13800138000", "password": SECRET})
    assert client.get_cookie(COOKIE).value != before
    assert db.session.scalars(select(AccountSession.revoked_at).order_by(AccountSession.id)).first() is not None


def test_a_cookie_with_another_person_s_number_in_it_is_nobody(app, client):
    """What the cookie says is signed; the token in it is random and only its digest is kept."""
    register(client)
    token, stored = None, db.session.scalars(select(AccountSession.token_hash)).one()
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert len(token) * 6 >= 128
    assert stored != token
    value = client.get_cookie(COOKIE).value
    client.set_cookie(COOKIE, value[:-2] + ("aa" if value[-2:] != "aa" else "bb"), domain="localhost", secure=True)
    assert client.get("/me/devices").status_code == 302


def test_giving_the_password_again_changes_the_token_too(app, make, as_person):
    """Whoever had copied the cookie before has nothing of it afterwards."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    administrator = make.person("邓惠芳", home=root)
    make.grant(administrator, Role.ADMINISTRATOR, root)
    member = make.person("何嘉怡", home=root)
    make.account(member)
    desk = as_person(administrator)
    copied = desk.get_cookie(COOKIE).value
    set_secret(administrator)
    form = {"sure": "1", "role": "organiser", "unit": str(root), "confirm_password": SECRET}
    with clock.frozen_at(clock.now() + timedelta(minutes=20)):
        assert desk.post(f"/people/{member}/roles", data=form).status_code == 303
        assert desk.get("/me/devices").status_code == 200
        assert desk.get_cookie(COOKIE).value != copied
        thief = app.test_client()
        thief.set_cookie(COOKIE, copied, domain="localhost", secure=True)
        assert thief.get("/me/devices").status_code == 302
    assert len(db.session.scalars(select(AccountSession.id).where(AccountSession.revoked_at.is_(None))).all()) == 1


def set_secret(person_id: int) -> None:
    hashed = service.hash_secret(SECRET)
    in_transaction(lambda: db.session.execute(update(Account).where(Account.person_id == person_id).values(secret_hash=hashed)))


def test_a_script_without_cookies_does_not_fill_the_site_with_people(app, monkeypatch):
    monkeypatch.setattr(login, "NEW_ACCOUNTS", replace(login.NEW_ACCOUNTS, most=3))
    answers = [register(app.test_client(), f"1380013800{number}").status_code for number in range(5)]
    assert answers == [303, 303, 303, 429, 429]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 3
    assert login.NEW_ACCOUNTS.window == timedelta(hours=1)


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\x0b/evil.example",
    "/\x00/evil.example",
    "/\r\n/evil.example",
    "/\u00a0/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_address_that_browsers_take_for_another_site_is_a_path(elsewhere):
    assert local_path(elsewhere) is None


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_form_leads_to_another_site(app, client, elsewhere):
    register(client)
    for path, data in (
        ("/sign-in", {"phone": "13800138000", "password": SECRET}),
        ("/look", {"size": "big"}),
        ("/register", {"name": "何嘉怡", "phone": "13800138001", "password": SECRET + "2"}),
    ):
        answer = client.post(path, data={**data, "next": elsewhere})
        assert answer.status_code == 303
        assert re.fullmatch(r"/(?!/)[\x21-\x7e]*", answer.location), answer.location


def test_no_route_follows_where_a_stranger_points(app, admin, scene):
    wrong = []
    for method in ("GET", "POST"):
        for rule, asked, _ in walked(app, method, scene):
            where = f"{asked}{'&' if '?' in asked else '?'}next=/%09/evil.example&back=//evil.example&url=https://evil.example"
            with admin.open(where, method=method, data={"next": "/\t/evil.example"} if method == "POST" else None) as answer:
                to = answer.location or ""
                if re.match(r"[a-z]+:|//|/[\\\s]", to) or "\t" in to:
                    wrong.append((method, rule.rule, to))
    assert not wrong, said(wrong)


@pytest.mark.parametrize("path", ["/sign-in", "/activate"])
def test_who_has_an_account_can_not_be_told_from_an_answer(client, app, path):
    assert register(client).status_code == 303
    client.post("/sign-out")
    answers = []
    for phone in ("13800138000", "13900139000"):
        fresh = app.test_client()
        data = {"phone": phone, "password": "wrong wrong", "code": "ABCD2345"}
        answer = fresh.post(path, data=data)
        answers.append((answer.status_code, re.sub(r"1[38]\d{9}|[0-9A-Z]{6}", "", answer.text), sorted(answer.headers.keys())))
    assert answers[0] == answers[1]


def test_signing_in_is_the_same_work_for_everybody(app, client, monkeypatch):
    """Argon2 is counted, not seconds: unknown number, wrong secret, right secret, number of two people."""
    register(client, "13800138000")
    app.test_client().post("/register", data={"name": "冼柏豪", "phone": "13800138000", "password": "another lantern"})
    asked = []
    verify = service._hasher.verify

    class Counting:
        def verify(self, stored, secret):
            asked.append(stored)
            return verify(stored, secret)

    monkeypatch.setattr(service, "_hasher", Counting())
    counts = []
    for phone, secret in (
        ("13900139000", "wrong wrong"),
        ("13800138000", "wrong wrong"),
        ("13800138000", SECRET),
        ("13800138000", "another lantern"),
    ):
        app.test_client().post("/sign-in", data={"phone": phone, "password": secret})
        counts.append(len(asked))
        asked.clear()
    assert len(set(counts)) == 1
    assert counts[0] >= 1


@pytest.mark.parametrize(
    "secret",
    [
        "password1",
        "iloveyou",
        "Shulin2026!",
        "guicheng",
        "桂城党支部2026",
        "19850612",
        "qwertyui",
        "woaini1314",
        "my13800138000",
        "520520",
        "123123",
        "201314",
    ],
)
def test_secrets_that_everybody_tries_first_are_refused(secret):
    assert secret_fault(secret, "13800138000", has_role=False)


def test_three_thousand_and_more_are_known_without_a_network():
    assert len([one for one in common._leaked() if len(one) >= PASSWORD_MIN]) > 3000
    assert common.leaked("trustno1")
    assert common.leaked("TrustNo1")
    assert not common.leaked(SECRET)


@pytest.mark.parametrize("secret", ["灯湖边的灯笼亮了", "a lantern", "x" * 20 + "yz" * 40, "🏮🏮🏮🏮abcd", "correct horse battery staple"])
def test_any_letters_and_64_and_more_of_them_are_taken(secret):
    assert len(secret) > 128 or secret_fault(secret, "13800138000", has_role=True) is None


def test_codes_can_not_be_guessed():
    """Eight and ten characters out of a large alphabet, tried a few times a quarter of an hour."""
    seen = {letter for _ in range(400) for letter in trace.new_code(RECOVERY_LENGTH)}
    assert CODE_LENGTH * math.log2(len(seen)) > 38
    assert RECOVERY_LENGTH * math.log2(len(seen)) > 48
    assert len({trace.new_code(CODE_LENGTH) for _ in range(500)}) == 500


def test_fields_that_the_form_does_not_have_change_nothing(client, make):
    """Mass assignment."""
    branch = make.unit("锦园第一党支部")
    more = {
        "role": "administrator",
        "is_admin": "1",
        "person_id": "1",
        "id": "1",
        "unit_id": str(branch),
        "home": str(branch),
        "confirmed_at": "2026-01-01",
        "confirmed_by_id": "1",
        "secret_hash": "x",
        "secret_kind": "password",
        "stage": "member",
        "origin": "roster",
        "account.id": "1",
    }
    assert register(client, **more).status_code == 303
    person = db.session.scalars(select(Person)).one()
    assert person.confirmed_at is None
    assert db.session.scalars(select(RoleGrant)).all() == []
    assert db.session.scalars(select(Membership)).all() == []
    assert db.session.scalars(select(Account.secret_hash)).one().startswith("$argon2id$")


def test_of_a_field_that_is_sent_twice_the_first_counts(client):
    """And what stands in the address never stands for what belongs in the form."""
    assert client.post("/sign-in?phone=13800138000&password=x", data={}).status_code == 422
    register(client)
    client.post("/sign-out")
    answer = client.post("/sign-in", data={"phone": ["13800138000", "13900139000"], "password": [SECRET, "wrong"]})
    assert answer.status_code == 303


def test_passwords_are_typed_unseen_and_may_be_pasted_and_remembered(client):
    for path in ("/sign-in", "/register"):
        text = client.get(path).text
        field = re.search(r"<input[^>]*name=\"password\"[^>]*>", text)[0]
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in text
        assert 'maxlength="6"' not in field


def test_signing_out_is_two_taps_away(client):
    register(client)
    assert 'href="/me"' in client.get("/activities").text
    assert 'action="/sign-out"' in client.get("/me").text + client.get("/me/settings").text
