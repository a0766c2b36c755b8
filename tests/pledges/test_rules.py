"""Half-years, the local rule and what is open: pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pledges.rules import Half, OfferKind, both_claimed, half_asked, half_from, half_of, is_open, rule_of

POST, PROJECT, WISH = OfferKind


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_every_day_lies_in_its_half_and_the_half_before_ends_the_day_before_it(day):
    half = half_of(day)
    assert half.first <= day <= half.last
    assert half.before.last + timedelta(1) == half.first
    assert half.before < half
    assert half_from(half.key, day) == half
    assert half_from(half.before.key, day) == half.before
    assert half_from(half.before.before.key, day) is None


@pytest.mark.parametrize(
    ("day", "asked"),
    [
        (date(2026, 6, 14), None),
        (date(2026, 6, 15), Half(2026, 1)),
        (date(2026, 7, 31), Half(2026, 1)),
        (date(2026, 8, 1), None),
        (date(2026, 12, 15), Half(2026, 2)),
        (date(2027, 1, 31), Half(2026, 2)),
        (date(2027, 2, 1), None),
    ],
)
def test_words_are_asked_for_from_the_15th_of_the_last_month_through_the_month_after(day, asked):
    assert half_asked(day) == asked


def test_the_rule_is_any_two_kinds_and_anything_else_is_the_default():
    assert rule_of({"kinds": ["wish", "post"]}) == (POST, WISH)
    for wrong in ([], ["post"], ["post", "project", "wish"], "post", None, ["post", "unknown"]):
        assert rule_of({"kinds": wrong}) == (POST, PROJECT)


def test_both_are_claimed_when_each_of_the_two_kinds_is():
    assert both_claimed({POST, PROJECT}, (POST, PROJECT))
    assert not both_claimed({POST, WISH}, (POST, PROJECT))
    assert not both_claimed(set(), (POST, PROJECT))


def test_an_offer_is_open_from_its_first_to_its_last_day_unless_it_was_closed():
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    assert [is_open(first, last, None, day) for day in (first - timedelta(1), first, last, last + timedelta(1))] == [
        False,
        True,
        True,
        False,
    ]
    assert is_open(first, None, None, date(2030, 1, 1))
    assert not is_open(first, last, date(2026, 11, 2), date(2026, 11, 3))
