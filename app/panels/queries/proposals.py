"""征集, published and drafts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from app.core.db import db
from app.fund.models import FundProject
from app.fund.models_road import FundCall, FundCallChange
from app.fund.money_rules import Verdict
from app.fund.rules import ProjectKind, Stage
from app.fund.stage_rules import Criterion
from app.people.models import Person

PAGE = 30


@dataclass(frozen=True)
class CallPage:
    """A 征集 with how many projects answered it."""

    id: int
    kind: ProjectKind
    title: str
    words: str
    opens_on: date
    closes_on: date
    cap: int | None
    weights: dict[Criterion, int]
    made_by_id: int
    made_by: str
    made_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None
    sent: int

    def takes(self, day: date) -> bool:
        return self.published_at is not None and self.withdrawn_at is None and self.opens_on <= day <= self.closes_on


def calls(*where: ColumnElement[bool], limit: int = PAGE, offset: int = 0) -> list[CallPage]:
    """The newest first; one query."""
    sent = (
        select(func.count())
        .select_from(FundProject)
        .where(FundProject.call_id == FundCall.id, FundProject.stage != Stage.DRAFT)
        .correlate(FundCall)
        .scalar_subquery()
    )
    of_call = tuple(getattr(FundCall, criterion.value) for criterion in Criterion)
    rows: Any = db.session.execute(
        select(
            *(FundCall.id, FundCall.kind, FundCall.title, FundCall.words, FundCall.opens_on, FundCall.closes_on, FundCall.cap),
            *(FundCall.made_by_id, Person.name, FundCall.made_at, FundCall.published_at),
            *(FundCall.withdrawn_at, sent),
            *of_call,
        )
        .join(Person, Person.id == FundCall.made_by_id)
        .where(*where)
        .order_by(FundCall.closes_on.desc(), FundCall.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [_call(tuple(row)) for row in rows]


def _call(row: Any) -> CallPage:
    values = [*row[:7], dict(zip(Criterion, row[13:], strict=True)), *row[7:13]]
    return CallPage(*values)


def call(call_id: int) -> CallPage | None:
    return next(iter(calls(FundCall.id == call_id)), None)


def published() -> ColumnElement[bool]:
    return FundCall.published_at.is_not(None)


def to_publish(person_id: int) -> ColumnElement[bool]:
    """Drafts that wait for another person than who wrote them."""
    return and_(FundCall.published_at.is_(None), FundCall.made_by_id != person_id)


def count_calls(person_id: int) -> Select[int]:
    return select(func.count()).select_from(FundCall).where(to_publish(person_id))


@dataclass(frozen=True)
class CallChange:
    """A later last day, or (`closes_on` None) that the call is withdrawn; `was_on` is the last day before."""

    id: int
    call_id: int
    title: str
    was_on: date
    closes_on: date | None
    reason: str
    made_at: datetime
    made_by_id: int
    made_by: str
    decided_at: datetime | None
    verdict: Verdict | None
    answer: str

    @property
    def waits(self) -> bool:
        return self.decided_at is None

    @property
    def held(self) -> bool:
        return self.verdict is Verdict.APPROVED


def changes(*where: ColumnElement[bool], limit: int = 50) -> list[CallChange]:
    """The newest first; one query."""
    own = FundCallChange
    rows = db.session.execute(
        select(
            *(own.id, own.call_id, FundCall.title, own.was_on, own.closes_on, own.reason, own.made_at, own.made_by_id, Person.name),
            *(own.decided_at, own.verdict, own.answer),
        )
        .join(FundCall, FundCall.id == own.call_id)
        .join(Person, Person.id == own.made_by_id)
        .where(*where)
        .order_by(own.id.desc())
        .limit(limit)
    )
    return [CallChange(*list(row)) for row in rows]


def changes_of(call_id: int) -> list[CallChange]:
    return changes(FundCallChange.call_id == call_id)


def change_waits(person_id: int) -> ColumnElement[bool]:
    """Changes of calls that wait for another person than who asked for them."""
    return and_(FundCallChange.decided_at.is_(None), FundCallChange.made_by_id != person_id)


def count_changes(person_id: int) -> Select[int]:
    return select(func.count()).select_from(FundCallChange).where(change_waits(person_id))
