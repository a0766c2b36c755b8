"""补录 and disputes: made by one, decided by another. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.checkin.rules import SHORTEST_MINUTES, Counted, ShiftTimes, count
from app.core.clock import at_local, local_date
from app.core.words import minutes_words, time_words

CLAIM_WITHIN = timedelta(days=30)
LATELY = timedelta(days=90)  # how many make-ups there were lately, told to who decides
MOST_PHOTOS = 3
ANSWER_DAYS = 5  # working days, then it rises to the parent unit
MAX_NAMES = 300
LONGEST_NOTE, LONGEST_REASON, LONGEST_SAID, LONGEST_ANSWER = 200, 200, 300, 300


class BatchKind(StrEnum):
    TICKED = "ticked"  # a secretary ticks who was there
    PAPER = "paper"  # a sheet keyed in, or one name told at the door
    OWN = "own"  # somebody's own claim, with a photo or a witness


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class Says(StrEnum):
    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class LocalRules:
    """本地规定 about make-ups: until when one may claim, and from which share of them a unit is marked."""

    within_days: int = 30
    share_percent: int = 20

    @property
    def within(self) -> timedelta:
        return timedelta(days=self.within_days)


@dataclass(frozen=True)
class OwnClaim:
    """What somebody says of themselves. `witness_id`: who was there too."""

    activity_id: int
    shift_id: int
    in_at: datetime
    out_at: datetime
    did: str
    witness_id: int | None = None


@dataclass(frozen=True)
class NamedSpell:
    """One person said to have been there from `in_at` to `out_at`."""

    person_id: int
    in_at: datetime
    out_at: datetime


@dataclass(frozen=True)
class Naming:
    """Who was at a shift, as one person says; the other who confirms it is somebody else."""

    activity_id: int
    shift_id: int
    kind: BatchKind
    spells: tuple[NamedSpell, ...]
    note: str = ""


def decision_fault(
    decider_id: int, maker_id: int, named: frozenset[int], witness_id: int | None = None, relatives: Collection[int] = ()
) -> str | None:
    """Why this person may not decide: never the maker, never about oneself or a relative (`relatives` among the named), never as the
    witness."""
    if decider_id == maker_id:
        return "这是您提交的，要由另一位来确认"
    if decider_id in named:
        return "名单里有您自己，不能审批自己的记录"
    if decider_id == witness_id:
        return "您是这条的证明人，要由另一位来确认"
    if relatives:
        return "这是您家人的记录，要由另一位来确认" if len(named) == 1 else "名单里有您的家人，要由另一位来确认"
    return None


def naming_fault(starts_at: datetime, last_end: datetime, now: datetime, within: timedelta = CLAIM_WITHIN) -> str | None:
    """Why a shift's people can not be named now: from its start until 30 days (a local rule) after its end."""
    if now < starts_at:
        return "这一班还没开始，开始以后再补签"
    if now > last_end + within:
        return f"这一班过去 {within.days} 天了，不能再补。请写明情况交给街道处理"
    return None


def claimable(shift: ShiftTimes, in_at: datetime, out_at: datetime) -> Counted:
    """What a claim may come to: the same as a scanned spell, so never more than the activity's own length."""
    return count(shift, in_at, out_at)


def longest(shift: ShiftTimes) -> int:
    """Minutes of the whole shift, breaks deducted."""
    return count(shift, shift.starts_at, shift.last_end).minutes


def own_fault(shift: ShiftTimes, in_at: datetime, out_at: datetime, now: datetime) -> str | None:
    """Why somebody's own times can not be, in words for themselves."""
    whole = f"活动是 {time_words(shift.starts_at)}–{time_words(shift.last_end)}，最多补 {minutes_words(longest(shift))}"
    if out_at <= in_at:
        return f"结束早于开始。{whole}"
    if spell_fault(shift.starts_at, shift.last_end, in_at, out_at):
        return f"这个时间不在活动里。{whole}"
    if out_at > now:
        return "还没到这个时间，做完了再补"
    if claimable(shift, in_at, out_at).minutes == 0:
        return f"不到 {SHORTEST_MINUTES} 分钟，不计时长。{whole}"
    return None


@dataclass(frozen=True)
class Share:
    """扫码时长 and 补录时长 of one unit in one period, in minutes."""

    unit_id: int
    name: str
    credit: int
    honour: int

    @property
    def total(self) -> int:
        return self.credit + self.honour

    @property
    def part(self) -> int:
        """The make-ups in `total`. A period in which more was taken back than came in has no share of anything."""
        return min(max(0, self.honour), max(0, self.total))

    @property
    def permille(self) -> int:
        """The make-ups' share of all, cut; compare with `above`, which is exact."""
        return self.part * 1000 // self.total if self.total > 0 else 0

    def above(self, percent: int) -> bool:
        return self.part * 100 > percent * max(0, self.total)


def moments(starts_at: datetime, last_end: datetime, in_time: time, out_time: time) -> tuple[datetime, datetime]:
    """Times of the wall clock as instants of a shift; only in one that runs past midnight may they be of the next day."""
    first, last = local_date(starts_at), local_date(last_end)
    came, left = at_local(first, in_time), at_local(first, out_time)
    if last > first:
        came = came if came >= starts_at - timedelta(hours=12) else at_local(last, in_time)
        left = left if left > came else at_local(last, out_time)
    return came, left


def spell_fault(starts_at: datetime, last_end: datetime, in_at: datetime, out_at: datetime) -> str | None:
    """Why a spell can not be: it ends before it begins, or lies outside the shift altogether."""
    if out_at <= in_at:
        return "离开要晚于到场"
    if out_at <= starts_at or in_at >= last_end:
        return "这个时间不在班次里，记不进去"
    return None
