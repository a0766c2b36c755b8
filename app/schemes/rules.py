"""What two people decide by hand about somebody's points, and drafts of schemes: commands and pure decisions."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.words import full_day
from app.points.rules import CapPeriod, Per, SchemeKind
from app.points.standings import Band

YEARS_AHEAD = 2  # how far ahead anything may be dated


class Exempts(StrEnum):
    """What a dated exemption is given for; its values are those of points.standings.Exemption."""

    ILL = "ill"
    AWAY = "away"


class PointVerdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"  # by its maker


@dataclass(frozen=True)
class Proposal:
    """One of `rule_code`, `exempts` and `revokes_id`. `until` belongs to an exemption; None is until it is ended."""

    person_id: int
    scheme_kind: SchemeKind
    happened_on: date
    reason: str
    rule_code: str | None = None
    exempts: Exempts | None = None
    until: date | None = None
    revokes_id: int | None = None


def decision_fault(decider_id: int, maker_id: int, person_id: int, *, kin: bool) -> str | None:
    """Why this person may not decide; None when they may. `kin`: they are a relative of who it is about."""
    if decider_id == maker_id:
        return "不能确认自己提出的"
    if decider_id == person_id:
        return "不能确认自己的积分"
    if kin:
        return "不能确认家人的积分"
    return None


def exemption_fault(day: date, first_open: date, today: date) -> str | None:
    """Why an exemption can neither begin nor end on a day: its month is closed, and so are the scores and heads that it would change."""
    if day > date(today.year + YEARS_AHEAD, 12, 31):
        return f"日期太远了，最晚写 {full_day(date(today.year + YEARS_AHEAD, 12, 31))}"
    if day >= first_open:
        return None
    return f"{day.year}年{day.month}月已经结账，不再变，最早写 {full_day(first_open)}。以前的情况写在原因里"


@dataclass(frozen=True)
class DraftRule:
    """One rule as it was typed; amounts and caps in hundredths."""

    name: str
    per: Per
    amount: int
    activity_kind: str | None = None
    hour_kind: str | None = None
    counts_honour: bool = True
    cap: int | None = None
    cap_period: CapPeriod | None = None
    note: str = ""


@dataclass(frozen=True)
class DraftBasics:
    version: str
    source: str
    valid_from: date
    exempt_age: int | None
    bands: tuple[Band, ...]


DAYS_TO_BOOK = 3  # a month stays open that long at least, so that booking anew is over before it closes


def may_begin(valid_from: date, today: date, first_open: date, first_safe: date) -> str | None:
    """Why a version can not be in force from that day; None when it can: a day to come, or the first of a month that stays open a while.

    `first_safe`: the first of the first month that does not close in these days.
    """
    if valid_from.year > today.year + YEARS_AHEAD:
        return f"日期太远了，最晚从 {today.year + YEARS_AHEAD} 年 12 月 31 日起"
    if valid_from > today:
        return None
    if valid_from.day != 1:
        return "从以后的某一天起，或者从还没结账的某个月 1 日起"
    if valid_from < first_safe:
        why = "已经结账，不能再变" if valid_from < first_open else f"过不了 {DAYS_TO_BOOK} 天就结账，来不及按新方案重算"
        return f"{valid_from.year} 年 {valid_from.month} 月{why}。最早从 {first_safe.year} 年 {first_safe.month} 月 1 日起"
    return None
