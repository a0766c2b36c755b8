"""What counts toward 双50, what does not and why. Pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hours.rules import HourClass, HourKind
from app.people.rules import StageKind
from app.requirements.rules import Fact, Need, Why, progress

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


def test_what_is_missing_and_the_pace_needed():
    done = progress(NEED, BEGAN, [fact(2310)], TODAY)
    assert (done.missing, done.days_left, done.weekly) == (690, 100, 49)
    assert not done.at_risk
    assert progress(NEED, BEGAN, [], BEGAN + timedelta(days=360)).at_risk


def test_minutes_are_never_rounded_up_to_reach_fifty_hours():
    assert not progress(NEED, BEGAN, [fact(2999)], TODAY).complete
    assert progress(NEED, BEGAN, [fact(3000)], TODAY).complete


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(-30, 500), st.booleans()), max_size=30))
def test_nothing_counts_twice_and_honour_never_beyond_its_share(entries):
    facts = [fact(minutes, BEGAN + timedelta(days=days), honour, id=place) for place, (minutes, days, honour) in enumerate(entries)]
    done = progress(NEED, BEGAN, facts, TODAY)
    assert done.honour <= NEED.honour_minutes
    assert done.done == sum(line.minutes for line in done.counted)
    assert all(0 <= line.minutes <= line.fact.minutes for line in done.counted)
