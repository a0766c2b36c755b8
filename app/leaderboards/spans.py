"""From when to when a board counts: a month, a quarter, a year, everything, or any days that somebody chose. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from app.hours.closing import DEFAULT, ClosingRule, closes_on
from app.hours.rules import EARLIEST, PeriodKind, period

OLDEST_YEARS = 10  # how far back a past month, quarter or year may be asked for
LONGEST_YEARS = 3  # of days that somebody chose
ONE_DAY = timedelta(days=1)


class Length(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"
    CUSTOM = "custom"  # whole days, both ends in


CALENDAR = (Length.MONTH, Length.QUARTER, Length.YEAR, Length.ALL)
THIS_SPAN = {Length.MONTH: "本月", Length.QUARTER: "本季", Length.YEAR: "本年", Length.ALL: "全部"}
SPAN_BEFORE = {Length.MONTH: "上一月", Length.QUARTER: "上一季", Length.YEAR: "上一年", Length.CUSTOM: "前一段"}
LARGEST_FIRST = (PeriodKind.YEAR, PeriodKind.QUARTER, PeriodKind.MONTH, PeriodKind.DAY)


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both in. `key` names it: 2026-11, 2026-Q4, 2026, all, 2026-03-01~2026-05-20."""

    length: Length
    key: str
    first: date
    last: date

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The totals whose sum is this span: its own, or as few as cover chosen days (three years: 70 at most)."""
        return cover(self.first, self.last) if self.length is Length.CUSTOM else (self.key,)

    @property
    def before(self) -> "Span | None":
        """The span before it, as long; of whole months, as many months. None for everything."""
        if self.length is Length.ALL or self.first <= EARLIEST:
            return None
        end = self.first - ONE_DAY
        if self.length is not Length.CUSTOM:
            return calendar(self.length, end)
        if self.first.day == 1 and (self.last + ONE_DAY).day == 1:
            month = _index(self.first) * 2 - _index(self.last + ONE_DAY)
            return days(max(EARLIEST, date(month // 12, month % 12 + 1, 1)), end)
        return days(max(EARLIEST, self.first - (self.last - end)), end)

    def against(self, today: date) -> "Span | None":
        """What it is held against: the span before; while it runs, as many days of that one as this one has had."""
        before = self.before
        if before is None or self.last <= today:
            return before
        last = min(before.last, before.first + (today - self.first))
        return before if last == before.last else days(before.first, last)


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


def calendar(length: Length, day: date) -> Span:
    """The month, quarter or year that holds a day; everything for ALL."""
    one = period(PeriodKind(length.value), day)
    return Span(length, one.key, one.first, one.last)


def days(first: date, last: date) -> Span:
    return Span(Length.CUSTOM, f"{first.isoformat()}~{last.isoformat()}", first, last)


def cover(first: date, last: date) -> tuple[str, ...]:
    """Keys of whole years, quarters, months and days that are these days exactly, none twice."""
    keys, day = [], first
    while day <= last:
        one = next(one for kind in LARGEST_FIRST if (one := period(kind, day)).first == day and one.last <= last)
        keys.append(one.key)
        day = one.last + ONE_DAY
    return tuple(keys)


def chosen(first: date, last: date, today: date) -> Span:
    """The span of chosen days: a month, quarter or year where they are exactly one, so that each has one address."""
    same = (calendar(length, first) for length in (Length.YEAR, Length.QUARTER, Length.MONTH))
    return next((one for one in same if (one.first, one.last) == (first, last) and not too_old(one, today)), days(first, last))


def faults(first: date | None, last: date | None, today: date) -> dict[str, str]:
    """Why days can not be a board, by field."""
    if first is None or last is None:
        return {}
    if first < EARLIEST:
        return {"from": f"最早从 {EARLIEST.year} 年算起"}
    if last > today:
        return {"to": "最晚到今天"}
    if last < first:
        return {"to": "结束的日子在开始以前"}
    if last >= _years_after(first, LONGEST_YEARS):
        return {"to": f"最多选 {LONGEST_YEARS} 年"}
    return {}


def _years_after(day: date, years: int) -> date:
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + years, 3, 1) if leap else day.replace(year=day.year + years)


def asked_for(given: Mapping[str, str], today: date) -> Span:
    """The span of an address; this quarter where it can not be read."""
    length = next((one for one in Length if one.value == given.get("period")), Length.QUARTER)
    if length is not Length.CUSTOM:
        return past(length, given.get("at"), today) or calendar(length, today)
    first, last = read_day(given.get("from")), read_day(given.get("to"))
    if first is None or last is None or faults(first, last, today):
        return calendar(Length.QUARTER, today)
    return chosen(first, last, today)


def read_day(word: str | None) -> date | None:
    try:
        return date.fromisoformat(word or "")
    except ValueError:
        return None


def too_old(span: Span, today: date) -> bool:
    return span.length is not Length.CUSTOM and span.first.year < today.year - OLDEST_YEARS


def past(length: Length, key: str | None, today: date) -> Span | None:
    """The calendar span of that key when it is over and not too long ago."""
    span = calendar(length, today).before if key else None
    while span and span.key != key:
        span = None if too_old(span, today) else span.before
    return None if span is None or too_old(span, today) else span


def settling_day(span: Span, closing: Sequence[ClosingRule] = (DEFAULT,)) -> date | None:
    """A board is settled as the last month of its span closes: on the 10th after it, in January on the 15th; `all` never."""
    return None if span.length is Length.ALL else closes_on(span.last, closing)


LOOK_BACK = ((Length.MONTH, 13), (Length.QUARTER, 5), (Length.YEAR, 2))  # enough after any pause; older ones are frozen by hand


def settled(today: date, closing: Sequence[ClosingRule], first_booked: date | None) -> list[Span]:
    """The last months, quarters and years that are settled, oldest first; none that ended before the first booking of all."""
    found: list[Span] = []
    for length, many in LOOK_BACK if first_booked else ():
        span = calendar(length, today).before
        for _ in range(many):
            day = settling_day(span, closing) if span else None
            if span and day and day <= today and first_booked and span.last >= first_booked:
                found.append(span)
            span = span.before if span else None
    return sorted(found, key=lambda one: (one.last, one.first))


def span_words(span: Span, today: date) -> str:
    """10月1日至今; 2026年7月1日至9月30日; 从开始到现在."""
    if span.length is Length.ALL:
        return "从开始到现在"
    first, last = span.first, span.last
    if last >= today and span.length is not Length.CUSTOM:
        return f"{first.month}月{first.day}日至今"
    begin = f"{first.year}年{first.month}月{first.day}日"
    if first == last:
        return begin
    return f"{begin}至{f'{last.year}年' if last.year != first.year else ''}{last.month}月{last.day}日"


def span_name(span: Span, today: date) -> str:
    """本季, or 2026年第三季度 once it is over; 这段时间 of chosen days."""
    if span.length is Length.CUSTOM:
        return "这段时间"
    return THIS_SPAN[span.length] if span.last >= today else calendar_name(span)


def calendar_name(span: Span) -> str:
    """2026年第三季度, also while it runs; chosen days by their first and last."""
    first = span.first
    if span.length in (Length.CUSTOM, Length.ALL):
        return span_words(span, span.last)
    words = {
        Length.MONTH: f"{first.year}年{first.month}月",
        Length.QUARTER: f"{first.year}年第{'一二三四'[first.month // 3]}季度",
        Length.YEAR: f"{first.year}年",
    }
    return words[span.length]
