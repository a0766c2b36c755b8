"""The fence: off by default; a phone is asked where it is only then, may say no, and only inside or outside is ever kept."""

import logging
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from app.activities.models import Activity
from app.audit.models import AuditEvent
from app.checkin import service
from app.checkin.fence import Circle, Fence, Spot, judge, metres_between, shifted, spot_of
from app.checkin.models import Attendance, AttendanceReason, Scan
from app.checkin.queries import gates
from app.checkin.reasons import Reason
from app.checkin.service.gates import set_fence
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from tests.conftest import NOON, statements

SQUARE = Circle(23_028_810, 113_143_920, 200)  # 千灯湖
THERE = {"lat": "23.029300", "lng": "113.144100", "acc": "20"}
AWAY = {"lat": "23.061700", "lng": "113.190300", "acc": "20"}


class TestJudging:
    def test_near_is_inside_and_far_is_outside(self):
        assert judge(SQUARE, Spot(23.0293, 113.1441)) is Fence.INSIDE
        assert judge(SQUARE, Spot(23.0617, 113.1903)) is Fence.OUTSIDE
        assert judge(SQUARE, None) is Fence.NOT_GIVEN

    def test_the_edge_is_where_it_was_drawn(self):
        circle = Circle(23_028_810, 113_143_920, 1000)
        north = [Spot(23.02881 + metres / 111_195, 113.14392) for metres in (990, 1010)]
        assert metres_between(circle.centre, north[0]) == pytest.approx(990, abs=2)
        assert judge(circle, north[0]) is Fence.INSIDE
        south_west = Spot(23.02881 - 1100 / 111_195, 113.14392 - 1100 / 102_300)  # away from the shift of the maps
        assert judge(circle, south_west) is Fence.OUTSIDE

    def test_a_phone_that_is_unsure_gets_the_benefit_up_to_a_limit(self):
        far = Spot(23.02881 - 320 / 111_195, 113.14392 - 60 / 102_300)
        assert judge(SQUARE, far) is Fence.OUTSIDE
        assert judge(SQUARE, Spot(far.latitude, far.longitude, 140)) is Fence.INSIDE
        assert judge(SQUARE, Spot(23.0617, 113.1903, 90_000)) is Fence.OUTSIDE

    def test_either_system_of_the_maps_may_be_meant(self):
        """What a map of the mainland shows lies some 500 m from what a satellite says."""
        centre = SQUARE.centre
        assert 300 < metres_between(centre, shifted(centre)) < 900
        assert judge(SQUARE, shifted(centre)) is Fence.INSIDE
        drawn_on_a_map = Circle(round(shifted(centre).latitude * 1e6), round(shifted(centre).longitude * 1e6), 200)
        assert judge(drawn_on_a_map, centre) is Fence.INSIDE

    @pytest.mark.parametrize("said", [("", ""), ("north", "east"), ("91", "10"), ("nan", "1"), ("1", "inf"), ("1", "181")])
    def test_what_is_no_place_on_earth_is_none_given(self, said):
        assert spot_of(*said) is None


@pytest.fixture
def fair(make, app):
    class Fair:
        branch = make.unit("灯湖社区党委", parent=make.unit("桂城街道党工委"))
        organiser = make.person("霍静雯", home=branch)
        activity = make.activity(branch, organiser)
        shift = make.shift(activity, NOON, 3)

    make.grant(Fair.organiser, Role.ORGANISER, Fair.branch)
    Fair.code = db.session.scalars(select(Activity.code).where(Activity.id == Fair.activity)).one()
    in_transaction(lambda: set_fence(Fair.activity, SQUARE, Fair.organiser, NOON))
    return Fair


def fields_of(page):
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("id", "ticket")}


def scan(phone, fair, **where):
    page = phone.get(f"/c/{fair.code}")
    return phone.post("/scans", data={**fields_of(page), **where}, follow_redirects=True)


def kept():
    return list(db.session.scalars(select(Scan.fence).order_by(Scan.received_at)))


class TestAtTheDoor:
    def test_nobody_is_asked_where_there_is_none(self, fair, make, as_person):
        other = make.activity(fair.branch, fair.organiser)
        make.shift(other, NOON, 3)
        code = db.session.scalars(select(Activity.code).where(Activity.id == other)).one()
        phone = as_person(make.person(home=fair.branch))
        page = phone.get(f"/c/{code}")
        assert "fence" not in page.text
        phone.post("/scans", data={**fields_of(page), **THERE})
        assert kept() == [None], "what was sent unasked is not looked at"

    def test_the_page_says_why_and_that_no_is_an_answer(self, fair, make, as_person):
        page = as_person(make.person(home=fair.branch)).get(f"/c/{fair.code}").text
        assert "只判断在不在现场" in page
        assert "不给也照样签到" in page

    @pytest.mark.parametrize(("where", "fence"), [(THERE, Fence.INSIDE), (AWAY, Fence.OUTSIDE), ({}, Fence.NOT_GIVEN)])
    def test_everybody_is_checked_in_and_only_one_word_is_kept(self, fair, make, as_person, where, fence):
        assert "签到成功" in scan(as_person(make.person(home=fair.branch)), fair, **where).text
        assert kept() == [fence]

    def test_no_coordinates_stay_anywhere(self, fair, make, as_person, caplog):
        caplog.set_level(logging.DEBUG)
        scan(as_person(make.person(home=fair.branch)), fair, **AWAY)
        assert "23.0617" not in caplog.text
        row = str(dict(db.session.execute(text("SELECT * FROM scan")).mappings().one()))
        assert "23.0617" not in row
        assert "113.19" not in row
        for event in db.session.scalars(select(AuditEvent)):
            assert "113" not in str(event.detail)

    def test_the_same_scan_sent_again_with_another_place_changes_nothing(self, fair, make, as_person):
        phone = as_person(make.person(home=fair.branch))
        fields = fields_of(phone.get(f"/c/{fair.code}"))
        first = phone.post("/scans", data={**fields, **AWAY})
        assert phone.post("/scans", data={**fields, **THERE}).location == first.location
        assert kept() == [Fence.OUTSIDE]

    def test_a_check_in_without_a_place_asks_no_more_statements_than_ever(self, fair, make, as_person):
        def sent_by(where):
            phone = as_person(make.person(home=fair.branch))
            fields = fields_of(phone.get(f"/c/{fair.code}"))
            with statements() as sent:
                phone.post("/scans", data={**fields, **where}, headers={"HX-Request": "true"})
            return [one for one in sent if "count(DISTINCT" not in one]

        assert [one for one in sent_by({}) if "door_rule" in one] == []
        assert len([one for one in sent_by(THERE) if "door_rule" in one]) == 1

    def test_outside_holds_the_hours_and_the_volunteer_only_reads_that_they_wait(self, fair, make, as_person):
        phone = as_person(make.person(home=fair.branch))
        scan(phone, fair, **AWAY)
        with clock.frozen_at(NOON + timedelta(minutes=170)):
            answer = scan(phone, fair, **THERE)
        assert "待核实" in answer.text
        assert "附近" not in answer.text
        assert db.session.scalars(select(AttendanceReason.reason)).one() is Reason.OUTSIDE
        assert db.session.scalars(select(Attendance.credited_from)).one() is None

    def test_inside_or_no_answer_counts_as_ever(self, fair, make, as_person):
        for where in (THERE, {}):
            phone = as_person(make.person(home=fair.branch))
            scan(phone, fair, **where)
            with clock.frozen_at(NOON + timedelta(minutes=170)):
                assert "谢谢您" in scan(phone, fair, **where).text
        assert db.session.scalars(select(AttendanceReason.reason)).all() == []

    def test_a_place_that_waited_on_the_phone_is_judged_when_it_arrives_and_forgotten(self, fair, make, as_person):
        for where, fence in ((AWAY, Fence.OUTSIDE), (THERE, Fence.INSIDE), (None, Fence.NOT_GIVEN), ("here", Fence.NOT_GIVEN)):
            phone, scan_id = as_person(make.person(home=fair.branch)), uuid4()
            entry = {"id": str(scan_id), "at": NOON.isoformat(), "code": fair.code, "place": where}
            with clock.frozen_at(NOON + timedelta(minutes=40)):
                body = {"sent_at": clock.now().isoformat(), "scans": [entry]}
                assert phone.post("/late-scans", json=body).json["results"][0]["outcome"] == "in"
                again = {**entry, "place": None}
                assert phone.post("/late-scans", json={**body, "scans": [again]}).json["results"][0]["outcome"] == "in"
            assert db.session.scalars(select(Scan.fence).where(Scan.id == scan_id)).one() is fence

    def test_who_is_scanned_by_the_organiser_is_not_asked(self, fair, make):
        person = make.person(home=fair.branch)
        from app.checkin.rules import ShownCode, Way

        shown = ShownCode(uuid4(), fair.activity, Way.CARD, NOON)
        in_transaction(lambda: service.record_scan(shown, person, NOON, by_id=fair.organiser))
        assert kept() == [None]


class TestSettingItUp:
    def test_an_organiser_types_or_takes_the_place_and_the_metres(self, fair, as_person):
        desk = as_person(fair.organiser)
        page = desk.get(f"/activities/{fair.activity}/gates").text
        assert "我在现场，用这里的位置" in page
        answer = desk.post(f"/activities/{fair.activity}/fence", data={"place": "23.05，113.15", "metres": "300"}, follow_redirects=True)
        assert "300 米以内算在现场" in answer.text
        assert gates.rules_of(fair.activity).fence == Circle(23_050_000, 113_150_000, 300)

    def test_a_longitude_first_is_turned_round(self, fair, as_person):
        as_person(fair.organiser).post(f"/activities/{fair.activity}/fence", data={"place": "113.15 23.05", "metres": "300"})
        assert gates.rules_of(fair.activity).fence == Circle(23_050_000, 113_150_000, 300)

    @pytest.mark.parametrize(("place", "metres"), [("", "200"), ("千灯湖", "200"), ("23.05, 113.15", "49"), ("23.05, 113.15", "2001")])
    def test_what_can_not_be_is_said_and_what_was_typed_is_kept(self, fair, as_person, place, metres):
        answer = as_person(fair.organiser).post(f"/activities/{fair.activity}/fence", data={"place": place, "metres": metres})
        assert answer.status_code == 422
        assert f'value="{metres}"' in answer.text
        assert gates.rules_of(fair.activity).fence == SQUARE

    def test_it_is_taken_away_again(self, fair, as_person):
        as_person(fair.organiser).post(f"/activities/{fair.activity}/fence", data={"off": "1", "place": "", "metres": ""})
        assert gates.rules_of(fair.activity).fence is None
