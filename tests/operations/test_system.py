"""/system: how the site is, for administrators of the subdistrict and auditors."""

import pytest
from sqlalchemy import insert

from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.web.jobs.models import JobRun
from app.web.jobs.rules import Outcome
from tests.conftest import statements


@pytest.fixture
def place(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    return root, make.unit("锦园第一党支部", parent=root)


def admin(make, as_person, unit, role=Role.ADMINISTRATOR):
    person = make.person("欧阳倩", home=unit)
    make.grant(person, role, unit)
    return as_person(person)


def ran(name: str, outcome: Outcome, said: str) -> None:
    at = clock.now()
    values = {"name": name, "host": "a", "started_at": at, "ended_at": at, "outcome": outcome, "said": said}
    in_transaction(lambda: db.session.execute(insert(JobRun).values(**values)))


def test_an_administrator_sees_what_failed_first_and_what_it_said(place, make, as_person):
    browser = admin(make, as_person, place[0])
    assert "定时任务还没有跑过" in browser.get("/system").text
    ran("verify", Outcome.FAILED, "共 3 处不符。")
    ran("boards", Outcome.DONE, "定榜 0 张")
    page = browser.get("/system").text
    assert "共 3 处不符" in page
    assert page.index("核对账目") < page.index("提醒没核实的时长")
    assert "定榜 0 张" not in page


def test_it_is_linked_from_what_they_manage(place, make, as_person):
    assert 'href="/system"' in admin(make, as_person, place[0]).get("/manage").text


def test_an_auditor_may_look_and_others_may_not(place, make, as_person):
    assert admin(make, as_person, place[0], Role.AUDITOR).get("/system").status_code == 200
    assert admin(make, as_person, place[0], Role.SECRETARY).get("/system").status_code == 404
    assert admin(make, as_person, place[1]).get("/system").status_code == 404, "of a branch only"
    assert as_person(make.person("何嘉怡")).get("/system").status_code == 404


def test_it_asks_as_many_questions_for_many_runs(place, make, as_person):
    browser = admin(make, as_person, place[0])
    ran("verify", Outcome.DONE, "")
    with statements() as few:
        browser.get("/system")
    for name in ("boards", "reports", "honours", "wishes", "photos"):
        ran(name, Outcome.DONE, "")
        ran(name, Outcome.FAILED, "不行")
    with statements() as many:
        browser.get("/system")
    assert len(many) == len(few)
