"""Points: schemes, rules and caps, as integers in hundredths. Pure.

Two schemes that are never added up: 志愿积分 (everyone) and 党员积分考核 (members; seen by the member and the branch).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.hours.rules import PeriodKind, period


class SchemeKind(StrEnum):
    VOLUNTEER = "volunteer"
    MEMBER = "member"


SCHEME_NAMES = {SchemeKind.VOLUNTEER: "志愿积分", SchemeKind.MEMBER: "党员积分"}


class Per(StrEnum):
    """What a rule is about. `amount` is in hundredths of a point, of CARRY in hundredths of a per cent of last year's total."""

    BASE = "base"  # once a year, for being in the scheme; read, never posted (ADR 0009)
    HOUR = "hour"  # each hour of the hours' ledger, minute by minute
    OCCURRENCE = "occurrence"  # each activity attended
    HONOUR = "honour"  # each time an honour is granted
    MANUAL = "manual"  # a bonus: two people, with a reason
    DEDUCTION = "deduction"  # below zero: two people, with a reason
    VETO = "veto"  # makes the year zero: two people, with a reason
    CARRY = "carry"  # a share of last year's total; read, never posted


PER_NAMES = {
    Per.BASE: "底分",
    Per.HOUR: "每小时",
    Per.OCCURRENCE: "每次参加",
    Per.HONOUR: "每得一次荣誉",
    Per.MANUAL: "加分",
    Per.DEDUCTION: "扣分",
    Per.VETO: "一票否决",
    Per.CARRY: "上年结转",
}
BY_HAND = frozenset({Per.MANUAL, Per.DEDUCTION, Per.VETO})  # proposed by one person, approved by another
EARNING = frozenset({Per.HOUR, Per.OCCURRENCE, Per.HONOUR, Per.MANUAL})


class CapPeriod(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def cap_spans(day: date) -> dict[str, str]:
    """The keys of the month, the quarter and the year of a day, by the kind of period."""
    return {kind.value: period(PeriodKind(kind.value), day).key for kind in CapPeriod}


@dataclass(frozen=True)
class Rule:
    """`activity_kind` and `hour_kind` narrow it; None means any. `amount` and `cap` are hundredths of a point.

    `code` is the same rule in every version of a scheme: its cap holds over all of them. A cap is never below zero, of
    deductions too.
    """

    id: int
    per: Per
    amount: int
    activity_kind: str | None = None
    hour_kind: str | None = None
    counts_honour: bool = True
    cap: int | None = None
    cap_period: CapPeriod | None = None
    code: str = ""
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Earned:
    """What happened, as far as points care."""

    minutes: int
    hour_kind: str
    activity_kind: str | None
    honour: bool


@dataclass(frozen=True)
class Award:
    """`wanted` is what the rule gives; `given` is what is left under its cap."""

    rule_id: int
    wanted: int
    given: int


def wanted(rule: Rule, earned: Earned) -> int:
    """Hundredths that `rule` gives for `earned`, before any cap; 0 when it does not apply. Cut, never rounded up.

    Hours are those of their ledger: 组织生活 gives none, however long.
    """
    if rule.per not in (Per.HOUR, Per.OCCURRENCE) or (rule.per is Per.HOUR and not earned.hour_kind):
        return 0
    if rule.activity_kind is not None and rule.activity_kind != earned.activity_kind:
        return 0
    if rule.hour_kind is not None and rule.hour_kind != earned.hour_kind:
        return 0
    if earned.honour and not rule.counts_honour:
        return 0
    return rule.amount * earned.minutes // 60 if rule.per is Per.HOUR else rule.amount


def award(rule: Rule, earned: Earned, used: int) -> Award:
    """`used` is what the rule, by its code, gave this person in its cap period so far."""
    full = wanted(rule, earned)
    return Award(rule.id, full, fair(rule, full, used))


def fair(rule: Rule, wanted_in_all: int, others: int = 0) -> int:
    """What a rule gives one person in one cap period for all that its entries want there together.

    `others`: what stands there before them under the same code, of earlier versions.
    """
    if rule.cap is None:
        return wanted_in_all
    if rule.amount < 0:
        return max(wanted_in_all, min(0, -rule.cap - others))
    return min(wanted_in_all, max(0, rule.cap - others))


@dataclass(frozen=True)
class PointPosting:
    """One row for the ledger, in hundredths; `points` is what was given of `wanted`."""

    person_id: int
    home_unit_id: int | None
    organising_unit_id: int
    activity_id: int | None
    scheme_id: int
    scheme_kind: SchemeKind
    rule_id: int
    served_on: date
    wanted: int
    points: int
    source_kind: str
    source_id: int
    generation: int = 0
    reverses_id: int | None = None
    reason: str = ""
    batch_id: int | None = None
    made_by_id: int | None = None
    approved_by_id: int | None = None
    counted_on: date | None = None
    cap_on: date | None = None  # see PointEntry

    @property
    def counts_on(self) -> date:
        return self.counted_on or self.served_on

    @property
    def key(self) -> tuple[int, str, int, int, bool]:
        """What there is once: an entry of a rule for a source and its generation, and the reversal of that."""
        return self.rule_id, str(self.source_kind), self.source_id, self.generation, self.reverses_id is not None

    @property
    def caps_on(self) -> date:
        """A day of the period whose cap it falls under."""
        return self.cap_on or self.counts_on

    def columns(self) -> dict[str, Any]:
        return asdict(self)


def places(scores: Sequence[int]) -> list[int]:
    """Shared places (1, 2, 2, 4): one more than the number of strictly higher scores."""
    ranked = sorted(scores, reverse=True)
    first = {score: place for place, score in reversed(list(enumerate(ranked, 1)))}
    return [first[score] for score in scores]
