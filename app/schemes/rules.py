"""What two people decide by hand about somebody's points, and drafts of schemes: commands and pure decisions."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.points.rules import CapPeriod, Per, SchemeKind
from app.points.standings import Band


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


def decision_fault(decider_id: int, maker_id: int, person_id: int) -> str | None:
    """Why this person may not decide; None when they may."""
    if decider_id == maker_id:
        return "不能确认自己提出的"
    if decider_id == person_id:
        return "不能确认自己的积分"
    return None


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


def may_begin(valid_from: date, today: date, first_open: date) -> str | None:
    """Why a version can not be in force from that day; None when it can: a day to come, or the first of a month that is open."""
    if valid_from > today:
        return None
    if valid_from.day != 1:
        return "从以后的某一天起，或者从还没结账的某个月 1 日起"
    if valid_from < first_open:
        return f"{valid_from.year} 年 {valid_from.month} 月已经结账，不能再变。最早从 {first_open.year} 年 {first_open.month} 月 1 日起"
    return None
