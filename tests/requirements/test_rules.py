"""What counts toward 双50, what does not and why; states; stages one after the other. Pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.hours.rules import HourClass, HourKind
from app.people.rules import StageFact, StageKind
from app.requirements.rules import Fact, Need, Period, State, Why, periods, progress, state_of, summed

BEGAN = date(2026, 3, 1)
TODAY = date(2026, 11, 21)
NEED = Need(1, StageKind.ACTIVIST, HourKind.SERVICE, 3000, 600, 365)


def fact(minutes, day=date(2026, 6, 1), honour=False, kind=HourKind.SERVICE, id=1):
    return Fact(id, day, kind, HourClass.HONOUR if honour else HourClass.CREDIT, minutes)


def reasons(*facts):
    return [line.why for line in progress(NEED, BEGAN, facts, TODAY).counted]


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (fact(60), Why.COUNTS),
        (fact(60, BEGAN), Why.COUNTS),
        (fact(60, BEGAN - timedelta(days=1)), Why.BEFORE),
        (fact(60, BEGAN + timedelta(days=365)), Why.AFTER),
        (fact(60, kind=HourKind.STUDY), Why.OTHER_KIND),
        (fact(600, honour=True), Why.COUNTS),
        (fact(601, honour=True), Why.PARTLY),
    ],
)
def test_each_entry_says_why(one, why):
    assert reasons(one) == [why]


def test_made_up_time_counts_up_to_its_share_in_the_order_served():
    facts = [fact(500, date(2026, 5, 1), True, id=1), fact(200, date(2026, 5, 2), True, id=2), fact(50, date(2026, 5, 3), True, id=3)]
    assert reasons(*facts) == [Why.COUNTS, Why.PARTLY, Why.HONOUR_FULL]
    assert progress(NEED, BEGAN, facts, TODAY).honour == 600


def test_scanned_time_comes_first_and_made_up_time_only_fills_what_is_left():
    early = [fact(300, date(2026, 4, 1), True, id=1), fact(300, date(2026, 4, 2), True, id=2), fact(10, date(2026, 4, 3), True, id=3)]
    done = progress(NEED, BEGAN, [*early, fact(2600, id=4)], TODAY)
    assert (done.credit, done.honour, done.complete) == (2600, 400, True)
    assert [line.why for line in done.counted] == [Why.COUNTS, Why.TOPPED, Why.NOT_NEEDED, Why.COUNTS]
    alone = progress(NEED, BEGAN, [*early, fact(3000, id=4)], TODAY)
    assert (alone.honour, {line.why for line in alone.counted[:3]}) == (0, {Why.NOT_NEEDED})


def test_what_is_missing_and_the_pace_needed():
    done = progress(NEED, BEGAN, [fact(2310)], TODAY)
    assert (done.missing, done.days_left, done.weekly) == (690, 100, 49)
    assert not done.at_risk
    assert progress(NEED, BEGAN, [], BEGAN + timedelta(days=360)).at_risk


def test_minutes_are_never_rounded_up_to_reach_fifty_hours():
    assert not progress(NEED, BEGAN, [fact(2999)], TODAY).complete
    assert progress(NEED, BEGAN, [fact(3000)], TODAY).complete


def test_the_day_on_which_it_was_full_is_the_day_of_the_service_that_filled_it():
    facts = [fact(2000, date(2026, 5, 1), id=1), fact(600, date(2026, 6, 1), True, id=2), fact(500, date(2026, 7, 1), id=3)]
    assert progress(NEED, BEGAN, facts, TODAY).reached_on == date(2026, 7, 1)
    assert progress(NEED, BEGAN, facts[:2], TODAY).reached_on is None


def test_what_is_served_after_the_stage_ended_belongs_to_it_no_more():
    ended = date(2026, 9, 1)
    done = progress(NEED, BEGAN, [fact(60, date(2026, 8, 31), id=1), fact(60, ended, id=2)], TODAY, ended)
    assert [line.why for line in done.counted] == [Why.COUNTS, Why.ENDED]


def test_stages_follow_one_another_and_a_past_one_is_judged_by_its_last_day():
    known = [
        StageFact(StageKind.CANDIDATE, date(2026, 9, 1)),
        StageFact(StageKind.ACTIVIST, BEGAN),
        StageFact(StageKind.MEMBER, date(2027, 1, 1)),
    ]
    found = periods(known, TODAY)
    assert found == [Period(StageKind.ACTIVIST, BEGAN, date(2026, 9, 1)), Period(StageKind.CANDIDATE, date(2026, 9, 1), None)]
    assert periods([], TODAY) == []
    assert [one.judged_on(TODAY) for one in found] == [date(2026, 8, 31), TODAY]


@pytest.mark.parametrize(
    ("minutes", "day", "state"),
    [
        (0, BEGAN + timedelta(days=10), State.ON_TRACK),
        (0, BEGAN + timedelta(days=350), State.TIGHT),
        (2999, BEGAN + timedelta(days=365), State.OVERDUE),
        (3000, BEGAN + timedelta(days=400), State.REACHED),
    ],
)
def test_states(minutes, day, state):
    assert state_of([summed(NEED, BEGAN, minutes, 0, day)]) is state
    assert state_of([summed(NEED, BEGAN, minutes, 0, day)], confirmed=True) is State.CONFIRMED
    assert state_of([summed(NEED, BEGAN, 3000, 0, day), summed(NEED, BEGAN, minutes, 0, day)]) is state


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 900), st.integers(-30, 500), st.booleans()), max_size=30))
def test_nothing_counts_twice_honour_never_beyond_its_share_and_sums_say_the_same(entries):
    facts = [fact(minutes, BEGAN + timedelta(days=days), honour, id=place) for place, (minutes, days, honour) in enumerate(entries)]
    done = progress(NEED, BEGAN, facts, TODAY)
    assert done.honour <= NEED.honour_minutes
    assert done.done == sum(line.minutes for line in done.counted)
    assert all(0 <= line.minutes <= line.fact.minutes for line in done.counted)
    inside = [one for one in facts if BEGAN <= one.served_on < BEGAN + timedelta(days=365)]
    of = {kind: sum(one.minutes for one in inside if one.hour_class is kind) for kind in HourClass}
    assert done.complete == (of[HourClass.CREDIT] + min(600, of[HourClass.HONOUR]) >= 3000)
    plain = summed(NEED, BEGAN, of[HourClass.CREDIT], of[HourClass.HONOUR], TODAY)
    assert (plain.credit, plain.honour, plain.missing) == (done.credit, done.honour, done.missing)
    assert done.complete == (done.reached_on is not None)
