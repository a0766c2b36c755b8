"""The days of a series."""

from datetime import date

import pytest

from app.activities.series_rules import MOST, Every, days, every_words

SATURDAY = date(2026, 11, 28)  # the fourth of the month


def test_every_week_and_every_two_weeks():
    assert days(SATURDAY, Every.WEEK, date(2026, 12, 12)) == [SATURDAY, date(2026, 12, 5), date(2026, 12, 12)]
    assert days(SATURDAY, Every.FORTNIGHT, date(2026, 12, 25)) == [SATURDAY, date(2026, 12, 12)]


def test_each_month_on_the_same_day_leaves_out_months_without_it():
    assert days(date(2027, 1, 31), Every.MONTH_DAY, date(2027, 5, 31)) == [date(2027, 1, 31), date(2027, 3, 31), date(2027, 5, 31)]


def test_each_month_on_the_fourth_saturday():
    assert days(SATURDAY, Every.MONTH_WEEKDAY, date(2027, 3, 1)) == [SATURDAY, date(2026, 12, 26), date(2027, 1, 23), date(2027, 2, 27)]


def test_a_fifth_weekday_only_where_there_is_one():
    assert days(date(2027, 1, 29), Every.MONTH_WEEKDAY, date(2027, 8, 1)) == [date(2027, 1, 29), date(2027, 4, 30), date(2027, 7, 30)]


def test_too_many_can_be_seen_without_counting_for_ever():
    assert len(days(SATURDAY, Every.WEEK, date(2050, 1, 1))) == MOST + 1


@pytest.mark.parametrize("every", Every)
def test_every_day_is_within_and_in_order(every):
    until = date(2028, 2, 29)
    found = days(SATURDAY, every, until)
    assert found[0] == SATURDAY
    assert found == sorted(set(found))
    assert found[-1] <= until


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (Every.WEEK, "每周六"),
        (Every.FORTNIGHT, "每两周的周六"),
        (Every.MONTH_DAY, "每月 28 日"),
        (Every.MONTH_WEEKDAY, "每月第四个周六"),
    ],
)
def test_the_rule_in_words(every, words):
    assert every_words(SATURDAY, every) == words
