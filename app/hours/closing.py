"""When a month's figures are final, and where what comes later counts. Pure.

A closed month never changes: an entry that comes after its close counts in the month it is booked in, and says its true date. The same
holds for what takes an entry back. Which day a month closes on is a local rule (本地规定), dated, so that a new day closes no month
anew and opens none again. See docs/decisions/0031.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.hours.rules import PeriodKind, period

MONTH_DAY, YEAR_DAY = 10, 15
LATEST_DAY = 28


@dataclass(frozen=True)
class ClosingRule:
    """For months from `since` (the first of one): closed from `month_day` of the following month on, December from `year_day` of January,
    with its year."""

    since: date
    month_day: int = MONTH_DAY
    year_day: int = YEAR_DAY


DEFAULT = ClosingRule(date(2000, 1, 1))


def with_days(rules: Sequence[ClosingRule], month_day: int, year_day: int, today: date) -> list[ClosingRule]:
    """The rules once these days hold from the month of `today` on; what held before goes on holding for the months before."""
    since = today.replace(day=1)
    return [*(one for one in rules if one.since < since), ClosingRule(since, month_day, year_day)]


def closes_on(day: date, rules: Sequence[ClosingRule] = (DEFAULT,)) -> date:
    """The first day on which the month of `day` is closed. `rules` in ascending order of `since`."""
    month = day.replace(day=1)
    rule = next((one for one in reversed(rules) if one.since <= month), DEFAULT)
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following.replace(day=rule.year_day if day.month == 12 else rule.month_day)


def is_closed(day: date, on: date, rules: Sequence[ClosingRule] = (DEFAULT,)) -> bool:
    """Whether the month of `day` is closed on a day."""
    return on >= closes_on(day, rules)


def counted_on(served_on: date, booked_on: date, first_booked: date | None, rules: Sequence[ClosingRule] = (DEFAULT,)) -> date | None:
    """The day in whose periods an entry counts, where that is not the day of the service itself: the day it was booked on.

    `first_booked`: the day of the first entry of all. What happened in a month before that was never anybody's closed month here:
    hours from before this system count in their own time, as long as no closed period of this system would change by it.
    """
    if not is_closed(served_on, booked_on, rules) or first_booked is None:
        return None
    if served_on < first_booked.replace(day=1) and not _closed_since(served_on, booked_on, first_booked, rules):
        return None
    return booked_on


def _closed_since(served_on: date, on: date, first_booked: date, rules: Sequence[ClosingRule]) -> bool:
    """Whether a period that this system was used in has closed with something from before its first month in it.

    The quarter of the first booking, and its year: with that the year before, a share of whose points may be carried over into it.
    """
    quarter = period(PeriodKind.QUARTER, first_booked)
    if served_on >= quarter.first:
        return is_closed(quarter.last, on, rules)
    return served_on.year >= first_booked.year - 1 and is_closed(date(first_booked.year, 12, 31), on, rules)
