"""公示: what is shown for some working days before it holds, and the objections to it. Pure.

Five working days by default; an objection is acknowledged in two and answered in ten, by somebody who neither made it nor is concerned.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.workdays import Holidays, working_days_after

SHOWN_DAYS, ACKNOWLEDGE_DAYS, ANSWER_DAYS = 5, 2, 10
LONGEST_TITLE, LONGEST_WORDS, LONGEST_SAID, LONGEST_ANSWER, LONGEST_REASON = 80, 400, 500, 500, 200


class SubjectKind(StrEnum):
    """What is publicised; the id beside it is the feature's own."""

    ASSESSMENT = "assessment"
    HONOUR = "honour"
    CERTIFICATE = "certificate"
    PROJECT = "project"  # of the fund; names nobody, so it has no lines


SUBJECT_NAMES = {
    SubjectKind.ASSESSMENT: "党员积分考核",
    SubjectKind.HONOUR: "荣誉",
    SubjectKind.CERTIFICATE: "志愿服务记录证明",
    SubjectKind.PROJECT: "关爱基金项目",
}


class Reach(StrEnum):
    """Who sees it on the site. What tells that somebody is a party member is never PUBLIC."""

    BRANCH = "branch"  # signed-in members of the unit, and whoever may read it there
    PUBLIC = "public"  # everybody, with masked names


class Way(StrEnum):
    """How an objection came."""

    ONLINE = "online"
    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"


WAY_NAMES = {Way.ONLINE: "在网上提的", Way.IN_PERSON: "当面说的", Way.PHONE: "打电话说的", Way.LETTER: "写信说的"}


class Verdict(StrEnum):
    UPHELD = "upheld"
    REJECTED = "rejected"


VERDICT_NAMES = {Verdict.UPHELD: "异议成立", Verdict.REJECTED: "异议不成立"}


class State(StrEnum):
    RUNNING = "running"
    HEARING = "hearing"  # ended, with an objection that nobody has answered
    SETTLED = "settled"  # ended, every objection answered
    CONCLUDED = "concluded"  # whoever publicised it has drawn the conclusion
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    State.RUNNING: "正在公示",
    State.HEARING: "公示到期，异议待答复",
    State.SETTLED: "公示到期",
    State.CONCLUDED: "公示结束",
    State.WITHDRAWN: "已撤回",
}


@dataclass(frozen=True)
class Days:
    """Working days, a local rule (本地规定)."""

    shown: int = SHOWN_DAYS
    acknowledge: int = ACKNOWLEDGE_DAYS
    answer: int = ANSWER_DAYS


@dataclass(frozen=True)
class Subject:
    kind: SubjectKind
    id: int


@dataclass(frozen=True)
class Line:
    """One person and what is shown of them: “86.5 分，合格”. No name: that is resolved when it is shown."""

    person_id: int
    words: str


@dataclass(frozen=True)
class Notice:
    """What is to be publicised. `unit_id` is whose members see it, and whose secretary answers; `phone` and `place` take objections.

    `makers` stand behind the decision, besides whoever publishes it: none of them answers an objection to it.
    """

    subject: Subject
    unit_id: int
    reach: Reach
    title: str
    lines: tuple[Line, ...]
    words: str = ""
    phone: str = ""
    place: str = ""
    makers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Said:
    """An objection. `about_id` None is the whole; `by_id` None is somebody whose name was written down."""

    about_id: int | None
    words: str
    way: Way = Way.ONLINE
    by_id: int | None = None
    by_name: str = ""
    by_phone: str = ""
    received_on: date | None = None


def last_day(starts_on: date, days: int, holidays: Holidays) -> date:
    """The last day on which it is shown: so many working days after the day it was put up."""
    return working_days_after(starts_on, days, holidays)


def state(today: date, ends_on: date, *, open_objections: int, withdrawn: bool, concluded: bool) -> State:
    if withdrawn:
        return State.WITHDRAWN
    if concluded:
        return State.CONCLUDED
    if today <= ends_on:
        return State.RUNNING
    return State.HEARING if open_objections else State.SETTLED


def keyed_until(ends_on: date, days: int, holidays: Holidays) -> date:
    """Until when somebody may key in what came on paper while it was shown: as long as one has to say 收到."""
    return working_days_after(ends_on, days, holidays)


def answer_fault(
    answerer_id: int, by_id: int | None, keyed_by_id: int | None, concerned: Collection[int], makers: Collection[int] = ()
) -> str | None:
    """Why this person may not answer an objection; `concerned` are those whom it is about, `makers` those behind what was decided."""
    if answerer_id == by_id:
        return "这是您自己提的，要由另一位来答复"
    if answerer_id == keyed_by_id:
        return "这是您登记的，要由另一位来答复"
    if answerer_id in concerned:
        return "这条说的就有您，要由另一位来答复"
    if answerer_id in makers:
        return "公示的这件事是您经手的，要由另一位来答复"
    return None
