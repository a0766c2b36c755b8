"""The door as phones and organisers meet it: addresses, pages, redirects."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, inspect, select

from app.activities.rules import CodeWay
from app.checkin.models import Scan
from app.checkin.queries.door import _DOOR
from app.checkin.rules import rotating_tail
from app.checkin.views import pacing
from app.core import clock
from app.core.db import db, is_sqlite
from app.core.permissions import Role
from app.hours import queries as hours
from app.people.models import Person
from tests.conftest import NOON


@pytest.fixture
def festival(make):
    branch = make.unit("灯湖社区党委", parent=make.unit("桂城街道党工委"))
    organiser = make.person("霍静雯", home=branch)
    make.grant(organiser, Role.ORGANISER, branch)
    activity = make.activity(branch, organiser)
    make.shift(activity, NOON, 3)
    return {"branch": branch, "organiser": organiser, "activity": activity, "code": code_of(activity)}


def code_of(activity):
    from app.activities.queries import activity as read

    return read(activity).code


def open_code(client, code):
    page = client.get(f"/c/{code}")
    assert page.status_code == 200, page.text
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("id", "ticket") if f'name="{name}"' in page.text}


def at(minutes):
    return clock.frozen_at(NOON + timedelta(minutes=minutes))


def test_a_known_volunteer_is_checked_in_and_out(festival, make, as_person):
    person = make.person(home=festival["branch"])
    phone = as_person(person)
    answer = phone.post("/scans", data=open_code(phone, festival["code"]), follow_redirects=True)
    assert "签到成功" in answer.text
    with at(160):
        answer = phone.post("/scans", data=open_code(phone, festival["code"]), follow_redirects=True)
        assert "已签退" in answer.text
        assert "谢谢您" in answer.text
    assert hours.sums(person).service_credit == 160


def test_opening_reloading_and_going_back_change_nothing(festival, make, as_person):
    person = make.person(home=festival["branch"])
    phone = as_person(person)
    fields = open_code(phone, festival["code"])
    first = phone.post("/scans", data=fields)
    assert first.status_code == 303
    again = phone.post("/scans", data=fields)
    assert again.location == first.location
    for _ in range(3):
        open_code(phone, festival["code"])
        assert "签到成功" in phone.get(first.location).text


def test_the_script_gets_the_verdict_and_its_address_at_once(festival, make, as_person):
    phone = as_person(make.person(home=festival["branch"]))
    answer = phone.post("/scans", data=open_code(phone, festival["code"]), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "签到成功" in answer.text
    assert "<html" not in answer.text
    assert answer.headers["X-Page"].startswith("/scans/")


def test_someone_unknown_is_asked_one_question(festival, client):
    page = client.get(f"/c/{festival['code']}").text
    assert "我来服务" in page
    assert "我来逛逛" in page


def test_a_visitor_is_counted_and_nothing_is_asked(festival, client):
    answer = client.post("/visits", data=open_code(client, festival["code"]), follow_redirects=True)
    assert "没有记您是谁" in answer.text


def test_i_come_to_serve_is_recorded_and_confirmed_by_the_organiser(festival, client, as_person):
    fields = open_code(client, festival["code"])
    page = client.get(f"/c/{festival['code']}/volunteers/new")
    fields["id"] = re.search(r'name="id" value="([^"]+)"', page.text)[1]
    answer = client.post(
        f"/c/{festival['code']}/volunteers", data={**fields, "name": "郭志明", "phone": "139 0000 6291"}, follow_redirects=True
    )
    assert "已记下" in answer.text
    assert "等工作人员核实" in answer.text
    with at(170):
        answer = client.post("/scans", data=open_code(client, festival["code"]), follow_redirects=True)
        assert "核实您是谁以后就记入时长" in answer.text
    desk = as_person(festival["organiser"])
    console = desk.get(f"/activities/{festival['activity']}/door").text
    assert "郭志明" in console
    assert "尾号 6291" in console
    person = re.search(r'name="person" value="(\d+)"', console)[1]
    with at(175):
        answer = desk.post(f"/activities/{festival['activity']}/confirmations", data={"person": person}, follow_redirects=True)
    assert "已核实 1 位" in answer.text
    assert hours.sums(int(person)).service_credit == 170


def serve(phone, code, number):
    fields = open_code(phone, code)
    page = phone.get(f"/c/{code}/volunteers/new")
    fields["id"] = re.search(r'name="id" value="([^"]+)"', page.text)[1]
    return phone.post(f"/c/{code}/volunteers", data={**fields, "name": "郭志明", "phone": f"1390000{number}"}, follow_redirects=True)


def test_a_script_at_the_poster_s_address_does_not_fill_the_site_with_people(festival, app, monkeypatch):
    monkeypatch.setattr(pacing, "WALK_INS", replace(pacing.WALK_INS, most=2))
    people = db.session.scalar(select(func.count()).select_from(Person))
    answers = [serve(app.test_client(), festival["code"], number) for number in range(6291, 6295)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert "请找工作人员当面登记" in answers[-1].text
    assert db.session.scalar(select(func.count()).select_from(Person)) == people + 2
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 2


def test_nor_with_visitors(festival, app, monkeypatch):
    monkeypatch.setattr(pacing, "VISITS", replace(pacing.VISITS, most=2))
    phones = [app.test_client() for _ in range(4)]
    answers = [phone.post("/visits", data=open_code(phone, festival["code"])).status_code for phone in phones]
    assert answers == [303, 303, 429, 429]
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 2


def test_faults_stand_beside_their_fields_and_what_was_typed_is_kept(festival, client):
    fields = open_code(client, festival["code"])
    page = client.get(f"/c/{festival['code']}/volunteers/new")
    fields["id"] = re.search(r'name="id" value="([^"]+)"', page.text)[1]
    answer = client.post(f"/c/{festival['code']}/volunteers", data={**fields, "name": "", "phone": "1390000"})
    assert answer.status_code == 422
    assert "请填写姓名" in answer.text
    assert "应是 11 位，这里是 7 位" in answer.text
    assert 'value="1390000"' in answer.text


def test_signing_in_first_does_not_lose_the_scan(festival, make, client):
    open_code(client, festival["code"])
    person = make.person(home=festival["branch"])
    client.sign_in(person)
    with at(9):
        answer = client.post("/scans", data=open_code(client, festival["code"]), follow_redirects=True)
    assert "12:00" in answer.text


def test_a_screens_code_renews_and_an_old_one_says_what_to_do(make, as_person, festival, site):
    activity = make.activity(festival["branch"], festival["organiser"], way=CodeWay.ROTATING)
    make.shift(activity, NOON)
    code = code_of(activity)
    phone = as_person(make.person(home=festival["branch"]))
    tail = rotating_tail(site.app.secret_key, activity, NOON)
    stale = rotating_tail(site.app.secret_key, activity, NOON - timedelta(minutes=5))
    assert "请扫屏幕上的新码" in phone.post("/scans", data=open_code(phone, f"{code}-{stale}"), follow_redirects=True).text
    assert "请扫现场屏幕" in phone.post("/scans", data=open_code(phone, code), follow_redirects=True).text
    assert "签到成功" in phone.post("/scans", data=open_code(phone, f"{code}-{tail}"), follow_redirects=True).text


def test_unknown_and_forged_codes_say_what_to_do_next(festival, make, as_person):
    phone = as_person(make.person())
    answer = phone.get("/c/ZZZZ")
    assert answer.status_code == 404
    assert "请现场人员再给您看一次" in answer.text
    fields = open_code(phone, festival["code"])
    answer = phone.post("/scans", data={**fields, "ticket": fields["ticket"][:-3] + "abc"})
    assert answer.status_code == 409
    assert "再扫一次" in answer.text
    assert phone.post("/scans", data={"id": "x"}).status_code == 409


def test_a_short_code_is_typed_in_any_way(festival, make, as_person):
    phone = as_person(make.person())
    answer = phone.post("/check-in", data={"code": f" {festival['code'].lower()} "})
    assert answer.status_code == 303
    assert f"/c/{festival['code']}" in answer.location
    assert phone.post("/check-in", data={"code": "QQQQ"}).status_code == 422


def test_a_scans_page_is_for_its_own_person_only(festival, make, as_person):
    phone, other = as_person(make.person(home=festival["branch"])), as_person(make.person("梁凤珍"))
    where = phone.post("/scans", data=open_code(phone, festival["code"])).location
    assert phone.get(where).status_code == 200
    assert other.get(where).status_code == 404


def test_everybody_is_signed_out_and_the_activity_closed(festival, make, as_person):
    phone = as_person(make.person(home=festival["branch"]))
    phone.post("/scans", data=open_code(phone, festival["code"]))
    desk = as_person(festival["organiser"])
    door = f"/activities/{festival['activity']}"
    with at(185):
        form = desk.get(f"{door}/sign-outs").text
        assert "补录时长" in form
        spell = re.search(r'name="spell" value="(\d+)"', form)[1]
        bad = desk.post(f"{door}/sign-outs", data={"spell": spell, f"end-{spell}": "11:00"})
        assert bad.status_code == 422
        assert "离开时间早于签到" in bad.text
        done = desk.post(f"{door}/sign-outs", data={"spell": spell, f"end-{spell}": "14:30"}, follow_redirects=True)
        assert "2 小时 30 分" in done.text
        assert desk.post(f"{door}/closing", data={"served": "六百"}).status_code == 422
        closed = desk.post(f"{door}/closing", data={"served": "620"}, follow_redirects=True)
        assert "办成了" in closed.text
        assert "620" in closed.text


def test_everybody_is_signed_out_who_came_this_very_minute_or_before_midnight(festival, make, as_person):
    night = make.activity(festival["branch"], festival["organiser"], title="夜巡")
    make.shift(night, NOON + timedelta(hours=11), 3)  # 23:00 to 02:00
    desk, door = as_person(festival["organiser"]), f"/activities/{night}/sign-outs"
    with at(11 * 60 + 5):
        as_person(early := make.person("霍伟强")).post("/scans", data=open_code(as_person(early), code_of(night)))
    with at(12 * 60 + 30), at(12 * 60 + 30.5):
        as_person(late := make.person("区慧敏")).post("/scans", data=open_code(as_person(late), code_of(night)))
        ends = dict(re.findall(r'name="(end-\d+)" value="([^"]+)"', desk.get(door).text))
        spells = [name.removeprefix("end-") for name in ends]
        assert "已为 2 位签退" in desk.post(door, data={"spell": spells, **ends}, follow_redirects=True).text
    assert hours.sums(early).service_honour == 85


def test_the_console_is_a_404_for_others(festival, make, as_person):
    outsider = make.person("别人")
    make.grant(outsider, Role.ORGANISER, make.unit("别的社区"))
    for person in (outsider, make.person("路人")):
        browser = as_person(person)
        for path in ("door", "sign-outs", "closing", "screen"):
            assert browser.get(f"/activities/{festival['activity']}/{path}").status_code == 404


def test_a_helper_sees_the_console_until_the_shift_ends(festival, make, as_person):
    person = make.person("邓淑芬", home=festival["branch"], phone="13900008888")
    phone = as_person(person)
    phone.post("/scans", data=open_code(phone, festival["code"]))
    desk = as_person(festival["organiser"])
    desk.post(f"/activities/{festival['activity']}/helpers", data={"name": "邓淑芬", "tail": "8888"})
    assert phone.get(f"/activities/{festival['activity']}/door").status_code == 200
    with at(60 * 4 + 1):
        assert phone.get(f"/activities/{festival['activity']}/door").status_code == 404


def test_the_screen_needs_no_account_and_works_today_only(festival, client, as_person):
    desk = as_person(festival["organiser"])
    address = desk.get(f"/activities/{festival['activity']}/screen").location
    assert "位街坊到了" in client.get(address).text
    assert "<html" not in client.get(address, headers={"HX-Request": "true"}).text
    with clock.frozen_at(NOON + timedelta(days=1)):
        assert client.get(address).status_code == 404
    assert client.get(address[:-2] + ("xx" if address[-2:] != "xx" else "yy")).status_code == 404


def test_what_a_scan_reads_does_not_grow_with_the_crowd(app):
    """Each row that it looks at is found by the person, the scan or the activity: at the 3,000th a queue is as short as at the first."""
    keys = {index["name"]: index["column_names"] for index in inspect(db.engine).get_indexes("attendance")}
    assert keys["ix_attendance_shift"][:2] == ["shift_id", "person_id"]
    if not is_sqlite():
        return  # PostgreSQL plans by its statistics, which an empty table has none of
    asked = _DOOR.compile(db.engine)
    plan = [line[3] for line in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", tuple([1] * len(asked.positiontup)))]
    looks = [line for line in plan if line.startswith(("SEARCH", "SCAN"))]
    assert len(looks) == 10
    for line in looks:
        assert any(key in line for key in ("person_id=?", "rowid=?", "(id=?", "ix_shift_activity (activity_id=?)")), line
