"""补录 and disputes: made by one, decided by another. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLAIM_WITHIN = timedelta(days=30)
ANSWER_DAYS = 5  # working days, then it rises to the parent unit
MAX_NAMES = 300


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


def decision_fault(decider_id: int, maker_id: int, named: frozenset[int]) -> str | None:
    """Why this person may not decide: never the maker, never about oneself."""
    if decider_id == maker_id:
        return "这是您提交的，要由另一位来确认"
    if decider_id in named:
        return "名单里有您自己，不能审批自己的记录"
    return None
