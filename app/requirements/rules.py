"""双50小时: what counts, what is missing, how much time is left. Pure; the rule itself is data (see models).

The seeds only name the rule; both presets are readings found in comparable places. The page says so:
口径以组织部门为准. The software informs, the branch decides.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.hours.rules import HourClass, HourKind
from app.people.rules import STAGE_ORDER, StageFact, StageKind


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
    TOPPED = "topped"  # made-up time, of which a part was enough
    BEFORE = "before"  # before the stage began
    AFTER = "after"  # after the window
    ENDED = "ended"  # after the stage had ended
    OTHER_KIND = "other_kind"
    HONOUR_FULL = "honour_full"
    NOT_NEEDED = "not_needed"  # made-up time, and scanned time is enough
    TAKEN_BACK = "taken_back"


WHY_WORDS = {
    Why.COUNTS: "计入",
    Why.PARTLY: "补录时长已到上限，只计一部分",
    Why.TOPPED: "只用到一部分就满了",
    Why.BEFORE: "在进入这个阶段以前",
    Why.AFTER: "在期限以后",
    Why.ENDED: "在这个阶段结束以后",
    Why.OTHER_KIND: "不是这一类",
    Why.HONOUR_FULL: "补录时长已到上限",
    Why.NOT_NEEDED: "扫码时长已经够了，用不上",
    Why.TAKEN_BACK: "已更正或作废",
}


class ChoiceVerdict(StrEnum):
    """What came of asking that a version hold."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """Where somebody stands in the stage they are in; the worse of their requirements."""

    ON_TRACK = "on_track"
    TIGHT = "tight"
    OVERDUE = "overdue"
    REACHED = "reached"
    CONFIRMED = "confirmed"


STATE_NAMES = {
    State.ON_TRACK: "正常",
    State.TIGHT: "偏紧",
    State.OVERDUE: "已超期",
    State.REACHED: "已达到",
    State.CONFIRMED: "已确认",
}
STATE_TONES = {State.ON_TRACK: "", State.TIGHT: "warn", State.OVERDUE: "no", State.REACHED: "yes", State.CONFIRMED: "yes"}
STATE_ICONS = {State.ON_TRACK: "trend", State.TIGHT: "clock", State.OVERDUE: "warn", State.REACHED: "check", State.CONFIRMED: "shield"}
URGENT = (State.REACHED, State.OVERDUE, State.TIGHT, State.ON_TRACK, State.CONFIRMED)  # what somebody has to do first
ASKABLE = (StageKind.APPLICANT, StageKind.ACTIVIST, StageKind.CANDIDATE, StageKind.PROBATIONARY)  # stages on the way into the party
TIGHT_WEEKLY = 5 * 60  # minutes a week from which it is 偏紧
PAGE = 20


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
    reached_on: date | None = None  # the day of the service that made it full

    @property
    def done(self) -> int:
        """What counts: scanned time, and made-up time as far as it is needed and its share allows."""
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
    def overdue(self) -> bool:
        return not self.complete and self.days_left is not None and self.days_left <= 0

    @property
    def at_risk(self) -> bool:
        """偏紧: overdue, or more than five hours a week would be needed."""
        return self.overdue or (self.weekly or 0) > TIGHT_WEEKLY


def progress(need: Need, began_on: date, facts: Sequence[Fact], today: date, ended_on: date | None = None) -> Progress:
    """Evaluate one need. Scanned time fills it first; made-up time, in the order it was served, only what is left, up to its share.

    `ended_on` is the day on which the next stage began: what is served from then on does not count here.
    """
    due_on = began_on + timedelta(days=need.window_days) if need.window_days else None
    ordered = sorted(facts, key=lambda fact: (fact.served_on, fact.id))
    inside = [fact for fact in ordered if _outside(need, began_on, due_on, ended_on, fact) is None]
    credit = sum(fact.minutes for fact in inside if fact.hour_class is HourClass.CREDIT)
    gap = max(0, need.minutes_needed - credit)
    honour, counted = 0, []
    for fact in ordered:
        outside = _outside(need, began_on, due_on, ended_on, fact)
        why, minutes = (outside, 0) if outside else _judge(need, fact, honour, gap)
        if fact.hour_class is HourClass.HONOUR:
            honour += minutes
        counted.append(Counted(fact, minutes, why))
    left = (due_on - today).days if due_on else None
    return Progress(need, began_on, due_on, credit, honour, left, tuple(counted), _reached(need, inside))


def _outside(need: Need, began_on: date, due_on: date | None, ended_on: date | None, fact: Fact) -> Why | None:
    """Why an entry has nothing to do with the need."""
    if fact.kind is not need.kind:
        return Why.OTHER_KIND
    if fact.served_on < began_on:
        return Why.BEFORE
    if due_on and fact.served_on >= due_on:
        return Why.AFTER
    return Why.ENDED if ended_on and fact.served_on >= ended_on else None


def _judge(need: Need, fact: Fact, honour: int, gap: int) -> tuple[Why, int]:
    """Of an entry within the window; `gap` is what scanned time leaves open, `honour` the made-up minutes counted before it."""
    if fact.hour_class is HourClass.CREDIT:
        return Why.COUNTS, fact.minutes
    room = min(need.honour_minutes, gap) - honour
    by_share = need.honour_minutes <= gap
    if room <= 0:
        return (Why.HONOUR_FULL if by_share else Why.NOT_NEEDED), 0
    if fact.minutes <= room:
        return Why.COUNTS, fact.minutes
    return (Why.PARTLY if by_share else Why.TOPPED), room


def _reached(need: Need, inside: Iterable[Fact]) -> date | None:
    """The day of the service that made it full, in the order of service."""
    credit = honour = 0
    for fact in inside:
        if fact.hour_class is HourClass.CREDIT:
            credit += fact.minutes
        else:
            honour += fact.minutes
        if credit + min(honour, need.honour_minutes) >= need.minutes_needed:
            return fact.served_on
    return None


def summed(need: Need, began_on: date, credit: int, honour: int, today: date) -> Progress:
    """The same from two sums of what was served within the window, for tables: no entries and no day on which it was full."""
    due_on = began_on + timedelta(days=need.window_days) if need.window_days else None
    used = min(honour, need.honour_minutes, max(0, need.minutes_needed - credit))
    return Progress(need, began_on, due_on, credit, used, (due_on - today).days if due_on else None)


def state_of(needs: Collection[Progress], *, confirmed: bool = False) -> State:
    """Of one person in one stage, of whom something is asked."""
    if confirmed:
        return State.CONFIRMED
    if any(one.overdue for one in needs):
        return State.OVERDUE
    if any(one.at_risk for one in needs):
        return State.TIGHT
    return State.REACHED if all(one.complete for one in needs) else State.ON_TRACK


@dataclass(frozen=True)
class Period:
    """One stage of one person: until `ended_on` (the day the next one began), or still."""

    kind: StageKind
    began_on: date
    ended_on: date | None

    def judged_on(self, today: date) -> date:
        """The day whose rule holds for it: the last one of the stage, so that no later rule touches what is over."""
        return self.ended_on - timedelta(days=1) if self.ended_on and self.ended_on > self.began_on else min(today, self.ended_on or today)


def periods(stages: Sequence[StageFact], today: date) -> list[Period]:
    """The stages that somebody went through, the first one first. Of two begun the same day the later in order holds."""
    begun = sorted((one for one in stages if one.began_on <= today), key=lambda one: (one.began_on, STAGE_ORDER[one.kind]))
    ends = [*(one.began_on for one in begun[1:]), None]
    return [Period(one.kind, one.began_on, ends[place]) for place, one in enumerate(begun)]


@dataclass(frozen=True)
class NeedDraft:
    """A line of the editor."""

    stage: StageKind
    kind: HourKind
    minutes_needed: int
    honour_minutes: int
    window_days: int | None


@dataclass(frozen=True)
class SetDraft:
    name: str
    note: str
    needs: tuple[NeedDraft, ...]
