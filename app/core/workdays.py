"""Working days: Monday to Friday, without public holidays (法定节假日), with the weekends that are worked instead (调休). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Holidays:
    """The dated exceptions: `off` are no working days, `worked` are, whatever day of the week they fall on."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Holidays":
        """From a setting: {"off": ["2026-10-01", …], "worked": ["2026-10-10", …]}."""
        return cls(*(frozenset(date.fromisoformat(day) for day in stored.get(part, ())) for part in ("off", "worked")))

    def unknown(self, first: date, last: date) -> int | None:
        """The first year from `first` to `last` of which no day off is written down: nobody can reckon in it yet."""
        known = {day.year for day in self.off}
        return next((year for year in range(first.year, last.year + 1) if year not in known), None)

    def stored(self) -> dict[str, list[str]]:
        return {"off": sorted(day.isoformat() for day in self.off), "worked": sorted(day.isoformat() for day in self.worked)}


NONE = Holidays()


def is_working(day: date, holidays: Holidays = NONE) -> bool:
    return day in holidays.worked or (day.weekday() < 5 and day not in holidays.off)


def working_days_after(day: date, days: int, holidays: Holidays = NONE) -> date:
    """The last of so many working days after `day`, which itself does not count. 0 days is `day`."""
    while days > 0:
        day += ONE
        days -= is_working(day, holidays)
    return day


def working_days_between(since: date, until: date, holidays: Holidays = NONE) -> int:
    """How many working days lie after `since`, up to and with `until`; 0 where `until` is not later."""
    return sum(is_working(since + timedelta(days=step), holidays) for step in range(1, (until - since).days + 1))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


KNOWN = Holidays(
    frozenset(
        day
        for first, last in (
            (date(2026, 1, 1), date(2026, 1, 3)),
            (date(2026, 2, 15), date(2026, 2, 23)),
            (date(2026, 4, 4), date(2026, 4, 6)),
            (date(2026, 5, 1), date(2026, 5, 5)),
            (date(2026, 6, 19), date(2026, 6, 21)),
            (date(2026, 9, 25), date(2026, 9, 27)),
            (date(2026, 10, 1), date(2026, 10, 7)),
        )
        for day in _days(first, last)
    ),
    frozenset(date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))),
)
"""国务院办公厅关于2026年部分节假日安排的通知 (2025-11-04); an administrator adds the following years as they are announced."""
