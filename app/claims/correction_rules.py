"""更正 and the dispute desk: what may be changed, by whom, and until when it is answered. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.clock import local_date
from app.core.workdays import Holidays, working_days_after

ACKNOWLEDGE_DAYS, ANSWER_DAYS = 2, 10  # working days
LONGEST_REASON = 200
DAY_MINUTES = 24 * 60


class Change(StrEnum):
    TIMES = "times"  # other times; an end that people name makes it 补录时长
    HOUR_CLASS = "hour_class"  # the times stand, but people vouch for them: 补录时长
    MINUTES = "minutes"  # of hours from before this system, which have no times
    VOID = "void"


CHANGE_NAMES = {
    Change.TIMES: "改时间",
    Change.HOUR_CLASS: "改记为补录时长",
    Change.MINUTES: "改时长",
    Change.VOID: "作废",
}


class CorrectionVerdict(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DisputeOutcome(StrEnum):
    UPHELD = "upheld"  # the record stays as it is
    CORRECTED = "corrected"
    VOIDED = "voided"


OUTCOME_NAMES = {DisputeOutcome.UPHELD: "维持原记录", DisputeOutcome.CORRECTED: "已更正", DisputeOutcome.VOIDED: "已作废"}


class DisputeState(StrEnum):
    NEW = "new"  # nobody has taken it up
    CHECKING = "checking"
    CORRECTING = "correcting"  # a correction waits for a second person
    UPHELD = "upheld"
    CORRECTED = "corrected"
    VOIDED = "voided"
    ANSWERED = "answered"  # from before outcomes were kept


STATE_NAMES = {
    DisputeState.NEW: "待受理",
    DisputeState.CHECKING: "查实中",
    DisputeState.CORRECTING: "更正待确认",
    DisputeState.UPHELD: "维持原记录",
    DisputeState.CORRECTED: "已更正",
    DisputeState.VOIDED: "已作废",
    DisputeState.ANSWERED: "已答复",
}


def answer_by(made_at: datetime, holidays: Holidays) -> date:
    """The last day for the answer: ten working days after the day it was said."""
    return working_days_after(local_date(made_at), ANSWER_DAYS, holidays)


def acknowledge_by(made_at: datetime, holidays: Holidays) -> date:
    """The last day for 受理: two working days after the day it was said."""
    return working_days_after(local_date(made_at), ACKNOWLEDGE_DAYS, holidays)


@dataclass(frozen=True)
class Proposal:
    """What somebody wants changed. `in_at` and `out_at` belong to TIMES, `minutes` to MINUTES."""

    change: Change
    reason: str
    in_at: datetime | None = None
    out_at: datetime | None = None
    minutes: int = 0


def answer_fault(answerer_id: int, person_id: int, makers: Collection[int], *, kin: bool) -> str | None:
    """Why this person may not answer an objection: never about oneself or a relative, nobody who had a part in the record."""
    if answerer_id == person_id:
        return "这是您自己提的，要由另一位来答复"
    if kin:
        return "这是您家人提的，要由另一位来答复"
    if answerer_id in makers:
        return "这条记录有您经手的部分，要由没有经手的人来答复"
    return None


def approval_fault(approver_id: int, maker_id: int, person_id: int, aside: Collection[int]) -> str | None:
    """Why this person may not approve: never the maker, never about oneself, nobody who had a part in the record."""
    if approver_id == maker_id:
        return "这是您提出的更正，要由另一位来确认"
    if approver_id == person_id:
        return "这是您自己的记录，不能自己确认"
    if approver_id in aside:
        return "这条记录有您经手的部分，要由没有经手的人来确认"
    return None
