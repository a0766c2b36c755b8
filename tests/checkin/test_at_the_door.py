"""The organiser's side of the door: figures that do not mix, newcomers asked first, today's helpers, leaving named after closing."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from app.activities import service as activities
from app.checkin import queries, service
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from tests.conftest import NOON, statements


@pytest.fixture
def fair(make):
    class Fair:
        branch = make.unit("灯湖社区党委")
        organiser = make.person("霍静雯", home=branch)
        second = make.person("李柏豪", home=branch)
        activity = make.activity(branch, organiser)
        shift = make.shift(activity, NOON, 3)
        door = f"/activities/{activity}/door"
        sign_outs = f"/activities/{activity}/sign-outs"

        def comes(self, name, minutes=0, **values):
            person = make.person(name, home=self.branch, **values)
            self.scans(person, minutes)
            return person

        def scans(self, person, minutes):
            at = NOON + timedelta(minutes=minutes)
            in_transaction(lambda: service.record_scan(ShownCode(uuid4(), self.activity, Way.POSTER, at), person, at))

        def newcomer(self, name, phone):
            shown = ShownCode(uuid4(), self.activity, Way.POSTER, NOON)
            return in_transaction(lambda: service.take_in(shown, name, phone, NOON, "d" * 32))[0]

    fair = Fair()
    for person in (fair.organiser, fair.second):
        make.grant(person, Role.ORGANISER, fair.branch)
    return fair


def helper_of(fair, make, shifts=None, name="何嘉怡"):
    helper = fair.comes(name)
    in_transaction(lambda: service.appoint_helper(shifts or [fair.shift], helper, fair.organiser, "灯湖邻里节", fair.door, clock.now()))
    return helper


def later(minutes):
    return clock.frozen_at(NOON + timedelta(minutes=minutes))


class TestFigures:
    def signs_up(self, fair, person):
        in_transaction(lambda: activities.take_seat(fair.shift, person, clock.now()))

    def test_who_came_and_who_of_those_signed_up_are_two_figures(self, fair, make, as_person):
        for name in ("陈志明", "梁凤珍"):
            self.signs_up(fair, make.person(name))
        self.signs_up(fair, fair.comes("何嘉怡"))
        fair.comes("路过的")
        page = as_person(fair.organiser).get(fair.door).text
        assert re.search(r"志愿者已到</span><span[^>]*>2<small>人", page)
        assert "其中报名的 1 人，共 3 人报名" in page
        scanner = as_person(fair.organiser).get(f"/activities/{fair.activity}/scanner").text
        assert "报名的 1/3" in scanner


def ticked(page):
    """name → whether it stands ticked, with the words about it."""
    found = {}
    for part in page.split('name="person"')[1:]:
        name = re.search(r"<b>([^<]+)</b>", part)[1]
        found[name] = (" checked" in part.split(">")[0], re.findall(r"</svg>([^<]+)</span>", part.split("</li>")[0]))
    return found


class TestNewcomers:
    def test_a_number_that_is_somebody_elses_is_not_ticked(self, fair, make, as_person):
        make.person("陈志明", phone="13800000004")
        fair.newcomer("万事通", "13800000004")
        fair.newcomer("区慧敏", "13900006291")
        assert ticked(as_person(fair.organiser).get(fair.door).text) == {"万事通": (False, ["号码已登记给别人"]), "区慧敏": (True, [])}

    def test_nor_are_two_with_one_number(self, fair, as_person):
        for name in ("区慧敏", "冼伟文"):
            fair.newcomer(name, "13900006291")
        found = ticked(as_person(fair.organiser).get(fair.door).text)
        assert found == {name: (False, ["同一号码 2 位"]) for name in ("区慧敏", "冼伟文")}

    def test_one_on_the_roster_whose_family_shares_the_number_is(self, fair, make, as_person):
        for name in ("郭志明", "林月娥"):
            make.person(name, home=fair.branch, phone="13900006291")
        fair.newcomer("郭志明", "13900006291")
        assert ticked(as_person(fair.organiser).get(fair.door).text) == {"郭志明": (True, ["名册上有"])}

    def test_who_was_asked_is_ticked_by_hand_and_confirmed(self, fair, make, as_person):
        make.person("陈志明", phone="13800000004")
        person = fair.newcomer("陈太", "13800000004")
        answer = as_person(fair.organiser).post(
            f"/activities/{fair.activity}/confirmations", data={"person": person}, follow_redirects=True
        )
        assert "已核实 1 位" in answer.text

    def test_many_cost_no_more_questions(self, fair, as_person):
        desk = as_person(fair.organiser)
        fair.newcomer("区慧敏", "13900006291")
        desk.get(fair.door)
        with statements() as few:
            desk.get(fair.door)
        for nth in range(6):
            fair.newcomer(f"街坊{nth}", f"1390000100{nth}")
        with statements() as many:
            desk.get(fair.door)
        assert len(many) == len(few)

    def test_who_is_new_and_did_not_sign_out_is_one_thing_to_do(self, fair, as_person):
        for nth in range(3):
            fair.newcomer(f"街坊{nth}", f"1390000100{nth}")
        fair.comes("何嘉怡")
        with later(300):
            page = as_person(fair.organiser).get(f"/activities/{fair.activity}/open-points").text
        assert "还要办的，4 件" in page


class TestHelpers:
    def test_are_led_to_the_door_from_where_they_look(self, fair, make, as_person):
        phone = as_person(helper_of(fair, make))
        for page in ("/", "/check-in", f"/activities/{fair.activity}"):
            text = phone.get(page).text
            assert "您是今天的签到员" in text, page
            assert f'href="/activities/{fair.activity}/scanner"' in text
            assert f'href="{fair.door}"' in text

    def test_until_the_shift_is_over_and_nobody_else(self, fair, make, as_person):
        helper = helper_of(fair, make)
        with later(300):
            assert "签到员" not in as_person(helper).get("/check-in").text
        assert "签到员" not in as_person(fair.comes("路人甲")).get("/check-in").text

    def test_stand_once_with_their_shifts(self, fair, make, as_person):
        evening = make.shift(fair.activity, NOON + timedelta(hours=4), 2)
        helper_of(fair, make, [fair.shift, evening])
        page = as_person(fair.organiser).get(fair.door).text
        assert page.count("何嘉怡，签到员") == 1
        assert "童玩摊位组、童玩摊位组，到 18:00，已帮 0 人" in page

    def test_read_how_many_are_new_and_no_names(self, fair, make, as_person):
        fair.newcomer("区慧敏", "13900006291")
        page = as_person(helper_of(fair, make)).get(fair.door).text
        new = re.search(r'aria-labelledby="new">(.*?)</section>', page, re.S)[1]
        assert "1 位" in new
        assert "等组织者核实" in new
        for words in ("区慧敏", "6291", "<button", "checkbox", "等您核实"):
            assert words not in new

    def test_who_may_only_read_sees_the_names_without_a_box(self, fair, make, as_person):
        fair.newcomer("区慧敏", "13900006291")
        auditor = make.person("杜耀华")
        make.grant(auditor, Role.AUDITOR, fair.branch)
        page = as_person(auditor).get(fair.door).text
        assert "区慧敏" in page
        assert "checkbox" not in page


class TestLeavingNamedAfterClosing:
    @pytest.fixture
    def closed(self, fair):
        fair.people = [fair.comes("何嘉怡"), fair.comes("陈志明")]
        with later(300):
            in_transaction(lambda: activities.close_activity(fair.activity, fair.second, 3, clock.now()))
            yield fair

    def test_nobody_is_ticked_and_the_other_person_is_said_beforehand(self, closed, as_person):
        page = as_person(closed.organiser).get(closed.sign_outs).text
        assert "补记离开（2 人未签退）" in page
        assert "由<b>另一位</b>核实" in page
        assert " checked" not in page

    def test_what_is_named_waits_for_another(self, closed, as_person):
        spell = next(row.id for row in queries.spells_of(closed.activity) if row.person_id == closed.people[0])
        answer = as_person(closed.organiser).post(closed.sign_outs, data={"spell": spell, f"end-{spell}": "1400"}, follow_redirects=True)
        assert "1 位的离开时间报上去了，由另一位核实以后记为补录时长" in answer.text
        assert hours.sums(closed.people[0]) == hours.Sums()

    def test_the_door_offers_no_scanning(self, closed, as_person):
        page = as_person(closed.organiser).get(closed.door).text
        assert "/scanner" not in page
        assert "补记离开" in page


class TestTimes:
    @pytest.mark.parametrize("typed", ["14:00", "1400", "14：00", " 14:00 ", "１４：００"])
    def test_a_time_is_read_as_people_type_it(self, fair, as_person, typed):
        person = fair.comes("何嘉怡")
        (row,) = queries.spells_of(fair.activity)
        with later(200):
            answer = as_person(fair.organiser).post(fair.sign_outs, data={"spell": row.id, f"end-{row.id}": typed})
        assert answer.status_code == 303
        assert hours.sums(person).service_honour == 120

    @pytest.mark.parametrize("typed", ["25:00", "下午两点", "14:99", "06:00 PM"])
    def test_what_is_none_is_said_beside_it(self, fair, as_person, typed):
        fair.comes("何嘉怡")
        (row,) = queries.spells_of(fair.activity)
        with later(200):
            answer = as_person(fair.organiser).post(fair.sign_outs, data={"spell": row.id, f"end-{row.id}": typed})
        assert answer.status_code == 422
        assert "离开时间请写成 09:00 这样" in answer.text

    def test_the_field_is_text_whatever_language_the_phone_speaks(self, fair, as_person):
        fair.comes("何嘉怡")
        with later(300):
            desk = as_person(fair.organiser)
            for page in (fair.sign_outs, f"/activities/{fair.activity}/open-points"):
                text = desk.get(page).text
                assert 'type="time"' not in text
                assert 'inputmode="numeric" pattern="[0-9]{1,2}[:：]?[0-9]{2}"' in text


def test_the_two_ways_by_name_say_which_counts_at_once(fair, as_person):
    desk = as_person(fair.organiser)
    assert "报上去，另一位确认了才算" in desk.get(fair.door).text
    assert "当场就算，不用别人再确认" in desk.get(f"/activities/{fair.activity}/scanner").text
