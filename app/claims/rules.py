"""补录 and disputes: made by one, decided by another. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.core.clock import at_local, local_date

CLAIM_WITHIN = timedelta(days=30)
ANSWER_DAYS = 5  # working days, then it rises to the parent unit
MAX_NAMES = 300
LONGEST_NOTE, LONGEST_REASON, LONGEST_SAID, LONGEST_ANSWER = 200, 200, 300, 300


class BatchKind(StrEnum):
    TICKED = "ticked"  # a secretary ticks who was there
    PAPER = "paper"  # a sheet keyed in, or one name told at the door


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


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


def decision_fault(decider_id: int, maker_id: int, named: frozenset[int]) -> str | None:
    """Why this person may not decide: never the maker, never about oneself."""
    if decider_id == maker_id:
        return "这是您提交的，要由另一位来确认"
    if decider_id in named:
        return "名单里有您自己，不能审批自己的记录"
    return None


def naming_fault(starts_at: datetime, last_end: datetime, now: datetime) -> str | None:
    """Why a shift's people can not be named now: from its start until 30 days after its end."""
    if now < starts_at:
        return "这一班还没开始，开始以后再补签"
    if now > last_end + CLAIM_WITHIN:
        return "这一班过去 30 天了，不能再补。请写明情况交给街道处理"
    return None


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
