"""Why somebody should look at an attendance, and who decides about it. Pure, as rules.

A reason is a note (the spell counts, the organiser may want to know) or it holds: nothing is credited until somebody has
decided, and the volunteer reads 待核实 meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.checkin.rules import LATE_AFTER
from app.core.words import minutes_words

MANY_PEOPLE = 3  # different people by one phone at one activity; two share a phone, which is a note only
MOVING_TAKES = timedelta(minutes=10)  # between two places
PARENT_MINUTES, SUBDISTRICT_MINUTES = 480, 720  # credited in one day; above, the units above decide (defaults of a setting)
LOWEST_LIMIT = 360  # the setting can not go below; fewer minutes a day never ask for it
REMIND_AFTER = timedelta(hours=72)


class Reason(StrEnum):
    ELSEWHERE = "elsewhere"  # at another activity at the same time
    TOO_NEAR = "too_near"  # at another place with less time between than moving takes
    SHARED_DEVICE = "shared_device"
    OUTSIDE = "outside"  # of the fence, where the organiser turned one on
    LATE = "late"  # arrived long after its time: no signal
    SHORT = "short"
    LONG_DAY = "long_day"  # over 8 hours credited in one day
    LONGEST_DAY = "longest_day"  # over 12
    STAFF = "staff"  # held, and of somebody who organises or helps here
    KIN = "kin"  # held, and of a relative of theirs
    CLOSED = "closed"  # counted only after the activity was closed: an end that was named, somebody who was confirmed


class Rung(StrEnum):
    """Who decides: the organiser, the parent unit, the subdistrict."""

    ORGANISER = "organiser"
    PARENT = "parent"
    SUBDISTRICT = "subdistrict"


class Verdict(StrEnum):
    COUNT = "count"
    LEAVE = "leave"


KIND_NAMES = {
    Reason.ELSEWHERE: "同一时间在两处",
    Reason.TOO_NEAR: "两场隔得太近",
    Reason.SHARED_DEVICE: "一部手机签了好几个人",
    Reason.OUTSIDE: "不在活动地点附近",
    Reason.LONG_DAY: "一天很长",
    Reason.LONGEST_DAY: "一天特别长",
    Reason.CLOSED: "收场以后才算的",
}
CLOSE = frozenset({Reason.STAFF, Reason.KIN})
ORDER = {Rung.ORGANISER: 0, Rung.PARENT: 1, Rung.SUBDISTRICT: 2}
ASKS = {
    Reason.ELSEWHERE: Rung.ORGANISER,
    Reason.TOO_NEAR: Rung.ORGANISER,
    Reason.SHARED_DEVICE: Rung.ORGANISER,
    Reason.OUTSIDE: Rung.ORGANISER,
    Reason.LONG_DAY: Rung.PARENT,
    Reason.LONGEST_DAY: Rung.SUBDISTRICT,
    Reason.STAFF: Rung.PARENT,
    Reason.KIN: Rung.PARENT,
    Reason.CLOSED: Rung.ORGANISER,
}


def say(reason: Reason, number: int | None = None, other: str | None = None) -> str:
    """A reason in plain words, for those who decide. `other` is the title of the other activity; the volunteer never reads these."""
    there = f"“{other}”" if other else "另一场"
    match reason:
        case Reason.ELSEWHERE:
            return f"同一时间也在{there}"
        case Reason.TOO_NEAR:
            return f"和{there}只隔 {number or 0} 分钟，地方不同，来不及过去"
        case Reason.SHARED_DEVICE:
            return f"一部手机签了 {number or 2} 个人"
        case Reason.OUTSIDE:
            return "扫码时不在活动地点附近"
        case Reason.LATE:
            return f"扫码后 {minutes_words(number or 0)}才传上来，多半是没信号"
        case Reason.SHORT:
            return "不足 15 分钟，不计时长"
        case Reason.LONG_DAY | Reason.LONGEST_DAY:
            return f"当天加起来 {minutes_words(number or 0)}"
        case Reason.STAFF:
            return "是这场的组织者或帮手"
        case Reason.KIN:
            return "是这场组织者或帮手的家人"
        case Reason.CLOSED:
            return "收场以后才算的，要另一个人看过"


@dataclass(frozen=True)
class Limits:
    """Minutes credited in one day above which the parent unit, and the subdistrict, decide (本地规定)."""

    parent: int = PARENT_MINUTES
    subdistrict: int = SUBDISTRICT_MINUTES


@dataclass(frozen=True)
class Stay:
    """A spell that ended, as far as reasons go. `minutes` is what it would count, between `start` and `end`."""

    attendance_id: int
    activity_id: int
    place: str
    in_at: datetime
    out_at: datetime
    start: datetime
    end: datetime
    minutes: int


@dataclass(frozen=True)
class Evidence:
    """What the scans of both ends say. `people`: different people by the phone that was used; `late`: minutes until it arrived."""

    place: str = ""
    people: int = 1
    late: int = 0
    outside: bool = False
    named_by: int | None = None  # who named an end
    after_closing: bool = False  # it is counted after 收场


@dataclass(frozen=True)
class Found:
    """One reason. `blocks`: it can not be passed over by a decision, for the database refuses credited overlaps."""

    reason: Reason
    holds: bool = True
    number: int | None = None
    other_id: int | None = None
    blocks: bool = False

    @property
    def rung(self) -> Rung:
        return ASKS[self.reason]


def find(stay: Stay, evidence: Evidence, others: "list[Stay]", day_minutes: int | None, limits: Limits) -> list[Found]:
    """All reasons of one spell. `others` are this person's credited spells, `day_minutes` what they count on this day.

    `day_minutes` is None for what gives no hours: no day grows long by it.
    """
    if stay.minutes == 0:
        return [Found(Reason.SHORT, holds=False)]
    found = [pair for pair in [_pair(stay, others)] if pair]
    if evidence.people > 1:
        found.append(Found(Reason.SHARED_DEVICE, holds=evidence.people >= MANY_PEOPLE, number=evidence.people))
    if evidence.outside:
        found.append(Found(Reason.OUTSIDE))
    if evidence.late:
        found.append(Found(Reason.LATE, holds=False, number=evidence.late))
    if evidence.after_closing:
        found.append(Found(Reason.CLOSED))
    total = stay.minutes + day_minutes if day_minutes is not None else 0
    if total > limits.subdistrict:
        found.append(Found(Reason.LONGEST_DAY, number=total))
    elif total > limits.parent:
        found.append(Found(Reason.LONG_DAY, number=total))
    return found


def _pair(stay: Stay, others: "list[Stay]") -> Found | None:
    """Nobody is at two places at once, nor moves between them in no time. What blocks comes first."""
    near: list[Found] = []
    for other in others:
        if other.start < stay.end and other.end > stay.start:
            return Found(Reason.ELSEWHERE, other_id=other.attendance_id, blocks=True)
        if other.activity_id == stay.activity_id or other.place.strip() == stay.place.strip():
            continue
        between = max(other.in_at - stay.out_at, stay.in_at - other.out_at)
        if between < timedelta(0):
            near.append(Found(Reason.ELSEWHERE, other_id=other.attendance_id))
        elif between < MOVING_TAKES:
            near.append(Found(Reason.TOO_NEAR, number=int(between.total_seconds() // 60), other_id=other.attendance_id))
    return min(near, key=lambda one: one.reason is Reason.TOO_NEAR, default=None)


def still_holding(found: list[Found], decided: Rung | None) -> list[Found]:
    """What keeps a spell from counting after a decision at that rung (None: nobody has decided)."""
    passed = -1 if decided is None else ORDER[decided]
    return [one for one in found if one.holds and (one.blocks or ORDER[one.rung] > passed)]


def highest(rungs: "list[Rung]") -> Rung:
    return max(rungs, key=ORDER.__getitem__)


def late_minutes(at: datetime, received_at: datetime) -> int:
    """0 for a scan that arrived in good time."""
    return int((received_at - at).total_seconds() // 60) if received_at - at > LATE_AFTER else 0
