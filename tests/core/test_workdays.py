"""Working days, with the holidays that somebody keeps."""

from datetime import date

import pytest

from app.core.workdays import KNOWN, NONE, Holidays, is_working, working_days_after, working_days_between

sqlite_only = True


@pytest.mark.parametrize(
    ("day", "days", "holidays", "last"),
    [
        (date(2026, 11, 20), 5, NONE, date(2026, 11, 27)),  # a Friday: Monday to Friday of the week after
        (date(2026, 11, 21), 5, NONE, date(2026, 11, 27)),  # a Saturday is no working day, nor the first of them
        (date(2026, 11, 20), 0, NONE, date(2026, 11, 20)),
        (date(2026, 9, 29), 5, NONE, date(2026, 10, 6)),
        (date(2026, 9, 29), 5, KNOWN, date(2026, 10, 12)),  # 30, 8, 9, Saturday the 10th is worked, 12
        (date(2026, 2, 13), 2, KNOWN, date(2026, 2, 24)),  # Saturday the 14th, then nine days off
    ],
)
def test_days_are_counted_after_the_day_itself(day, days, holidays, last):
    assert working_days_after(day, days, holidays) == last
    assert working_days_between(day, last, holidays) == days


def test_a_worked_weekend_and_a_holiday_say_otherwise_than_the_week():
    assert is_working(date(2026, 10, 10), KNOWN)
    assert not is_working(date(2026, 10, 10))
    assert not is_working(date(2026, 10, 5), KNOWN)


def test_they_are_kept_as_plain_days():
    assert Holidays.read(KNOWN.stored()) == KNOWN
    assert Holidays.read({}) == NONE
