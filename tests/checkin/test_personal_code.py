"""我的码: an organiser or today's helper scans it; recorded with who scanned; nobody does it for themselves."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.checkin.models import Scan
from app.checkin.rules import Way
from app.checkin.views.codes import signer
from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.hours import queries as hours
from tests.conftest import NOON


@pytest.fixture
def festival(make):
    branch = make.unit("灯湖社区党委")
    organiser = make.person("霍静雯", home=branch)
    make.grant(organiser, Role.ORGANISER, branch)
    activity = make.activity(branch, organiser)
    make.shift(activity, NOON, 3)
    return {"branch": branch, "organiser": organiser, "activity": activity}


@pytest.fixture
def token(app):
    def of(person_id):
        with app.test_request_context():
            return signer().dumps(person_id)

    return of


def scan(desk, token):
    page = desk.get(f"/p/{token}")
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("id", "ticket")}
    return desk.post(f"/p/{token}/scans", data=fields, follow_redirects=True)


def test_the_check_in_page_shows_it(festival, make, as_person):
    person = make.person("何嘉怡", home=festival["branch"], phone="13800008821")
    page = as_person(person).get("/check-in").text
    assert "我的码" in page
    assert "尾号 8821" in page
    assert 'class="qr"' in page


def test_an_organiser_checks_in_and_out_and_it_is_scanned_time(festival, make, as_person, token):
    person = make.person("何嘉怡", home=festival["branch"])
    desk = as_person(festival["organiser"])
    assert "签到成功" in scan(desk, token(person)).text
    with clock.frozen_at(NOON + timedelta(minutes=160)):
        answer = scan(desk, token(person))
        assert "已签退" in answer.text
        assert "2 小时 40 分" in answer.text
    assert hours.sums(person) == hours.Sums(service_credit=160)
    assert set(db.session.execute(select(Scan.way, Scan.by_id)).all()) == {(Way.PERSONAL_CODE, festival["organiser"])}


def test_who_leaves_early_is_signed_out_at_once_and_that_can_be_undone(festival, make, as_person, token):
    person = make.person("何嘉怡", home=festival["branch"])
    desk = as_person(festival["organiser"])
    scan(desk, token(person))
    with clock.frozen_at(NOON + timedelta(minutes=90)):
        again = scan(desk, token(person))
        assert "要先走，现在签退" in again.text
        leave = re.search(r'action="(/staff-scans/[^"]+/departure)"', again.text)[1]
        left = desk.post(leave, follow_redirects=True)
        assert "已签退" in left.text
        assert hours.sums(person) == hours.Sums(service_credit=90)
        undo = re.search(r'action="(/staff-scans/[^"]+/undoing)"', left.text)[1]
        assert as_person(make.person("路人")).post(undo).status_code == 404
        assert "已撤销" in desk.post(undo, follow_redirects=True).text
    assert hours.sums(person) == hours.Sums()


def test_nobody_scans_themselves(festival, make, as_person, token):
    desk, own = as_person(festival["organiser"]), token(festival["organiser"])
    assert "这是您自己的码" in desk.get(f"/p/{own}").text
    page = desk.get(f"/p/{token(make.person('何嘉怡'))}").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("id", "ticket")}
    answer = desk.post(f"/p/{own}/scans", data=fields)
    assert answer.status_code == 403
    assert "不能给自己签" in answer.text


def test_to_others_the_code_says_nothing(festival, make, as_person, client, token):
    person = make.person("何嘉怡", home=festival["branch"])
    for browser in (client, as_person(make.person("路人"))):
        page = browser.get(f"/p/{token(person)}").text
        assert "这是街坊的签到码" in page
        assert "何嘉怡" not in page


def test_an_organiser_of_another_place_can_not_use_it(festival, make, as_person, token):
    other = make.person("别处的")
    make.grant(other, Role.ORGANISER, make.unit("别的社区"))
    person = make.person("何嘉怡", home=festival["branch"])
    desk = as_person(festival["organiser"])
    page = desk.get(f"/p/{token(person)}").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("id", "ticket")}
    assert as_person(other).post(f"/p/{token(person)}/scans", data=fields).status_code == 404


def test_a_forged_code_is_refused_kindly(festival, as_person, token):
    desk = as_person(festival["organiser"])
    answer = desk.get(f"/p/{token(1)[:-3]}xyz")
    assert answer.status_code == 404
    assert "给您看“我的码”" in answer.text


def test_with_two_activities_running_it_asks_which(festival, make, as_person, token):
    second = make.activity(festival["branch"], festival["organiser"], title="主题巡查")
    make.shift(second, NOON, 2)
    page = as_person(festival["organiser"]).get(f"/p/{token(make.person('何嘉怡'))}").text
    assert "是哪一场" in page
    assert "data-autopost" not in page


def test_which_of_two_activities_is_asked_once_a_session(festival, make, as_person, token):
    second = make.activity(festival["branch"], festival["organiser"], title="主题巡查")
    make.shift(second, NOON, 2)
    desk = as_person(festival["organiser"])
    one, other = make.person("何嘉怡"), make.person("梁凤珍")
    page = desk.get(f"/p/{token(one)}").text
    form = next(part for part in page.split("<form") if "主题巡查" in part)
    desk.post(f"/p/{token(one)}/scans", data={name: re.search(rf'name="{name}" value="([^"]+)"', form)[1] for name in ("id", "ticket")})
    page = desk.get(f"/p/{token(other)}").text
    assert "是哪一场" not in page
    assert "data-autopost" in page
    assert "照上一位，签在“主题巡查”" in page
    assert "是哪一场" in desk.get(f"/p/{token(other)}?door=ask").text
