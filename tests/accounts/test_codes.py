"""Making codes for others: who may, for whom, on a screen and on paper."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts import helping
from app.accounts.models import ActivationCode
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import Origin, UnitKind
from app.settings import service as settings
from tests.accounts.helpers import account, code_for
from tests.conftest import NOON, statements

SHOWN = re.compile(r"[2-9A-HJKMNP-Z]{4} [2-9A-HJKMNP-Z]{4}")


@pytest.fixture
def branch(make) -> int:
    return make.unit("锦园第二党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY))


@pytest.fixture
def secretary(make, branch) -> int:
    person = make.person("李婉仪", home=branch)
    make.grant(person, Role.SECRETARY, branch)
    return person


@pytest.fixture
def desk(as_person, secretary):
    return as_person(secretary)


def test_a_secretary_makes_a_code_that_works_and_is_recorded(app, desk, make, branch, secretary):
    member = make.person("何嘉怡", home=branch, phone="13800138000")
    page = desk.get(f"/people/{member}/code").text
    assert "138****8000" in page
    assert SHOWN.search(page) is None
    made = desk.post(f"/people/{member}/code")
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    code = SHOWN.search(made.text).group().replace(" ", "")
    assert app.test_client().get(f"/activate/{code}").status_code == 200
    recorded = db.session.execute(
        select(AuditEvent.actor_id, AuditEvent.detail).where(AuditEvent.action == "account.activation_code")
    ).one()
    assert recorded.actor_id == secretary
    assert recorded.detail == {"person": member}
    assert code not in str(db.session.execute(select(ActivationCode.code_hash)).scalars().all())


def test_a_code_is_for_those_in_scope_and_for_those_who_belong_nowhere_yet(desk, make, branch):
    elsewhere = make.person("谭伟强", home=make.unit())
    newcomer = make.person("霍静雯", confirmed=False, origin=Origin.SELF)
    assert desk.get(f"/people/{elsewhere}/code").status_code == desk.post(f"/people/{elsewhere}/code").status_code == 404
    assert desk.post(f"/people/{newcomer}/code").status_code == 200
    assert desk.get("/people/999999/code").status_code == 404


def test_nobody_makes_a_code_for_oneself_or_for_rights_beyond_one_s_own(desk, as_person, make, branch, secretary):
    deputy = make.person("区美玲", home=branch)
    make.grant(deputy, Role.DEPUTY, branch)
    for person in (secretary, deputy):
        assert desk.post(f"/people/{person}/code").status_code == 403
        assert "做一个新码" not in desk.get(f"/people/{person}/code").text
    administrator = make.person("刘安")
    make.grant(administrator, Role.ADMINISTRATOR, branch)
    assert as_person(administrator).post(f"/people/{deputy}/code").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(ActivationCode)) == 1


def test_a_code_ends_when_its_person_is_given_a_role(app, desk, make, branch):
    member = make.person("区美玲", home=branch, phone="13800138000")
    code = SHOWN.search(desk.post(f"/people/{member}/code").text).group().replace(" ", "")
    make.grant(member, Role.DEPUTY, branch, since=clock.today() + timedelta(days=3))
    assert app.test_client().get(f"/activate/{code}").status_code == 404
    assert desk.post(f"/people/{member}/code").status_code == 403, "the role is to come"


def test_a_phone_left_lying_makes_no_codes(desk, make, branch):
    member = make.person("何嘉怡", home=branch)
    with clock.frozen_at(NOON + timedelta(minutes=16)):
        for address in (f"/people/{member}/code", f"/branch/{branch}/slips"):
            assert "再输一次密码" in desk.post(address).text
    assert db.session.scalar(select(func.count()).select_from(ActivationCode)) == 0


def test_an_auditor_makes_none(as_person, make, branch):
    auditor = make.person()
    make.grant(auditor, Role.AUDITOR, branch)
    member = make.person(home=branch)
    assert as_person(auditor).post(f"/people/{member}/code").status_code == 404


def test_people_are_found_by_name_or_by_the_end_of_their_number(desk, make, branch):
    make.person("何嘉怡", home=branch, phone="13800138000")
    make.person("何嘉怡", home=make.unit(), phone="13900138000")
    for asked in ("何嘉怡", "8000", "138 0013 8000"):
        page = desk.post("/codes", data={"asked": asked}).text
        assert page.count("尾号 8000") == 1, "only in one's own branch"
    assert "没找到“谁”" in desk.post("/codes", data={"asked": "谁"}).text
    assert "没找到" in desk.post("/codes", data={"asked": "何嘉"}).text, "no trawling by part of a name"


def test_slips_are_printed_for_members_without_an_account(app, desk, make, branch):
    with_phone = make.person("何嘉怡", home=branch, phone="13800138000")
    make.person("冼柏豪", home=branch)
    account(make, make.person("邓淑芬", home=branch))
    make.person("谭伟强", home=make.unit())
    asked = desk.get(f"/branch/{branch}/slips").text
    assert "做 2 张纸条" in asked
    made = desk.post(f"/branch/{branch}/slips").text
    codes = [code.replace(" ", "") for code in SHOWN.findall(made)]
    assert len(codes) == 2
    assert made.count('class="qr"') == 2
    assert "138****8000" in made
    assert "13800138000" not in made
    assert "https://shulin.example" not in made.replace("shulin.example/activate", "")
    assert all(app.test_client().get(f"/activate/{code}").status_code == 200 for code in codes)
    assert len(db.session.execute(select(AuditEvent.id).where(AuditEvent.action == "account.activation_code")).all()) == 2
    assert with_phone in db.session.execute(select(ActivationCode.person_id)).scalars().all()


def test_slips_that_are_out_hold_until_somebody_prints_them_again_on_purpose(app, desk, make, branch):
    code = code_for(make.person("何嘉怡", home=branch))
    assert "没有要做的纸条" in desk.post(f"/branch/{branch}/slips").text
    assert app.test_client().get(f"/activate/{code}").status_code == 200
    assert SHOWN.search(desk.post(f"/branch/{branch}/slips", data={"again": "yes"}).text)
    assert app.test_client().get(f"/activate/{code}").status_code == 404


def test_another_branch_s_slips_are_a_404(desk, make):
    other = make.unit()
    assert desk.get(f"/branch/{other}/slips").status_code == desk.post(f"/branch/{other}/slips").status_code == 404


def test_a_hundred_members_cost_no_more_queries_than_one(desk, make, branch):
    def cost(method: str) -> int:
        with statements() as sent:
            desk.open(f"/branch/{branch}/slips", method=method, data={"again": "yes"})
        return len(sent)

    make.person("甲一", home=branch, phone="13800138000")
    one = [cost("GET"), cost("POST"), cost("POST")]
    for number in range(20):
        make.person(f"乙{number}", home=branch, phone=f"1390000{number:04d}")
    assert [cost("GET"), cost("POST"), cost("POST")] == one


def test_the_slips_of_a_large_unit_are_made_in_batches(desk, make, branch, monkeypatch):
    monkeypatch.setattr(helping, "SLIPS_AT_ONCE", 3)
    in_transaction(lambda: settings.put("password_again", {"minutes": 600}, None, NOON))
    for number in range(5):
        make.person(f"成员{number}", home=branch)

    def made(again="") -> set[str]:
        text = desk.post(f"/branch/{branch}/slips", data={"again": again}).text
        return set(re.findall(r"<h2>(成员\d)</h2>", text))

    page = desk.get(f"/branch/{branch}/slips").text
    assert "做 3 张纸条" in page
    assert "还有 2 位，没有列出来" in page
    first = made()
    assert (len(first), len(second := made()), made()) == (3, 2, set())
    with clock.frozen_at(NOON + timedelta(hours=1)):
        third = made("yes")
        assert len(third) == 3
    with clock.frozen_at(NOON + timedelta(hours=2)):
        assert made("yes") > (first | second) - third, "the oldest slips first"


def test_no_slip_opens_an_account_with_rights_beyond_one_s_own(desk, as_person, make, branch):
    deputy = make.person("区美玲", home=branch)
    make.grant(deputy, Role.DEPUTY, branch)
    page = desk.get(f"/branch/{branch}/slips").text
    assert "有管理职责，请街道管理员做" in page
    assert "没有要做的纸条" in desk.post(f"/branch/{branch}/slips").text
    administrator = make.person("刘安")
    make.grant(administrator, Role.ADMINISTRATOR, branch)
    assert SHOWN.search(as_person(administrator).post(f"/branch/{branch}/slips").text)
