"""The page of a code posts its form; when the answer is lost it sends the same scan again through the queue of the phone."""

import re

import pytest
from sqlalchemy import func, select

from app.activities.rules import CodeWay
from app.checkin.models import Scan
from app.core.db import db
from tests.conftest import NOON

AT = NOON.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.fixture
def fair(make):
    branch = make.unit("灯湖社区党委")
    activity = make.activity(branch, make.person("霍静雯", home=branch), way=CodeWay.POSTER)
    make.shift(activity, NOON, 3)
    return {"branch": branch, "activity": activity, "code": code_of(activity)}


def code_of(activity):
    from app.activities.queries import activity as read

    found = read(activity)
    assert found
    return found.code


def posts_its_form(browser, code):
    page = browser.get(f"/c/{code}").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("id", "ticket")}
    assert "签到成功" in browser.post("/scans", data=fields, follow_redirects=True).text
    return fields["id"]


def queues(browser, scan_id, code):
    answer = browser.post("/late-scans", json={"sent_at": AT, "scans": [{"id": scan_id, "at": AT, "code": code}]})
    (result,) = answer.json["results"]
    return result


def scans():
    return db.session.scalar(select(func.count()).select_from(Scan))


def test_it_is_the_same_scan(fair, make, as_person):
    phone = as_person(make.person("何嘉怡", home=fair["branch"]))
    scan_id = posts_its_form(phone, fair["code"])
    again = queues(phone, scan_id, fair["code"])
    assert (again["tone"], again["title"], again["page"]) == ("yes", "签到成功", f"/scans/{scan_id}")
    assert queues(phone, scan_id, f"https://shulin.example/c/{fair['code']}")["title"] == "签到成功"
    assert scans() == 1


def test_anothers_id_or_another_activity_is_a_conflict(fair, make, as_person):
    scan_id = posts_its_form(as_person(make.person("何嘉怡", home=fair["branch"])), fair["code"])
    other = make.activity(fair["branch"], make.person("罗国栋", home=fair["branch"]), way=CodeWay.POSTER)
    make.shift(other, NOON, 3)
    stranger = as_person(make.person("陈志明", home=fair["branch"]))
    assert queues(stranger, scan_id, fair["code"])["outcome"] == "conflict"
    owner = as_person(make.person("何嘉怡", home=fair["branch"]))
    assert queues(owner, scan_id, code_of(other))["outcome"] == "conflict"
    assert scans() == 1
