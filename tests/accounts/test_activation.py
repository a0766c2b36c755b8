"""One-time codes: a roster person's first sign-in, and a forgotten secret."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import queries
from app.accounts.models import ActivationCode
from app.accounts.rules import CODE_LIFETIME, RESET_LIFETIME
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.people import queries as people
from app.people import service as people_service
from app.people.models import Person
from app.people.rules import ConsentKind, Origin, UnitKind
from tests.accounts.helpers import PHONE, PIN, account, code_for, sign_in, sign_in_as
from tests.conftest import NOON


@pytest.fixture
def branch(make) -> int:
    return make.unit("锦园第二党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY))


@pytest.fixture
def member(make, branch) -> int:
    """On the roster, without an account."""
    return make.person("何嘉怡", home=branch, phone=PHONE)


def activate(client, code: str, **change: str):
    return client.post(f"/activate/{code}", data={"password": PIN, **change})


def test_a_typed_code_leads_to_is_it_you(client, member):
    code = code_for(member)
    for typed in (code, code.lower(), f"{code[:4]} {code[4:]}", f" {code[:4]}-{code[4:]} "):
        assert client.post("/activate", data={"code": typed}).location == f"/activate/{code}"
    page = client.get(f"/activate/{code}").text
    assert "何*怡" in page
    assert "灯湖社区，手机尾号 8000" in page
    assert "何嘉怡" not in page
    assert PHONE not in page
    assert "党" not in page, "a slip that was lost must not tell who is a member"
    assert "checked" not in page, "nothing is agreed to beforehand"


def test_looking_at_a_code_changes_nothing(client, member):
    code = code_for(member)
    client.get(f"/activate/{code}")
    assert client.get(f"/activate/{code}").status_code == 200
    assert queries.account_of(member) is None


def test_the_owner_sets_a_secret_and_is_signed_in(app, client, member):
    answer = activate(client, code_for(member), next="/me/devices")
    assert (answer.status_code, answer.location) == (303, "/me/devices")
    assert sign_in_as(client) == member
    other = app.test_client()
    sign_in(other, password=PIN)
    assert sign_in_as(other) == member
    assert people.consents(member) == frozenset()


def test_a_consent_is_given_only_when_ticked(client, member):
    activate(client, code_for(member), personal_board="yes")
    assert people.consents(member) == {ConsentKind.PERSONAL_BOARD}


def test_a_code_is_used_once(app, client, member):
    code = code_for(member)
    activate(client, code)
    other = app.test_client()
    assert activate(other, code, password="482615").status_code == 404
    assert sign_in_as(other) is None
    assert "可能已经用过" in other.get(f"/activate/{code}").text


def test_unknown_used_and_expired_codes_get_one_answer_that_says_what_to_do(client, member):
    code = code_for(member)
    unknown = client.post("/activate", data={"code": "ABCD2345"})
    with clock.frozen_at(NOON + CODE_LIFETIME):
        expired = client.post("/activate", data={"code": code})
    assert unknown.status_code == expired.status_code == 422
    assert unknown.data.replace(b"ABCD2345", code.encode()) == expired.data
    assert "请支部书记或现场人员再给您一个" in unknown.text


def test_guessing_codes_from_a_device_is_throttled(client):
    answers = [client.post("/activate", data={"code": f"ABCD{number:04d}"}).status_code for number in range(21)]
    assert answers == [422] * 20 + [429]


def test_a_second_code_ends_the_first(client, member):
    first, second = code_for(member), code_for(member)
    assert client.get(f"/activate/{first}").status_code == 404
    assert client.get(f"/activate/{second}").status_code == 200


def test_a_reset_ends_all_sessions_and_takes_the_new_secret(app, client, make, branch):
    person = account(make, make.person(home=branch, phone=PHONE))
    at_home = app.test_client()
    sign_in(at_home)
    activate(client, code_for(person))
    assert at_home.get("/me/devices").status_code == 302
    assert sign_in_as(client) == person
    fresh = app.test_client()
    assert sign_in(fresh).status_code == 422, "the old secret is gone"
    assert sign_in(fresh, password=PIN).status_code == 303
    used = select(AuditEvent.actor_id).where(AuditEvent.action == "account.code_use")
    assert db.session.scalar(used) == person


def test_a_reset_lets_in_who_had_tried_too_often(app, client, make, branch):
    person = account(make, make.person(home=branch, phone=PHONE))
    for _ in range(8):
        sign_in(app.test_client(), password="wrong wrong")
    assert activate(client, code_for(person), password="a new lantern").status_code == 303
    assert sign_in(app.test_client(), password="a new lantern").status_code == 303


def test_a_reset_code_holds_one_day_and_a_first_one_fourteen(make, member, branch):
    person = account(make, make.person(home=branch), phone="13900139000")
    code_for(member)
    code_for(person)
    ends = dict(list(db.session.execute(select(ActivationCode.person_id, ActivationCode.expires_at))))
    assert (ends[member], ends[person]) == (NOON + CODE_LIFETIME, NOON + RESET_LIFETIME)
    assert timedelta(days=14) == CODE_LIFETIME


def test_a_role_needs_a_password_from_the_first_day(client, make, member, branch):
    make.grant(member, Role.SECRETARY, branch)
    refused = activate(client, code_for(member))
    assert refused.status_code == 422
    assert "您有管理职责" in refused.text


def test_without_a_number_on_record_one_is_asked_for(client, make, branch):
    person = make.person(home=branch)
    code = code_for(person)
    assert "请填写手机号码" in activate(client, code).text
    activate(client, code, phone="139 0013 9000")
    assert people.phones(person, clock.today()) == ["13900139000"]
    assert queries.account_of(person).login_phone == "13900139000"


def test_the_owner_of_a_code_gets_the_number_back_from_somebody_unverified(app, client, make, member):
    squatter = app.test_client()
    squatter.post("/register", data={"name": "何嘉怡", "phone": PHONE, "password": "482615"})
    unverified = sign_in_as(squatter)
    activate(client, code_for(member))
    assert queries.account_of(member).login_phone == PHONE
    assert queries.account_of(unverified).login_phone is None
    assert sign_in_as(squatter) == unverified, "neither takes over the other"
    again = app.test_client()
    sign_in(again, password="482615")
    assert sign_in_as(again) == unverified


def test_a_number_of_somebody_verified_is_shared_not_taken(app, client, make, member, branch):
    husband = account(make, make.person("冼柏豪", home=branch, phone=PHONE))
    activate(client, code_for(member))
    assert queries.account_of(husband).login_phone == PHONE
    other = app.test_client()
    sign_in(other)
    assert sign_in_as(other) == husband
    sign_in(other, password=PIN)
    assert sign_in_as(other) == member


def test_who_shares_a_number_needs_a_secret_of_one_s_own(client, make, member, branch):
    account(make, make.person("冼柏豪", home=branch, phone=PHONE), secret=PIN)
    refused = activate(client, code_for(member))
    assert refused.status_code == 422
    assert "分不清是谁" in refused.text


def test_a_code_given_in_person_says_who_someone_is_and_what_waited_follows(client, make, branch, monkeypatch):
    followed: list[int] = []
    monkeypatch.setattr(people_service.persons, "_followers", [lambda person_id, _: followed.append(person_id)])
    walk_in = make.person("霍静雯", phone=PHONE, confirmed=False, origin=Origin.SELF)
    organiser = make.person(home=branch)
    activate(client, code_for(walk_in, by=organiser))
    row = db.session.execute(select(Person.confirmed_at, Person.confirmed_by_id).where(Person.id == walk_in)).one()
    assert tuple(row) == (NOON, organiser)
    assert followed == [walk_in]


def test_a_code_of_no_letters_is_wrong_and_not_missing(client):
    answer = client.post("/activate", data={"code": "一二三四"})
    assert answer.status_code == 422
    assert "激活码不对" in answer.text
    assert "请填写激活码" in client.post("/activate", data={"code": " "}).text


def test_a_number_with_its_country_is_taken_wherever_one_is_typed(client, make):
    form = {"name": "何小怡", "phone": "+86 139-0000-9998", "password": "502931"}
    assert client.post("/register", data=form).status_code == 303
