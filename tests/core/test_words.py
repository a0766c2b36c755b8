"""Days as a good clerk would say them."""

from datetime import date

import pytest

from app.core.words import through

sqlite_only = True


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date(2021, 7, 1), date(2026, 11, 22), "2021年7月1日至2026年11月21日"),
        (date(2026, 3, 1), date(2026, 3, 2), "2026年3月1日一天"),
        (date(2026, 3, 1), date(2026, 3, 1), "2026年3月1日当天"),
    ],
)
def test_a_span_of_days_names_its_last_day_not_the_first_one_without(since, until, said):
    assert through(since, until) == said
