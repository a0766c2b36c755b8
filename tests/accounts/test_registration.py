"""Registering with name and phone: quick, unverified, and the same whether the number is known or not."""

import re

import pytest
from sqlalchemy import func, select

from app.accounts import queries, service
from app.accounts.models import Account
from app.core.db import db
from app.people.models import Person, Phone
from app.people.rules import Origin
from tests.accounts.helpers import PASSWORD, PHONE, PIN, account, sign_in, sign_in_as

GIVEN = {"name": "何嘉怡", "phone": PHONE, "password": PIN}


def register(client, **change: str):
    return client.post("/register", data={**GIVEN, **change})


def persons() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_a_neighbour_is_recorded_signed_in_and_unverified(client):
    answer = register(client, next="/me/devices")
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    person = db.session.execute(select(Person)).scalar_one()
    assert (person.name, person.origin, person.confirmed_at) == ("何嘉怡", Origin.SELF, None)
    assert sign_in_as(client) == person.id
    assert "已记下，等支部或现场人员核实" in client.get("/me/devices").text
    assert db.session.scalar(select(Account.login_phone)) == PHONE


@pytest.mark.parametrize("known", ["roster", "account", "registered"])
def test_the_answer_is_the_same_whether_the_number_is_known_or_not(app, make, known):
    fresh, again = app.test_client(), app.test_client()
    unknown = register(fresh, phone="13900139000")
    if known == "roster":
        make.person("何嘉怡", phone=PHONE)
    elif known == "account":
        account(make, make.person("何嘉怡", phone=PHONE))
    else:
        register(app.test_client(), password="482615")
    answer = register(again)
    assert (answer.status_code, answer.location, answer.data) == (unknown.status_code, unknown.location, unknown.data)
    assert {name for name, _ in answer.headers} == {name for name, _ in unknown.headers}
    pages = [re.sub(r' data-who="\d+"', "", browser.get("/me/settings").text) for browser in (fresh, again)]
    assert pages[0] == pages[1]


def test_both_cost_the_same_hashes(app, make, monkeypatch):
    account(make, make.person(phone=PHONE))
    looked_at: list[bool] = []
    hashed: list[bool] = []
    check, new = service.check_secret, service.hash_secret
    monkeypatch.setattr(service, "check_secret", lambda known, secret: looked_at.append(True) or check(known, secret))
    monkeypatch.setattr(service, "hash_secret", lambda secret: hashed.append(True) or new(secret))
    register(app.test_client())
    cost = (len(looked_at), len(hashed))
    register(app.test_client(), phone="13900139000")
    assert (len(looked_at), len(hashed)) == (2 * cost[0], 2 * cost[1])


def test_registering_never_touches_the_account_that_has_the_number(app, client, make):
    owner = account(make, make.person("冼柏豪", phone=PHONE))
    register(client)
    newcomer = sign_in_as(client)
    assert newcomer not in {owner, None}
    browser = app.test_client()
    sign_in(browser)
    assert sign_in_as(browser) == owner, "the owner's secret still opens the owner's account"
    sign_in(browser, password=PIN)
    assert sign_in_as(browser) == newcomer, "and the newcomer's opens the newcomer's"
    assert queries.account_of(owner).login_phone == PHONE


def test_registering_never_attaches_to_a_person_of_the_roster(client, make):
    member = make.person("何嘉怡", phone=PHONE, home=make.unit())
    register(client)
    assert sign_in_as(client) != member
    assert queries.account_of(member) is None


def test_who_registers_again_with_the_same_secret_is_signed_in_and_not_recorded_twice(app, client):
    register(client)
    first = sign_in_as(client)
    again = app.test_client()
    assert register(again).status_code == 303
    assert sign_in_as(again) == first
    assert persons() == 1


def test_registering_is_throttled_as_signing_in_is(app, client):
    for number in range(20):
        register(client, phone=f"1390000{number:04d}")
    answer = register(client)
    assert answer.status_code == 429
    assert "以后再试" in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"name": "138"}, "请填写姓名"),
        ({"name": "何" * 21}, "姓名最多 20 个字"),
        ({"phone": "1380013"}, "手机号码应是 11 位，这里是 7 位"),
        ({"phone": "02812345678"}, "手机号码应以 13 到 19 开头"),
        ({"password": ""}, "请设 6 位数字，或至少 8 位的密码"),
        ({"password": "123456"}, "太容易猜到"),
        ({"password": "138000"}, "太容易猜到"),
        ({"password": "short"}, "请用 6 位数字，或至少 8 位的密码"),
        ({"password": "88888888"}, "太容易猜到"),
    ],
)
def test_bad_input_is_said_beside_the_field_and_writes_nothing(client, change, words):
    answer = register(client, **change)
    assert answer.status_code == 422
    assert words in answer.text
    assert persons() == db.session.scalar(select(func.count()).select_from(Phone)) == 0
    if "name" not in change:
        assert 'value="何嘉怡"' in answer.text
    assert PIN not in answer.text
    assert PASSWORD not in answer.text
