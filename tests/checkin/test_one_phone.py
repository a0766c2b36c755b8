"""One phone for two people, what an opened page says later, and what a tap will do."""

import re

import pytest
from sqlalchemy import select

from app.activities.rules import CodeWay
from app.checkin.models import Attendance
from app.checkin.rules import rotating_tail
from app.core.db import db
from app.proxies.models import Proxy
from app.proxies.rules import Agreement, Relation
from tests.checkin.test_door import at, code_of, open_code
from tests.conftest import NOON


@pytest.fixture
def fair(make):
    branch = make.unit("灯湖社区党委", parent=make.unit("桂城街道党工委"))
    organiser = make.person("霍静雯", home=branch)
    activity = make.activity(branch, organiser)
    make.shift(activity, NOON, 3)
    return {"branch": branch, "organiser": organiser, "activity": activity, "code": code_of(activity)}


def fields_of(page):
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("id", "ticket")}


def serve(client, code, name, phone):
    client.get(f"/c/{code}")
    fields = fields_of(client.get(f"/c/{code}/volunteers/new").text)
    return client.post(f"/c/{code}/volunteers", data={**fields, "name": name, "phone": phone}, follow_redirects=True)


def taps(page):
    """name → the fields of the form beside it."""
    forms = re.findall(r"<form[^>]*/scans\".*?</form>", page, re.DOTALL)
    return {
        re.search(r"<b>我是([^<]+)</b>", one)[1]: {
            field: re.search(rf'name="{field}" value="([^"]+)"', one)[1] for field in ("id", "ticket", "person")
        }
        for one in forms
    }


class TestACoupleOnOnePhone:
    def test_the_second_one_is_never_the_first(self, fair, client):
        first = serve(client, fair["code"], "郭志明", "13900006291").text
        assert "不是您？再签一位" in first
        with at(5):
            page = client.get(f"/c/{fair['code']}").text
            assert "是哪一位" in page
            assert "我是郭志明" in page
            assert "不是，再签一位" in page
            assert "data-autopost" not in page
            second = serve(client, fair["code"], "冯秀珍", "13900006292").text
        assert "已记下" in second
        assert "冯秀珍" in second
        assert [row.out_at for row in db.session.scalars(select(Attendance))] == [None, None]

    def test_each_signs_out_by_their_own_name_only(self, fair, client):
        serve(client, fair["code"], "郭志明", "13900006291")
        with at(5):
            serve(client, fair["code"], "冯秀珍", "13900006292")
        with at(170):
            page = client.get(f"/c/{fair['code']}").text
            assert page.count("点一下就签退") == 2
            answer = client.post("/scans", data=taps(page)["郭志明"], follow_redirects=True).text
        assert "已签退" in answer
        open_spells = [row.person_id for row in db.session.scalars(select(Attendance).where(Attendance.out_at.is_(None)))]
        assert len(open_spells) == 1

    def test_what_was_tapped_for_the_first_may_be_ended_and_undone_by_the_first(self, fair, client):
        serve(client, fair["code"], "郭志明", "13900006291")
        serve(client, fair["code"], "冯秀珍", "13900006292")
        with at(60):
            page = client.get(f"/c/{fair['code']}").text
            assert "点一下不会签退" in page
            seen = client.post("/scans", data=taps(page)["郭志明"], follow_redirects=True).text
            assert "郭志明已签到" in seen
            assert "郭志明现在签退" in seen
            left = client.post(re.search(r'action="([^"]+/departure)"', seen)[1], follow_redirects=True).text
            assert "核实您是谁以后就记入时长" in left
            undone = client.post(re.search(r'action="([^"]+/undoing)"', left)[1], follow_redirects=True).text
        assert "已撤销签退" in undone

    def test_nobody_signs_for_somebody_whom_this_phone_did_not_write_down(self, fair, client, make):
        serve(client, fair["code"], "郭志明", "13900006291")
        stranger = make.person("何嘉怡", home=fair["branch"])
        page = client.get(f"/c/{fair['code']}").text
        assert client.post("/scans", data={**taps(page)["郭志明"], "person": stranger}).status_code == 404

    def test_the_screens_code_stays_good_for_the_second_one(self, fair, client, make, app):
        activity = make.activity(fair["branch"], fair["organiser"], way=CodeWay.ROTATING)
        make.shift(activity, NOON, 3)
        code = f"{code_of(activity)}-{rotating_tail(app.config['SECRET_KEY'], activity, NOON)}"
        first = serve(client, code, "郭志明", "13900006291").text
        link = re.search(r'href="([^"]+volunteers/new)"', first)[1]
        with at(3):
            fields = fields_of(client.get(link).text)
            answer = client.post(
                link.removesuffix("/new"), data={**fields, "name": "冯秀珍", "phone": "13900006292"}, follow_redirects=True
            )
        assert "已记下" in answer.text

    def test_who_is_signed_in_is_not_asked(self, fair, make, as_person):
        phone = as_person(make.person(home=fair["branch"]))
        answer = phone.post("/scans", data=open_code(phone, fair["code"]), follow_redirects=True).text
        assert "再签一位" not in answer


class TestAPageOpenedAgain:
    def test_says_the_state_now(self, fair, make, as_person):
        phone = as_person(make.person(home=fair["branch"]))
        came = phone.post("/scans", data=open_code(phone, fair["code"])).location
        with at(60):
            second = phone.post("/scans", data=open_code(phone, fair["code"])).location
            page = phone.get(second).text
            assert "您已签到" in page
            left = phone.post(f"{second}/departure", follow_redirects=True).text
            for address in (came, second):
                page = phone.get(address).text
                assert "已签退" in page
                assert "13:00" in page
                assert "不用再扫" not in page
                assert "您已签到" not in page
            out = re.search(r'action="([^"]+)/undoing"', left)[1]
            phone.post(f"{out}/undoing")
            page = phone.get(out).text
            assert "已撤销签退" in page
            assert "还在服务中" in page

    def test_a_refusal_stays_a_refusal(self, fair, make, as_person):
        person = make.person(home=fair["branch"])
        phone = as_person(person)
        for begin in (0, 30, 60):
            with at(begin):
                phone.post("/scans", data=open_code(phone, fair["code"]))
            with at(begin + 18):
                second = phone.post("/scans", data=open_code(phone, fair["code"])).location
                phone.post(f"{second}/departure")
        with at(100):
            refused = phone.post("/scans", data=open_code(phone, fair["code"])).location
            assert "今天已经进出 3 次" in phone.get(refused).text

    def test_is_asked_for_anew_when_the_browser_kept_it(self, fair, make, as_person):
        phone = as_person(make.person(home=fair["branch"]))
        page = phone.get(phone.post("/scans", data=open_code(phone, fair["code"])).location).text
        assert "data-fresh" in page


class TestTheNamesThatOneActsFor:
    def test_say_what_a_tap_will_do(self, fair, make, as_person):
        owner, ward = make.person("梁凤珍", home=fair["branch"]), make.person("梁伯", home=fair["branch"])
        values = {"relation": Relation.FAMILY, "person_agreed": Agreement.OWN_PHONE, "made_by_id": ward}
        dates = {"person_agreed_at": NOON, "proxy_agreed_at": NOON, "valid_from": NOON}
        make._add(Proxy, person_id=ward, proxy_id=owner, **values, **dates)
        phone = as_person(owner)
        page = phone.get(f"/c/{fair['code']}").text
        assert page.count("还没签到，点一下就签到") == 2
        sign(phone, page, ward)
        with at(60):
            page = phone.get(f"/c/{fair['code']}").text
            assert "点一下不会签退，会问要不要先走" in page
            assert "14:30 以后点，就是签退" in page
        with at(155):
            page = phone.get(f"/c/{fair['code']}").text
            assert "点一下就签退" in page
            sign(phone, page, ward)
        with at(157):
            assert "不用再点" in phone.get(f"/c/{fair['code']}").text


def sign(phone, page, person):
    one = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'name="person" value="{person}"' in one)
    phone.post("/scans", data={name: re.search(rf'name="{name}" value="([^"]+)"', one)[1] for name in ("id", "ticket", "person")})
