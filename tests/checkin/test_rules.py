"""What a scan means, and what a spell counts. Pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkin.rules import (
    CODE_LIFE,
    CodeFault,
    OpenSpell,
    Outcome,
    ShiftTimes,
    Way,
    choose_shift,
    count,
    is_machine,
    judge,
    judge_code,
    next_shift,
    rotating_tail,
    split_code,
    takes_a_pair,
    waits_for_organiser,
)

TWO = datetime(2026, 11, 21, 6, tzinfo=UTC)  # 14:00 in Guicheng
AFTERNOON = ShiftTimes(1, TWO, TWO + timedelta(hours=3), None, 0)
EVENING = ShiftTimes(2, TWO + timedelta(hours=3), TWO + timedelta(hours=4, minutes=30), None, 0)


def minutes(number):
    return timedelta(minutes=number)


def scan(at, *, spell=None, left=None, shifts=(AFTERNOON,), signed_up=(), spells_today=0, leaving=False):
    spells = [spell] if spell else []
    return judge(
        list(shifts), signed_up=frozenset(signed_up), spells=spells, left=left or {}, spells_today=spells_today, at=at, leaving=leaving
    )


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (TWO - minutes(61), Outcome.TOO_EARLY),
        (TWO - minutes(60), Outcome.IN),
        (TWO + minutes(179), Outcome.IN),
        (TWO + minutes(181), Outcome.TOO_LATE),
    ],
)
def test_check_in_opens_an_hour_before_and_ends_with_the_shift(at, outcome):
    assert scan(at).outcome is outcome


@pytest.mark.parametrize(
    ("at", "leaving", "outcome"),
    [
        (TWO + minutes(70), False, Outcome.ALREADY_IN),
        (TWO + minutes(70), True, Outcome.OUT),
        (TWO + minutes(149), False, Outcome.ALREADY_IN),
        (TWO + minutes(150), False, Outcome.OUT),
        (TWO + minutes(240), False, Outcome.OUT),
        (TWO + minutes(241), False, Outcome.TOO_LATE),
    ],
)
def test_a_second_scan_signs_out_only_in_the_last_half_hour_unless_asked(at, leaving, outcome):
    assert scan(at, spell=OpenSpell(9, 1, TWO), leaving=leaving).outcome is outcome


def test_a_spell_that_nobody_ended_never_blocks_a_later_shift():
    morning = ShiftTimes(3, TWO - minutes(300), TWO - minutes(150), None, 0)
    forgotten = OpenSpell(9, 3, morning.starts_at)
    assert scan(TWO - minutes(10), spell=forgotten, shifts=(morning, AFTERNOON)).outcome is Outcome.IN
    assert scan(TWO - minutes(85), spell=forgotten, shifts=(morning, AFTERNOON)).outcome is Outcome.TOO_LATE


def test_a_page_opened_before_the_spell_began_ends_nothing():
    late = OpenSpell(9, 1, TWO + minutes(155))
    assert scan(TWO + minutes(152), spell=late).outcome is Outcome.ALREADY_IN


@pytest.mark.parametrize(
    ("left_at", "at", "outcome"),
    [
        (60, 62, Outcome.ALREADY_OUT),  # the thumb scans once more
        (60, 71, Outcome.IN),  # coming back
        (100, 155, Outcome.ALREADY_OUT),  # in the last half hour nobody begins anew
        (160, 239, Outcome.ALREADY_OUT),
        (160, 241, Outcome.TOO_LATE),
    ],
)
def test_a_scan_after_leaving_does_not_check_in_again(left_at, at, outcome):
    assert scan(TWO + minutes(at), left={1: TWO + minutes(left_at)}).outcome is outcome


def test_the_next_shift_admits_those_who_left_the_one_before():
    at = EVENING.starts_at + minutes(5)
    assert scan(at, left={1: TWO + minutes(170)}, shifts=(AFTERNOON, EVENING)).shift_id == 2


@pytest.mark.parametrize(
    ("left_at", "at", "shift", "outcome"),
    [
        (120, 122, 1, Outcome.ALREADY_OUT),  # the thumb scans once more: nothing moves for ten minutes
        (120, 130, 1, Outcome.ALREADY_OUT),
        (120, 131, 2, Outcome.IN),  # check-in of the second opened at 120, the first still runs
        (156, 174, 2, Outcome.IN),  # in the last half hour of the first
        (100, 115, 1, Outcome.IN),  # the second is not open yet: coming back
    ],
)
def test_who_left_one_shift_and_signed_up_for_the_next_is_let_in_to_it_when_it_opens(left_at, at, shift, outcome):
    decision = scan(TWO + minutes(at), left={1: TWO + minutes(left_at)}, shifts=(AFTERNOON, EVENING), signed_up=(1, 2))
    assert (decision.outcome, decision.shift_id) == (outcome, shift)


def test_who_signed_up_for_one_shift_only_is_not_put_into_the_next_by_one_scan_too_many():
    for signed_up in ((), (1,)):
        decision = scan(TWO + minutes(174), left={1: TWO + minutes(156)}, shifts=(AFTERNOON, EVENING), signed_up=signed_up)
        assert decision.outcome is Outcome.ALREADY_OUT


def test_who_left_the_second_shift_comes_back_to_the_second():
    left = {1: TWO + minutes(156), 2: TWO + minutes(200)}
    decision = scan(TWO + minutes(215), left=left, shifts=(AFTERNOON, EVENING), signed_up=(1, 2))
    assert (decision.outcome, decision.shift_id) == (Outcome.IN, 2)


@pytest.mark.parametrize(
    ("came", "left", "takes"),
    [(0, None, True), (0, 15, True), (0, 14, False), (-50, -5, False), (-50, 14, False), (-50, 15, True), (170, 190, False)],
)
def test_a_pair_of_the_day_is_taken_by_what_goes_on_or_counts_and_by_no_accident(came, left, takes):
    assert takes_a_pair(AFTERNOON, TWO + minutes(came), None if left is None else TWO + minutes(left)) is takes


def test_after_leaving_the_next_shift_signed_up_for_is_known():
    assert next_shift([AFTERNOON, EVENING], {1, 2}, {1}, TWO + minutes(160)) == EVENING
    assert next_shift([AFTERNOON, EVENING], {1}, {1}, TWO + minutes(160)) is None
    assert next_shift([AFTERNOON, EVENING], {1, 2}, {1}, EVENING.ends_at) is None


def test_leaving_without_being_in_is_said_so():
    assert scan(TWO, leaving=True).outcome is Outcome.NOT_IN


def test_three_spells_a_day():
    assert scan(TWO, spells_today=2).outcome is Outcome.IN
    assert scan(TWO, spells_today=3).outcome is Outcome.TOO_MANY


def test_the_shift_signed_up_for_is_meant_else_the_one_running():
    at = EVENING.starts_at - minutes(10)
    assert choose_shift([AFTERNOON, EVENING], frozenset({2}), at) == EVENING
    assert choose_shift([AFTERNOON, EVENING], frozenset(), at) == AFTERNOON
    assert choose_shift([EVENING], frozenset(), TWO) is None


@pytest.mark.parametrize(
    ("came", "left", "pause", "counted"),
    [
        (-8, 155, 0, 155),  # early: counted from the start
        (0, 200, 0, 180),  # late: counted to the end
        (0, 14, 0, 0),  # under a quarter of an hour: 时间太短
        (0, 15, 0, 15),
        (0, 180, 15, 165),  # the break is deducted
        (0, 90, 15, 82),  # half a shift bears half its break, never rounded up
        (200, 230, 0, 0),
    ],
)
def test_a_spell_is_cut_to_the_shift_and_its_break(came, left, pause, counted):
    shift = ShiftTimes(1, TWO, TWO + timedelta(hours=3), None, pause)
    assert count(shift, TWO + minutes(came), TWO + minutes(left)).minutes == counted


def test_an_extended_shift_counts_to_its_new_end():
    shift = ShiftTimes(1, TWO, TWO + timedelta(hours=3), TWO + timedelta(hours=4), 0)
    assert count(shift, TWO, TWO + minutes(300)).minutes == 240
    assert not waits_for_organiser(shift, TWO + minutes(290))
    assert waits_for_organiser(shift, TWO + minutes(301))


@given(came=st.integers(-120, 400), stay=st.integers(0, 500), pause=st.integers(0, 60))
def test_never_more_than_was_served_nor_than_was_planned(came, stay, pause):
    shift = ShiftTimes(1, TWO, TWO + timedelta(hours=3), None, pause)
    counted = count(shift, TWO + minutes(came), TWO + minutes(came + stay)).minutes
    assert 0 <= counted <= min(stay, 180 - pause)


def test_both_ends_scanned_is_credit_and_a_named_end_is_honour():
    assert is_machine(Way.POSTER, Way.ROTATING)
    assert is_machine(Way.POSTER, Way.BUTTON)
    assert not is_machine(Way.POSTER, Way.ORGANISER)
    assert not is_machine(Way.PAPER, Way.POSTER)


def test_a_screens_code_is_good_for_its_half_minute_and_the_next():
    tail = rotating_tail("k", 7, TWO)

    def judged(at, key="k", activity=7, tail=tail):
        return judge_code(tail, rotates=True, key=key, activity_id=activity, at=at)

    assert judged(TWO) is None
    assert judged(TWO + CODE_LIFE) is None
    assert judged(TWO + 2 * CODE_LIFE) is CodeFault.STALE
    assert judged(TWO, activity=8) is CodeFault.STALE
    assert judged(TWO, key="other") is CodeFault.STALE
    assert judged(TWO, tail="") is CodeFault.WRONG_WAY
    assert judge_code("", rotates=False, key="k", activity_id=7, at=TWO) is None


def test_codes_are_read_as_people_type_them():
    assert split_code(" 8f2k-m3qz ") == ("8F2K", "M3QZ")
    assert split_code("8f2k") == ("8F2K", "")
