"""The list of open points as its organiser, another branch, the auditor and the volunteers meet it."""

import pytest

from app.checkin import queries, service
from app.checkin.queries import looking
from app.checkin.reasons import Verdict
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from tests.checkin.test_reasons import PHONE, Place, held, later
from tests.conftest import NOON, statements

FORBIDDEN = ("一部手机", "异常", "可疑", "同一时间", "隔得太近", "当天加起来", "不在活动地点")


@pytest.fixture
def place(make):
    return Place(make)


@pytest.fixture
def after(place):
    """Three by one phone, two who never signed out, one new person; it is an hour and a half after the end."""
    place.shared = [place.person(name) for name in ("罗国栋", "麦永康", "谭伟强")]
    for person in place.shared:
        place.scan(person, 0, device=PHONE)
    for person in place.shared:
        place.scan(person, 180, device=PHONE)
    place.open = [place.person(name) for name in ("白健", "严兰珍")]
    for person in place.open:
        place.scan(person, 10)
    place.new = place.make.person("郭志明", confirmed=False)
    place.scan(place.new, 20)
    place.scan(place.new, 170)
    place.url = f"/activities/{place.activity}/open-points"
    with clock.frozen_at(later(270)):
        yield place


def spells(place, people):
    return [row.id for row in queries.spells_of(place.activity) if row.person_id in people]


class TestThePage:
    def test_says_what_waits_and_what_pressing_includes(self, after, as_person):
        page = as_person(after.organiser).get(after.url).text
        assert "还要办的，6 件" in page
        for words in ("没有签退", "补录时长", "一部手机签了 3 个人", "严兰珍、白健", "罗国栋、麦永康、谭伟强", "扫码时长 9 小时", "郭志明"):
            assert words in page, words

    def test_is_linked_from_the_door_and_the_work_list(self, after, as_person):
        browser = as_person(after.organiser)
        assert after.url in browser.get(f"/activities/{after.activity}/door").text
        assert after.url in browser.get("/work").text

    def test_does_not_exist_for_another_branch(self, after, as_person, make):
        stranger = make.person("外人")
        make.grant(stranger, Role.SECRETARY, make.unit("别的支部", parent=after.community))
        assert as_person(stranger).get(after.url).status_code == 404

    def test_is_read_without_buttons_by_the_auditor(self, after, as_person, make):
        auditor = make.person("杜耀华")
        make.grant(auditor, Role.AUDITOR, after.root)
        page = as_person(auditor).get(after.url).text
        assert "罗国栋" in page
        assert "<button" not in page.split("<main")[1].split("</main>")[0]

    def test_asks_a_constant_number_of_questions(self, after, as_person):
        browser = as_person(after.organiser)

        def asked():
            with statements() as sent:
                assert browser.get(after.url).status_code == 200
            return len(sent)

        before = asked()
        for number in range(6):
            after.attend(after.person(f"街坊{number}"), 1, 175, device=PHONE)
        assert asked() == before


class TestDeciding:
    def test_one_tap_each(self, after, as_person):
        browser = as_person(after.organiser)
        counts, leaves, _ = spells(after, after.shared)[::-1]
        decisions = f"/activities/{after.activity}/decisions"
        assert browser.post(decisions, data={"spell": counts, "verdict": "count"}).status_code == 303
        assert browser.post(decisions, data={"spell": leaves, "verdict": "leave"}).status_code == 303
        page = browser.get(after.url).text
        assert "还要办的，4 件" in page
        assert "2 条核实过" in page
        assert sorted(hours.sums(person).service_credit for person in after.shared) == [0, 0, 180]

    def test_all_of_a_kind_at_once(self, after, as_person):
        data = {"spell": spells(after, after.shared), "verdict": "count"}
        as_person(after.organiser).post(f"/activities/{after.activity}/decisions", data=data)
        assert [hours.sums(person).service_credit for person in after.shared] == [180, 180, 180]

    def test_many_ask_for_the_password_again(self, after, as_person):
        data = {"spell": [*range(10)], "verdict": "count"}
        browser = as_person(after.organiser)
        with clock.frozen_at(later(300)):
            answer = browser.post(f"/activities/{after.activity}/decisions", data=data)
        assert "confirm_password" in answer.text

    def test_of_another_activity_is_a_404(self, after, as_person):
        other = after.event(title="主题巡查")
        data = {"spell": spells(after, after.shared)[:1], "verdict": "count"}
        assert as_person(after.organiser).post(f"/activities/{other}/decisions", data=data).status_code == 404

    @pytest.mark.parametrize("data", [{}, {"spell": "x", "verdict": "count"}, {"spell": "1"}, {"spell": "1", "verdict": "maybe"}])
    def test_nonsense_is_a_404(self, after, as_person, data):
        assert as_person(after.organiser).post(f"/activities/{after.activity}/decisions", data=data).status_code == 404

    def test_one_sign_out_at_a_named_end_and_all_the_rest_at_once(self, after, as_person):
        browser, (second, first) = as_person(after.organiser), spells(after, after.open)
        where = f"/activities/{after.activity}/sign-outs"
        answer = browser.post(where, data={"from": "points", "spell": first, f"end-{first}": "14:00"})
        assert answer.location.endswith(after.url)
        browser.post(where, data={"from": "points", "spell": [second]})
        assert [hours.sums(person).service_honour for person in after.open] == [110, 170]

    def test_not_signed_out_and_left_out(self, after, as_person):
        (first, _) = spells(after, after.open)
        as_person(after.organiser).post(f"/activities/{after.activity}/exclusions", data={"spell": first})
        (row,) = queries.spells([first])
        assert row.excluded
        assert "还要办的，5 件" in as_person(after.organiser).get(after.url).text

    def test_a_new_person_is_confirmed_from_here(self, after, as_person):
        answer = as_person(after.organiser).post(
            f"/activities/{after.activity}/confirmations", data={"from": "points", "person": after.new}
        )
        assert answer.location.endswith(after.url)
        assert hours.sums(after.new).service_credit == 150


class TestAbove:
    @pytest.fixture
    def own(self, after):
        after.scan(after.organiser, 0, device=PHONE)
        after.scan(after.organiser, 180, device=PHONE)
        (spell,) = held(after.organiser)
        return spell

    def test_the_organiser_reads_who_decides_and_has_no_button(self, after, own, as_person):
        page = as_person(after.organiser).get(after.url).text
        assert "由别人核实" in page
        assert "等灯湖社区党委核实" in page
        assert f'name="spell" value="{own}"' not in page

    def test_the_parent_unit_decides_in_its_work_list(self, after, own, as_person):
        browser = as_person(after.above)
        page = browser.get("/work").text
        assert "是这场的组织者或帮手" in page
        assert f"/held-spells/{own}/decision" in page
        assert browser.post(f"/held-spells/{own}/decision", data={"verdict": "count"}).status_code == 303
        assert hours.sums(after.organiser).service_credit == 180

    def test_for_others_it_does_not_exist(self, after, own, as_person):
        assert as_person(after.secretary).post(f"/held-spells/{own}/decision", data={"verdict": "count"}).status_code == 404


class TestTheVolunteer:
    def test_reads_only_that_it_is_being_looked_at(self, after, as_person):
        person = after.shared[0]
        browser = as_person(person)
        (row,) = queries.spells_of_person(person)
        from app.checkin.models import Attendance
        from app.core.db import db

        out = db.session.get(Attendance, row.id).out_scan_id
        for address in ("/me", "/me/records", f"/scans/{out}"):
            page = browser.get(address).text
            assert "待核实" in page, address
            assert not [words for words in FORBIDDEN if words in page], address

    def test_whose_spell_was_left_out_reads_that_it_does_not_count(self, after, as_person):
        person = after.shared[0]
        after.decide(after.organiser, Verdict.LEAVE, *spells(after, [person]))
        page = as_person(person).get("/me/records").text
        assert "不计" in page
        assert not [words for words in FORBIDDEN if words in page]


class TestTheLimits:
    def test_are_set_by_the_subdistrict_and_shown_as_local(self, after, as_person):
        browser = as_person(after.top)
        assert "本地规定" in browser.get("/long-days").text
        assert browser.post("/long-days", data={"parent": "7", "subdistrict": "10"}).status_code == 303
        assert (looking.limits().parent, looking.limits().subdistrict) == (420, 600)
        assert "超过 7 小时由上级组织核实" in browser.get(after.url).text

    @pytest.mark.parametrize(("parent", "subdistrict"), [("5", "12"), ("12", "8"), ("", "12"), ("8", "25")])
    def test_keep_their_order_and_bounds(self, after, as_person, parent, subdistrict):
        answer = as_person(after.top).post("/long-days", data={"parent": parent, "subdistrict": subdistrict})
        assert answer.status_code == 422
        assert looking.limits().parent == 480

    def test_are_not_for_a_branch(self, after, as_person):
        assert as_person(after.secretary).post("/long-days", data={"parent": "7", "subdistrict": "10"}).status_code == 404


def test_the_reminder_is_a_command(app, place, make):
    for person in (place.organiser, place.secretary):
        make.account(person)
    place.scan(place.person(), 0)
    with clock.frozen_at(NOON.replace(day=26)):
        result = app.test_cli_runner().invoke(args=["attendance", "reminders"])
    assert result.exit_code == 0, result.output
    assert "提醒了 2 位" in result.output


def test_what_was_held_counts_once_the_other_is_void(place):
    person = place.person()
    other = place.event(hours_=2, title="主题巡查")
    place.scan(person, 0)
    place.attend(person, 5, 120, other)
    place.scan(person, 180)
    (spell,) = held(person)
    (row,) = queries.spells_of(other)
    in_transaction(lambda: service.void(row.id, place.secretary, "那场没去", later(300)))
    assert not held(person)
    assert hours.sums(person).service_credit == 180
    assert spell
