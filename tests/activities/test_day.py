"""One day of one person: what would be too much is said before signing up and after, and never refused."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from app.activities import queries, service
from app.activities.day_rules import PARENT_MINUTES, SETTING, SPELLS_A_DAY, Seat, full_day, full_day_words
from app.activities.rules import ActivityKind
from app.checkin import reasons
from app.checkin import rules as checkin
from app.checkin.queries import looking
from app.core import clock
from app.core.db import in_transaction
from app.proxies import service as proxies
from app.proxies.rules import Relation
from app.settings import service as settings
from tests.conftest import statements

MORNING = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # 08:00 in Guicheng


def seat(number, start, hours, minutes=None):
    begin = MORNING + timedelta(hours=start)
    return Seat(number, begin, begin + timedelta(hours=hours), hours * 60 if minutes is None else minutes)


def test_the_limits_are_those_that_check_in_holds_to():
    assert (PARENT_MINUTES, SPELLS_A_DAY, SETTING) == (reasons.PARENT_MINUTES, checkin.SPELLS_A_DAY, looking.SETTING)


def test_up_to_the_limit_nothing_is_said():
    assert full_day([seat(1, 0, 5)], seat(2, 5, 3), 480) is None
    assert full_day([], seat(2, 0, 8), 480) is None


def test_more_than_the_limit_is_said_with_both_sums():
    found = full_day([seat(1, 0, 6)], seat(2, 6, 3), 480)
    words = full_day_words(found)
    assert words.startswith("这一天您已报 6 小时，再加这班 3 小时，会超过一天 8 小时。")
    assert "由上级核实" in words
    assert "不能" not in words


def test_breaks_do_not_count():
    assert full_day([seat(1, 0, 6, 300)], seat(2, 6, 3), 480) is None


def test_one_long_shift_is_too_much_by_itself():
    assert full_day_words(full_day([], seat(1, 0, 10), 480)).startswith("这一班超过一天 8 小时")


def test_another_day_does_not_count():
    assert full_day([seat(1, -9, 8), seat(2, 24, 8)], seat(3, 0, 5), 480) is None


def test_a_night_counts_on_the_day_it_begins():
    assert full_day([seat(1, 0, 6)], seat(2, 15, 3), 480)  # from 23:00
    assert full_day([seat(1, 0, 6)], seat(2, 17, 3), 480) is None  # from 01:00 of the next


def test_what_overlaps_and_the_seat_itself_are_not_added():
    assert full_day([seat(1, 0, 6), seat(2, 6, 3)], seat(1, 0, 6), 540) is None
    assert full_day([seat(1, 0, 6)], seat(2, 5, 3), 480) is None  # a clash is warned of by itself


def test_what_counts_no_hours_fills_no_day_but_is_a_time_to_come():
    three = [seat(number, number * 2, 1, 0) for number in range(3)]
    found = full_day(three, seat(9, 8, 1, 0), 480)
    assert full_day_words(found) == "一天最多签到 3 次，加上这班就是 4 班。"
    assert full_day(three[:2], seat(9, 8, 9, 0), 480) is None


def test_of_two_seats_at_one_time_only_one_can_be_sat_on():
    assert full_day([seat(1, 0, 3), seat(2, 1, 3)], seat(3, 6, 3), 480) is None
    found = full_day([seat(1, 0, 3), seat(2, 1, 4), seat(3, 4, 2)], seat(4, 6, 4), 480)
    assert (found.held, found.times) == (300, 3)
    assert full_day_words(found, mine=True).startswith("这一天您一共报了 9 小时，超过一天 8 小时。")


def touching(some):
    return (one.touches(other) for one, other in combinations(some, 2))


@given(
    st.lists(st.tuples(st.integers(-30, 40), st.integers(1, 6)), max_size=8), st.integers(0, 16), st.integers(1, 7), st.integers(60, 720)
)
def test_a_warning_means_that_a_limit_is_passed_and_none_that_both_hold(others, start, hours, limit):
    held = [seat(number, begin, long) for number, (begin, long) in enumerate(others)]
    new = seat(99, start, hours)
    counted = [one for one in held if one.day == new.day and not one.touches(new)]
    alone = [some for size in range(len(counted) + 1) for some in combinations(counted, size) if not any(touching(some))]
    longest, most = max(sum(one.minutes for one in some) for some in alone), max(map(len, alone))
    too_much = longest + new.minutes > limit or most + 1 > SPELLS_A_DAY
    assert (full_day(held, new, limit) is not None) is too_much


def scene(make, street):
    start = clock.at_local(clock.today() + timedelta(days=1)) + timedelta(hours=8)
    first = make.shift(make.activity(street.team, street.organiser, title="清晨巡查"), start, 6)
    activity = make.activity(street.team, street.organiser)
    return first, activity, make.shift(activity, start + timedelta(hours=6), 3)


WARNED = "这一天您已报 6 小时，再加这班 3 小时，会超过一天 8 小时"


def test_the_page_says_it_beside_the_shift_and_the_answer_says_it_again(volunteer, make, street):
    first, activity, second = scene(make, street)
    assert WARNED not in volunteer.get(f"/activities/{activity}").text
    volunteer.post(f"/shifts/{first}/signups")
    assert WARNED in volunteer.get(f"/activities/{activity}").text
    answer = volunteer.post(f"/shifts/{second}/signups", follow_redirects=True)
    assert "报上了" in answer.text
    assert WARNED in answer.text
    assert queries.signed_up_shifts(street.volunteer, activity) == {second}
    again = volunteer.get(f"/activities/{activity}").text
    assert WARNED not in again
    assert "当天太满</span>这一天您一共报了 9 小时，超过一天 8 小时" in again  # it is theirs now, and stays said


def test_waiting_cancelled_and_withdrawn_ones_do_not_fill_the_day(volunteer, make, street):
    first, activity, _ = scene(make, street)
    volunteer.post(f"/shifts/{first}/signups")
    (signup,) = queries.signups_of(street.volunteer, [queries.shift(first).activity_id])
    volunteer.post(f"/signups/{signup.id}/withdrawal")
    assert WARNED not in volunteer.get(f"/activities/{activity}").text
    full = make.activity(street.team, street.organiser)
    waiting = make.shift(full, queries.shift(first).starts_at, 6, capacity=1)
    other = make.person("张静")
    in_transaction(lambda: service.take_seat(waiting, other, clock.now()))
    volunteer.post(f"/shifts/{waiting}/signups")
    assert WARNED not in volunteer.get(f"/activities/{activity}").text


def test_the_limit_is_the_one_of_the_subdistrict(volunteer, make, street):
    first, activity, _ = scene(make, street)
    volunteer.post(f"/shifts/{first}/signups")
    in_transaction(lambda: settings.put(SETTING, {"parent_minutes": 600, "subdistrict_minutes": 720}, None, clock.now()))
    assert WARNED not in volunteer.get(f"/activities/{activity}").text


def test_a_meeting_gives_no_hours_and_no_warning(volunteer, make, street):
    first, _, _ = scene(make, street)
    volunteer.post(f"/shifts/{first}/signups")
    meeting = make.activity(street.team, street.organiser, kind=ActivityKind.PARTY_LIFE)
    make.shift(meeting, queries.shift(first).ends_at, 5)
    assert "会超过一天" not in volunteer.get(f"/activities/{meeting}").text


def test_who_signs_up_for_another_reads_it_too(volunteer, make, street):
    first, activity, _ = scene(make, street)
    ward = make.person("梁伯")
    make.signup(first, ward)
    in_transaction(lambda: proxies.record(ward, street.volunteer, Relation.FAMILY, street.organiser, clock.now()))
    assert "这一天梁伯已报 6 小时" in volunteer.get(f"/activities/{activity}/for/{ward}").text


def test_many_shifts_ask_as_few_questions_as_one(volunteer, make, street):
    first, activity, second = scene(make, street)
    volunteer.post(f"/shifts/{first}/signups")
    volunteer.get(f"/activities/{activity}")
    with statements() as few:
        volunteer.get(f"/activities/{activity}")
    for number in range(8):
        make.shift(activity, queries.shift(second).starts_at, 3, name=f"第{number}组")
    with statements() as many:
        volunteer.get(f"/activities/{activity}")
    assert len(many) == len(few)
