"""What projects owe, by when: facts in one statement, however many projects; the rule itself is pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, select, true

from app.core import clock
from app.core.db import db
from app.fund.models import FundAccount, FundProgressEntry, FundProject, FundStageEntry
from app.fund.rules import ProjectKind, Stage
from app.people.models import Unit
from app.results.models import FundReport
from app.results.rules import MONEY_DAYS, Duty, Facts, duties
from app.settings import queries as settings

RULE = "fund.money_back"  # {"back_days": 90}
BEGUN = (Stage.RUNNING, Stage.MIDTERM, Stage.PAUSED, Stage.FINAL, Stage.STOPPED, Stage.CLOSED, Stage.ARCHIVED)
DONE_WITH = (Stage.CLOSED, Stage.ARCHIVED)


def money_days() -> int:
    """本地规定: within how many days of the end unspent money goes back."""
    return int(settings.value(RULE, {"back_days": MONEY_DAYS})["back_days"])


@dataclass(frozen=True)
class Owed:
    """One duty of one project."""

    duty: Duty
    project_id: int
    number: str
    name: str
    kind: ProjectKind
    stage: Stage
    unit: str
    balance: int

    @property
    def key(self) -> str:
        return f"{self.project_id}-{self.duty.kind.value}"


def _facts(where: ColumnElement[bool]) -> list[tuple[Any, Facts]]:
    entry = FundStageEntry

    def first(*stages: Stage) -> Any:
        return func.min(case((entry.stage.in_(stages), entry.at)))

    staged = (
        select(
            entry.project_id,
            first(Stage.RUNNING).label("began_at"),
            first(Stage.STOPPED, Stage.CLOSED).label("ended_at"),
            first(Stage.MIDTERM).label("midterm_at"),
            func.max(case((and_(entry.seq == 1, entry.stage == Stage.ARCHIVED), 1), else_=0)).label("past"),
        )
        .group_by(entry.project_id)
        .subquery()
    )
    progress = (
        select(FundProgressEntry.project_id, func.max(FundProgressEntry.happened_on).label("last"))
        .group_by(FundProgressEntry.project_id)
        .subquery()
    )
    reported = (
        select(FundReport.project_id, func.min(FundReport.published_at).label("at"))
        .where(FundReport.published_at.is_not(None))
        .group_by(FundReport.project_id)
        .subquery()
    )
    settled = and_(FundProject.stage.in_(DONE_WITH), reported.c.at.is_not(None), FundAccount.balance == 0)
    rows = db.session.execute(
        select(
            FundProject.id,
            FundProject.number,
            FundProject.name,
            FundProject.kind,
            FundProject.stage,
            Unit.name.label("unit"),
            FundProject.starts_on,
            FundProject.ends_on,
            FundAccount.balance,
            staged.c.began_at,
            staged.c.ended_at,
            staged.c.midterm_at,
            progress.c.last,
            reported.c.at.label("reported_at"),
        )
        .join(Unit, Unit.id == FundProject.unit_id)
        .join(FundAccount, FundAccount.project_id == FundProject.id)
        .join(staged, staged.c.project_id == FundProject.id)
        .outerjoin(progress, progress.c.project_id == FundProject.id)
        .outerjoin(reported, reported.c.project_id == FundProject.id)
        .where(where, FundProject.stage.in_(BEGUN), staged.c.past == 0, not_(settled))
    )
    return [(row, _read(row)) for row in rows]


def _read(row: Any) -> Facts:
    return Facts(
        row.kind,
        row.stage,
        row.starts_on,
        row.ends_on,
        _day(row.began_at),
        _day(row.ended_at),
        _day(row.midterm_at),
        row.last,
        _day(row.reported_at),
        row.balance,
    )


def _day(at: datetime | None) -> date | None:
    return clock.local_date(at) if at else None


def owed(day: date, where: ColumnElement[bool] | None = None) -> list[Owed]:
    """Everything that is owed, the earliest first. Two queries, whatever the number of projects."""
    days = money_days()
    found = [
        Owed(duty, row.id, row.number, row.name, row.kind, row.stage, row.unit, row.balance)
        for row, facts in _facts(true() if where is None else where)
        for duty in duties(facts, day, days)
    ]
    return sorted(found, key=lambda one: (one.duty.due_on, one.number, one.duty.kind))


def overdue(day: date, where: ColumnElement[bool] | None = None) -> list[Owed]:
    """What everybody is told of: the longest overdue first."""
    return [one for one in owed(day, where) if one.duty.late(day)]


def soon(day: date, where: ColumnElement[bool] | None = None) -> list[Owed]:
    """What the work list reminds of: overdue, or due within a fortnight."""
    return [one for one in owed(day, where) if one.duty.soon(day)]


def of_project(project_id: int, day: date) -> list[Owed]:
    return owed(day, FundProject.id == project_id)


def since(one: Owed) -> datetime:
    """When the work list began to remind of it."""
    return clock.at_local(one.duty.reminds_on)
