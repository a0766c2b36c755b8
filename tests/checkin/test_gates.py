"""Several gates, every way to check in on one activity, helpers, screens and visitors: each scan says where and how it came."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.activities.models import Activity
from app.activities.rules import CodeWay
from app.cards import service as cards
from app.cards.rules import card_token
from app.checkin import queries, service
from app.checkin.models import Attendance, Scan
from app.checkin.queries import gates
from app.checkin.rules import WAY_NAMES, Outcome, ShownCode, Way, rotating_tail
from app.checkin.service.gates import add_gate
from app.checkin.views.codes import key, signer
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.people.models import Person
from tests.conftest import NOON, statements
from tests.factories import Factory


def at(minutes):
    return clock.frozen_at(NOON + timedelta(minutes=minutes))


@pytest.fixture
def fair(make: Factory, app):
    """An activity from noon to three with two gates, its branch, its organiser."""

    class Fair:
        branch = make.unit("灯湖社区党委", parent=make.unit("桂城街道党工委"))
        organiser = make.person("霍静雯", home=branch)
        activity = make.activity(branch, organiser)
        shift = make.shift(activity, NOON, 3)

    make.grant(Fair.organiser, Role.ORGANISER, Fair.branch)
    Fair.code = db.session.scalars(select(Activity.code).where(Activity.id == Fair.activity)).one()
    for name in ("东门", "地铁口"):
        in_transaction(lambda name=name: add_gate(Fair.activity, name, Fair.organiser, NOON))
    return Fair


@pytest.fixture
def desk(fair, as_person):
    return as_person(fair.organiser)


def fields_of(page):
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("id", "ticket")}


def scan_poster(phone, address):
    page = phone.get(address)
    assert page.status_code == 200, page.text
    return phone.post("/scans", data=fields_of(page), follow_redirects=True)


def gate_of_last_scan():
    return db.session.execute(select(Scan.gate_id).order_by(Scan.received_at.desc()).limit(1)).scalar_one()


def gate_id(fair, number):
    return gates.gate_ids(fair.activity)[number]


class TestGates:
    def test_a_name_is_given_once(self, fair, desk):
        again = desk.post(f"/activities/{fair.activity}/gates", data={"name": " 东门 "})
        assert again.status_code == 422
        assert "已经有这个门，是 1 号，请换个名字" in again.text
        renamed = desk.post(f"/activities/{fair.activity}/gates/2/name", data={"name-2": "东门"})
        assert renamed.status_code == 422
        assert "已经有这个门，是 1 号" in renamed.text
        assert [gate.name for gate in gates.gates_of(fair.activity)] == ["东门", "地铁口"]
        assert desk.post(f"/activities/{fair.activity}/gates/2/name", data={"name-2": "地铁口"}).status_code == 303

    def test_a_closed_gate_of_that_name_is_opened_again_instead(self, fair, desk):
        desk.post(f"/activities/{fair.activity}/gates/1/closing")
        assert (
            "已经有这个门，是 1 号，收起了，点“再开”就能用" in desk.post(f"/activities/{fair.activity}/gates", data={"name": "东门"}).text
        )

    def test_another_activity_may_have_a_gate_of_that_name(self, fair, desk, make):
        other = make.activity(fair.branch, fair.organiser)
        assert desk.post(f"/activities/{other}/gates", data={"name": "东门"}).status_code == 303

    def test_what_a_button_turns_on_stands_on_it(self, fair, desk):
        page = desk.get(f"/activities/{fair.activity}/gates").text
        assert ">开四位数</button>" in page
        assert ">开位置</button>" in page

    def test_the_address_of_a_poster_says_which_gate_it_hangs_at(self, fair, make, as_person):
        assert "签到成功" in scan_poster(as_person(make.person(home=fair.branch)), f"/c/{fair.code}/2").text
        assert gate_of_last_scan() == gate_id(fair, 2)

    def test_the_plain_address_stays_and_belongs_to_no_gate(self, fair, make, as_person):
        assert "签到成功" in scan_poster(as_person(make.person(home=fair.branch)), f"/c/{fair.code}").text
        assert gate_of_last_scan() is None

    def test_a_number_that_no_gate_has_checks_in_all_the_same(self, fair, make, as_person):
        assert "签到成功" in scan_poster(as_person(make.person(home=fair.branch)), f"/c/{fair.code}/77").text
        assert gate_of_last_scan() is None

    def test_one_may_come_by_one_gate_and_leave_by_the_other(self, fair, make, as_person):
        phone = as_person(make.person(home=fair.branch))
        scan_poster(phone, f"/c/{fair.code}/1")
        with at(160):
            assert "已签退" in scan_poster(phone, f"/c/{fair.code}/2").text
        assert set(db.session.scalars(select(Scan.gate_id))) == {gate_id(fair, 1), gate_id(fair, 2)}
        assert db.session.scalar(select(func.count()).select_from(Attendance)) == 1

    def test_signing_in_first_does_not_lose_the_gate(self, fair, make, client):
        page = client.get(f"/c/{fair.code}/2").text
        assert f"next=/c/{fair.code}/2" in page
        client.sign_in(make.person(home=fair.branch))
        scan_poster(client, f"/c/{fair.code}/2")
        assert gate_of_last_scan() == gate_id(fair, 2)

    def test_who_comes_to_serve_and_is_not_known_is_written_down_with_the_gate(self, fair, client):
        client.get(f"/c/{fair.code}/2")
        fields = fields_of(client.get(f"/c/{fair.code}/volunteers/new"))
        answer = client.post(f"/c/{fair.code}/volunteers", data={**fields, "name": "郭志明", "phone": "13900006291"}, follow_redirects=True)
        assert "已记下" in answer.text
        assert gate_of_last_scan() == gate_id(fair, 2)

    def test_a_gate_costs_a_check_in_no_statement(self, fair, make, as_person):
        counted = []
        for address in (f"/c/{fair.code}", f"/c/{fair.code}/2"):
            phone = as_person(make.person(home=fair.branch))
            fields = fields_of(phone.get(address))
            with statements() as sent:
                phone.post("/scans", data=fields, headers={"HX-Request": "true"})
            counted.append(len([one for one in sent if "count(DISTINCT" not in one]))
        assert counted[0] == counted[1]

    def test_the_organisers_scanner_says_at_which_gate_it_stands(self, fair, make, desk):
        person = make.person("何嘉怡", home=fair.branch, phone="13800008821")
        entry = {"id": str(uuid4()), "at": NOON.isoformat(), "name": "何嘉怡", "tail": "8821", "gate": 2}
        sent = {"sent_at": NOON.isoformat(), "scans": [entry]}
        assert desk.post(f"/activities/{fair.activity}/uploads", json=sent).json["results"][0]["outcome"] == "in"
        assert db.session.execute(select(Scan.gate_id, Scan.person_id)).one() == (gate_id(fair, 2), person)
        page = desk.get(f"/activities/{fair.activity}/scanner").text
        assert '<option value="2">地铁口</option>' in page

    def test_a_code_of_a_gate_that_waited_without_signal_keeps_it(self, fair, make, as_person):
        phone = as_person(make.person(home=fair.branch))
        for code in (f"{fair.code}/2", f"https://shulin.example/c/{fair.code}/1"):
            entry = {"id": str(uuid4()), "at": NOON.isoformat(), "code": code}
            phone.post("/late-scans", json={"sent_at": NOON.isoformat(), "scans": [entry]})
        found = set(db.session.scalars(select(Scan.gate_id)))
        assert found == {gate_id(fair, 1), gate_id(fair, 2)}


class TestThePageOfTheDoor:
    def test_an_organiser_adds_renames_closes_and_reopens_a_gate(self, fair, desk):
        where = f"/activities/{fair.activity}/gates"
        assert "加好了，是 3 号门" in desk.post(where, data={"name": "北门"}, follow_redirects=True).text
        assert "改名为北大门" in desk.post(f"{where}/3/name", data={"name-3": "北大门"}, follow_redirects=True).text
        assert "收起了" in desk.post(f"{where}/3/closing", follow_redirects=True).text
        assert "北大门" not in desk.get(f"/activities/{fair.activity}/scanner").text
        desk.post(f"{where}/3/opening")
        assert "北大门" in desk.get(f"/activities/{fair.activity}/scanner").text

    def test_a_gate_without_a_name_is_asked_for_one(self, fair, desk):
        answer = desk.post(f"/activities/{fair.activity}/gates", data={"name": " "})
        assert answer.status_code == 422
        assert "请填写门的名字" in answer.text

    def test_the_poster_of_a_closed_gate_still_checks_in(self, fair, make, desk, as_person):
        desk.post(f"/activities/{fair.activity}/gates/2/closing")
        assert "签到成功" in scan_poster(as_person(make.person(home=fair.branch)), f"/c/{fair.code}/2").text
        assert gate_of_last_scan() == gate_id(fair, 2)

    def test_each_gate_has_a_poster_that_names_it(self, fair, desk):
        page = desk.get(f"/activities/{fair.activity}/gates/2/poster")
        assert "地铁口" in page.text
        assert desk.get(f"/activities/{fair.activity}/gates/9/poster").status_code == 404

    def test_the_console_counts_each_gate(self, fair, make, desk, as_person):
        for number in (1, 2, 2):
            scan_poster(as_person(make.person(home=fair.branch)), f"/c/{fair.code}/{number}")
        assert [(gate.name, gate.came) for gate in gates.gates_of(fair.activity)] == [("东门", 1), ("地铁口", 2)]
        assert "<dt>地铁口</dt><dd>来了 2</dd>" in desk.get(f"/activities/{fair.activity}/door").text

    def test_nobody_else_sets_up_a_door(self, fair, make, as_person):
        other = make.person("冼柏豪", home=fair.branch)
        assert as_person(other).get(f"/activities/{fair.activity}/gates").status_code == 404
        elsewhere = make.unit("另一支部")
        make.grant(other, Role.ORGANISER, elsewhere)
        assert as_person(other).post(f"/activities/{fair.activity}/gates", data={"name": "后门"}).status_code == 404


class TestEveryWayOnOneActivity:
    """A poster hangs, and all the other ways work beside it; what stands on record says which it was."""

    def recorded(self, person):
        return db.session.execute(select(Attendance.in_way).where(Attendance.person_id == person)).scalar_one()

    def test_by_poster(self, fair, make, as_person):
        person = make.person(home=fair.branch)
        scan_poster(as_person(person), f"/c/{fair.code}")
        assert self.recorded(person) is Way.POSTER

    def test_by_the_short_code(self, fair, make, as_person):
        person = make.person(home=fair.branch)
        phone = as_person(person)
        page = phone.post("/check-in", data={"code": fair.code.lower()}, follow_redirects=True)
        phone.post("/scans", data=fields_of(page))
        assert self.recorded(person) is Way.TYPED_CODE

    def test_by_the_screen_where_it_renews_its_code(self, fair, make, as_person):
        moving = make.activity(fair.branch, fair.organiser, way=CodeWay.ROTATING)
        make.shift(moving, NOON, 3)
        code = db.session.scalars(select(Activity.code).where(Activity.id == moving)).one()
        person = make.person(home=fair.branch)
        scan_poster(as_person(person), f"/c/{code}-{rotating_tail(key(), moving, NOON)}")
        assert self.recorded(person) is Way.ROTATING

    def test_by_the_code_on_their_phone(self, app, fair, make, desk):
        person = make.person(home=fair.branch)
        with app.test_request_context():
            token = signer().dumps(person)
        self.upload(desk, fair, code=f"https://shulin.example/p/{token}")
        assert self.recorded(person) is Way.PERSONAL_CODE

    def test_by_card(self, app, fair, make, desk):
        from app.cards import queries as read

        person = make.person(home=fair.branch)
        in_transaction(lambda: cards.issue([person], fair.organiser, NOON))
        with app.test_request_context():
            token = card_token(key(), read.valid_card(person).id)
        self.upload(desk, fair, code=f"https://shulin.example/p/{token}")
        assert self.recorded(person) is Way.CARD

    def test_by_name(self, fair, make, desk):
        person = make.person("何嘉怡", home=fair.branch, phone="13800008821")
        self.upload(desk, fair, name="何嘉怡", tail="8821")
        assert self.recorded(person) is Way.NAMED

    def test_on_paper(self, fair, make):
        """See test_sheet.py for the whole way from the print to the record."""
        person = make.person(home=fair.branch)
        spell = service.PaperSpell(person, NOON, NOON + timedelta(hours=2))
        times = queries.door_times(fair.activity).shifts[0]
        event = queries.event_of(fair.activity)
        later = NOON + timedelta(hours=4)
        batch = in_transaction(
            lambda: service.record_paper(event, times, [spell], later, made_by_id=fair.organiser, approved_by_id=person, batch_id=1)
        )
        assert batch[person].minutes == 120
        assert self.recorded(person) is Way.PAPER

    def test_leaving_by_the_button_and_by_the_organiser(self, fair, make, as_person):
        one, other = make.person(home=fair.branch), make.person(home=fair.branch)
        phone = as_person(one)
        scan_poster(phone, f"/c/{fair.code}")
        scan_poster(as_person(other), f"/c/{fair.code}")
        with at(60):
            page = scan_poster(phone, f"/c/{fair.code}")
            phone.post(re.search(r'action="(/scans/[^"]+/departure)"', page.text)[1])
        spells = {row.person_id: row.id for row in queries.spells_of(fair.activity)}
        end = NOON + timedelta(hours=2)
        in_transaction(lambda: service.sign_out_all(fair.activity, {spells[other]: end}, fair.organiser, end + timedelta(hours=2)))
        ways = dict(db.session.execute(select(Attendance.person_id, Attendance.out_way)).all())
        assert ways == {one: Way.BUTTON, other: Way.ORGANISER}

    def test_each_has_its_name_on_record(self):
        assert set(WAY_NAMES) == set(Way)

    def upload(self, desk, fair, **what):
        entry = {"id": str(uuid4()), "at": NOON.isoformat(), "gate": 1, **what}
        answer = desk.post(f"/activities/{fair.activity}/uploads", json={"sent_at": NOON.isoformat(), "scans": [entry]})
        assert answer.json["results"][0]["outcome"] == "in", answer.json


class TestHelpersAndScreens:
    def test_a_helper_takes_over_at_a_gate_until_the_shifts_end(self, fair, make, desk, as_person):
        helper = make.person("郭志明", home=fair.branch, phone="13800006291")
        phone = as_person(helper)
        scan_poster(phone, f"/c/{fair.code}/1")
        assert phone.get(f"/activities/{fair.activity}/scanner").status_code == 404
        answer = desk.post(f"/activities/{fair.activity}/helpers", data={"name": "郭志明", "tail": "6291"}, follow_redirects=True)
        assert "今天可以帮忙签到了" in answer.text
        guest = make.person("何嘉怡", home=fair.branch, phone="13800008821")
        make.signup(fair.shift, guest)
        with at(30):
            assert "地铁口" in phone.get(f"/activities/{fair.activity}/scanner").text
            entry = {"id": str(uuid4()), "at": clock.now().isoformat(), "name": "何嘉怡", "tail": "8821", "gate": 2}
            sent = {"sent_at": clock.now().isoformat(), "scans": [entry]}
            assert phone.post(f"/activities/{fair.activity}/uploads", json=sent).json["results"][0]["outcome"] == "in"
        scan = db.session.execute(select(Scan.by_id, Scan.gate_id).where(Scan.person_id == guest)).one()
        assert scan == (helper, gate_id(fair, 2))
        with at(4 * 60 + 1):  # an hour after the end
            assert phone.get(f"/activities/{fair.activity}/scanner").status_code == 404
            assert phone.get(f"/activities/{fair.activity}/door").status_code == 404

    def test_a_helper_reads_the_code_of_the_day_but_sets_nothing_up(self, fair, make, desk, as_person):
        desk.post(f"/activities/{fair.activity}/day-code", data={"on": "1"})
        helper = make.person("郭志明", home=fair.branch)
        in_transaction(lambda: service.appoint_helper([fair.shift], helper, fair.organiser, "灯湖邻里节", "/", NOON))
        phone = as_person(helper)
        assert "今天的四位数" in phone.get(f"/activities/{fair.activity}/door").text
        assert phone.get(f"/activities/{fair.activity}/gates").status_code == 404

    def test_a_screen_stands_at_its_gate_and_goes_dark_at_midnight(self, fair, make, as_person, client):
        moving = make.activity(fair.branch, fair.organiser, way=CodeWay.ROTATING)
        make.shift(moving, NOON, 3)
        in_transaction(lambda: add_gate(moving, "南门", fair.organiser, NOON))
        desk = as_person(fair.organiser)
        where = desk.get(f"/activities/{moving}/screen?gate=1").location
        page = client.get(where)
        assert "南门" in page.text
        code = re.search(r"短码 <strong>([^<]+)</strong>", page.text)[1]
        person = make.person(home=fair.branch)
        scan_poster(as_person(person), f"/c/{code}/1")
        assert gate_of_last_scan() == gate_id_of(moving, 1)
        with at(5 * 60):  # the shift is over, the day is not
            assert client.get(where).status_code == 200
        with at(12 * 60 + 1):
            assert client.get(where).status_code == 404


def gate_id_of(activity, number):
    return gates.gate_ids(activity)[number]


def test_three_thousand_visitors_create_no_person_and_no_minute(fair):
    people = db.session.scalar(select(func.count()).select_from(Person))
    one, other = gate_id(fair, 1), gate_id(fair, 2)

    def come():
        for place in range(3000):
            shown = ShownCode(uuid4(), fair.activity, Way.POSTER, NOON, gate_id=one if place % 3 else other)
            assert service.record_visit(shown, f"{place:032x}", NOON).outcome is Outcome.VISITOR

    in_transaction(come)
    assert queries.visitors(fair.activity) == 3000
    assert [gate.came for gate in gates.gates_of(fair.activity)] == [2000, 1000]
    assert db.session.scalar(select(func.count()).select_from(Person)) == people
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 0
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == 0
