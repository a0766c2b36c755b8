"""双50小时: what counts, what is missing, how much time is left. Pure; the rule itself is data (see models).

The seeds only name the rule; both presets are readings found in comparable places. The page says so:
口径以组织部门为准. The software informs, the branch decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.hours.rules import HourClass, HourKind
from app.people.rules import StageKind


@dataclass(frozen=True)
class Need:
    """So many minutes of one kind in one stage; at most `honour_minutes` of them made up; `window_days` None is no limit."""

    id: int
    stage: StageKind
    kind: HourKind
    minutes_needed: int
    honour_minutes: int
    window_days: int | None


@dataclass(frozen=True)
class Fact:
    """An entry of the hours ledger that stands."""

    id: int
    served_on: date
    kind: HourKind
    hour_class: HourClass
    minutes: int


class Why(StrEnum):
    """Why an entry counts, or does not."""

    COUNTS = "counts"
    PARTLY = "partly"  # made-up time beyond its share
    BEFORE = "before"  # before the stage began
    AFTER = "after"  # after the window
    OTHER_KIND = "other_kind"
    HONOUR_FULL = "honour_full"


WHY_WORDS = {
    Why.COUNTS: "计入",
    Why.PARTLY: "补录时长已到上限，只计一部分",
    Why.BEFORE: "在进入这个阶段以前",
    Why.AFTER: "在期限以后",
    Why.OTHER_KIND: "不是这一类",
    Why.HONOUR_FULL: "补录时长已到上限",
}


@dataclass(frozen=True)
class Counted:
    fact: Fact
    minutes: int
    why: Why


@dataclass(frozen=True)
class Progress:
    """How far one need is met. Minutes throughout; `days_left` None without a limit; `weekly` is the pace still needed."""

    need: Need
    began_on: date
    due_on: date | None
    credit: int
    honour: int
    days_left: int | None
    counted: tuple[Counted, ...] = ()

    @property
    def done(self) -> int:
        """What counts, honour up to its share; may be more than is needed."""
        return self.credit + self.honour

    @property
    def missing(self) -> int:
        return max(0, self.need.minutes_needed - self.done)

    @property
    def complete(self) -> bool:
        return self.missing == 0

    @property
    def weekly(self) -> int | None:
        """Minutes a week that would still do; None when complete, without a limit, or past it."""
        if self.complete or not self.days_left or self.days_left <= 0:
            return None
        return -(-self.missing * 7 // self.days_left)

    @property
    def at_risk(self) -> bool:
        """偏紧: overdue, or more than five hours a week would be needed."""
        if self.complete or self.days_left is None:
            return False
        return self.days_left <= 0 or (self.weekly or 0) > 5 * 60


def progress(need: Need, began_on: date, facts: Sequence[Fact], today: date) -> Progress:
    """Evaluate one need. Scanned time is taken first within the window, made-up time in the order it was served."""
    due_on = began_on + timedelta(days=need.window_days) if need.window_days else None
    credit = honour = 0
    counted = []
    for fact in sorted(facts, key=lambda fact: (fact.served_on, fact.id)):
        why, minutes = _judge(need, began_on, due_on, fact, honour)
        if fact.hour_class is HourClass.CREDIT:
            credit += minutes
        else:
            honour += minutes
        counted.append(Counted(fact, minutes, why))
    left = (due_on - today).days if due_on else None
    return Progress(need, began_on, due_on, credit, honour, left, tuple(counted))


def _judge(need: Need, began_on: date, due_on: date | None, fact: Fact, honour: int) -> tuple[Why, int]:
    if fact.kind is not need.kind:
        return Why.OTHER_KIND, 0
    if fact.served_on < began_on:
        return Why.BEFORE, 0
    if due_on and fact.served_on >= due_on:
        return Why.AFTER, 0
    if fact.hour_class is HourClass.CREDIT:
        return Why.COUNTS, fact.minutes
    room = need.honour_minutes - honour
    if room <= 0:
        return Why.HONOUR_FULL, 0
    return (Why.COUNTS, fact.minutes) if fact.minutes <= room else (Why.PARTLY, room)
