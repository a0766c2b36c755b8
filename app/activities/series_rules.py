"""The days of a series. Pure; public holidays are nobody's to know here, so the organiser unticks them."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

MOST = 60  # a year of weeks and some


class Every(StrEnum):
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH_DAY = "month_day"  # each month on the day of the first; months without it are left out
    MONTH_WEEKDAY = "month_weekday"  # each month on the n-th weekday of the first; the fifth only where there is one


EVERY_NAMES = {
    Every.WEEK: "每周",
    Every.FORTNIGHT: "每两周",
    Every.MONTH_DAY: "每月同一天",
    Every.MONTH_WEEKDAY: "每月第几个周几",
}
_WEEKDAYS = "一二三四五六日"
_ORDER = "一二三四五"


def days(first: date, every: Every, until: date) -> list[date]:
    """From the first day to `until`, the first included, at most MOST + 1, so that a caller can see that there are too many."""
    found: list[date] = []
    for day in _endless(first, every):
        if day > until or len(found) > MOST:
            return found
        found.append(day)
    return found


def _endless(first: date, every: Every) -> Iterator[date]:
    if every in {Every.WEEK, Every.FORTNIGHT}:
        step = timedelta(days=7 if every is Every.WEEK else 14)
        while True:
            yield first
            first += step
    nth = (first.day - 1) // 7
    month = first.year * 12 + first.month - 1
    while True:
        year, place = divmod(month, 12)
        begins, length = calendar.monthrange(year, place + 1)
        day = first.day if every is Every.MONTH_DAY else 1 + (first.weekday() - begins) % 7 + 7 * nth
        if day <= length:
            yield date(year, place + 1, day)
        month += 1


def every_words(first: date, every: Every) -> str:
    """每周六, 每两周的周六, 每月 28 日, 每月第四个周六."""
    weekday = _WEEKDAYS[first.weekday()]
    return {
        Every.WEEK: f"每周{weekday}",
        Every.FORTNIGHT: f"每两周的周{weekday}",
        Every.MONTH_DAY: f"每月 {first.day} 日",
        Every.MONTH_WEEKDAY: f"每月第{_ORDER[(first.day - 1) // 7]}个周{weekday}",
    }[every]
