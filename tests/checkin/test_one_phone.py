"""One phone for two people, what an opened page says later, and what a tap will do."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities.rules import CodeWay
from app.checkin.models import Attendance
from app.checkin.rules import rotating_tail
from app.checkin.service.gates import ask_day_code
from app.core.db import db, in_transaction
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


class TestTheActivitysOwnPage:
    def test_says_since_when_the_reader_is_in_and_asks_for_no_sign_up_to_that_shift(self, fair, make, as_person):
        phone = as_person(make.person(home=fair["branch"]))
        page = phone.get(f"/activities/{fair['activity']}").text
        assert "选一个班次" in page
        phone.post("/scans", data=open_code(phone, fair["code"]))
        page = phone.get(f"/activities/{fair['activity']}").text
        assert "您已签到 今天 12:00" in page
        assert "选一个班次" not in page
        assert 'form="signup"' not in page
        with at(170):
            phone.post("/scans", data=open_code(phone, fair["code"]))
            assert "您已签退 今天 14:50" in phone.get(f"/activities/{fair['activity']}").text

    def test_another_shift_may_still_be_taken(self, fair, make, as_person):
        evening = make.shift(fair["activity"], NOON + timedelta(hours=5), 2, name="晚间组")
        phone = as_person(make.person(home=fair["branch"]))
        phone.post("/scans", data=open_code(phone, fair["code"]))
        page = phone.get(f"/activities/{fair['activity']}?shift={evening}").text
        assert "再报一个班次" in page
        assert "再报这一班" in page


class TestTheTab:
    def test_says_that_a_shift_is_open_for_check_in(self, fair, make, as_person):
        person = make.person(home=fair["branch"])
        later = make.activity(fair["branch"], fair["organiser"], title="主题巡查")
        make.signup(make.shift(later, NOON + timedelta(hours=4), 2, name="巡查组"), person)
        phone = as_person(person)
        assert "15:00 起可以签到" in phone.get("/check-in").text
        with at(181):
            page = phone.get("/check-in").text
            assert "现在可以签到" in page
            assert "起可以签到" not in page


class TestAStaleCode:
    def test_is_said_before_anything_is_typed(self, fair, make, client, app, as_person):
        activity = make.activity(fair["branch"], fair["organiser"], way=CodeWay.ROTATING)
        make.shift(activity, NOON, 3)
        in_transaction(lambda: ask_day_code(activity, fair["organiser"], NOON, on=True))
        stale = f"{code_of(activity)}-{rotating_tail(app.config['SECRET_KEY'], activity, NOON - timedelta(minutes=5))}"
        for phone in (client, as_person(make.person(home=fair["branch"]))):
            page = phone.get(f"/c/{stale}").text
            assert "这个码已更新" in page
            assert "四位数字" not in page
            assert "我来服务" not in page
        page = client.get(f"/c/{code_of(activity)}").text
        assert "请扫现场屏幕上的码" in page

    def test_a_page_that_was_opened_and_left_is_no_check_in_of_that_time(self, fair, client):
        serve(client, fair["code"], "郭志明", "13900006291")
        with at(30):
            client.get(f"/c/{fair['code']}")
        with at(160):
            assert "点一下就签退" in client.get(f"/c/{fair['code']}").text
