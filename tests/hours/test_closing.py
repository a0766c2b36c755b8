"""When a month is final, and where what comes later counts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hours.closing import DEFAULT, ClosingRule, closes_on, counted_on, is_closed
from app.hours.rules import PeriodKind, period

sqlite_only = True
LONG_AGO = date(2020, 1, 1)
RULES = (DEFAULT, ClosingRule(date(2026, 11, 1), month_day=20, year_day=20))


@pytest.mark.parametrize(
    ("day", "closed_from"),
    [
        (date(2026, 9, 30), date(2026, 10, 10)),
        (date(2026, 10, 1), date(2026, 11, 10)),
        (date(2026, 12, 31), date(2027, 1, 15)),  # with its year
        (date(2027, 1, 3), date(2027, 2, 10)),
    ],
)
def test_a_month_closes_on_the_tenth_and_december_with_its_year(day, closed_from):
    assert closes_on(day) == closed_from


def test_a_new_day_holds_for_later_months_and_opens_none_again():
    assert closes_on(date(2026, 10, 5), RULES) == date(2026, 11, 10)
    assert closes_on(date(2026, 11, 5), RULES) == date(2026, 12, 20)
    assert closes_on(date(2026, 12, 5), RULES) == date(2027, 1, 20)


def test_what_comes_before_the_close_counts_where_it_happened():
    assert counted_on(date(2026, 10, 31), date(2026, 11, 9), LONG_AGO) is None


def test_what_comes_after_it_counts_when_it_is_booked():
    assert counted_on(date(2026, 10, 31), date(2026, 11, 10), LONG_AGO) == date(2026, 11, 10)


def test_hours_from_before_this_system_count_in_their_own_time():
    began = date(2026, 9, 12)
    assert counted_on(date(2026, 6, 30), date(2026, 11, 21), began) is None
    assert counted_on(date(2019, 5, 1), date(2026, 11, 21), began) is None
    assert counted_on(date(2026, 9, 1), date(2026, 11, 21), began) == date(2026, 11, 21)
    assert counted_on(date(2019, 5, 1), date(2026, 11, 21), None) is None


@pytest.mark.parametrize(
    ("served", "closes"),
    [
        (date(2026, 10, 20), date(2027, 1, 15)),  # the quarter of the first booking, which closes with its year
        (date(2026, 9, 3), date(2027, 1, 15)),  # its year
        (date(2025, 9, 3), date(2027, 1, 15)),  # a share of that year is carried over into it
    ],
)
def test_the_year_in_which_this_system_began_closes_with_all_that_is_in_it(served, closes):
    began = date(2026, 11, 5)
    assert counted_on(served, closes - timedelta(days=1), began) is None
    assert counted_on(served, closes, began) == closes
    assert counted_on(date(2024, 12, 31), date(2027, 3, 1), began) is None, "no closed year has anything of that"


def test_the_quarter_in_which_this_system_began_closes_before_its_year():
    began = date(2026, 5, 5)
    assert counted_on(date(2026, 4, 20), date(2026, 7, 9), began) is None
    assert counted_on(date(2026, 4, 20), date(2026, 7, 10), began) == date(2026, 7, 10)
    assert counted_on(date(2026, 3, 20), date(2026, 7, 10), began) is None
    assert counted_on(date(2026, 3, 20), date(2027, 1, 15), began) == date(2027, 1, 15)


DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(DAYS, DAYS)
def test_nothing_counts_in_a_month_that_is_closed_when_it_is_booked(served, booked):
    if served <= booked:
        later = counted_on(served, booked, LONG_AGO)
        assert not is_closed(later or served, booked)
        assert later is None or (served < later <= booked)


@given(DAYS, DAYS, DAYS)
def test_nothing_counts_in_a_quarter_or_year_that_closed_since_this_system_began(served, booked, began):
    if served <= booked and began <= booked and counted_on(served, booked, began) is None:
        for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
            last = period(kind, served).last
            assert last < began or not is_closed(last, booked), (kind, last)


@given(DAYS, DAYS)
def test_what_was_closed_once_stays_closed(day, on):
    assert not is_closed(day, on) or is_closed(day, on.replace(year=on.year + 1, day=min(on.day, 28)))
