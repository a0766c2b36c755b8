"""Projects as lists, each with its figures. All money in fen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.core.db import db
from app.core.errors import NotFound
from app.fund.models import (
    FundAccount,
    FundBudgetLine,
    FundMovementEntry,
    FundProgressEntry,
    FundProject,
    FundServiceEntry,
)
from app.fund.queries.amounts import spent_fen
from app.fund.queries.finding import like
from app.fund.rules import PUBLIC_STAGES, AccountKind, ProjectKind, Stage, progress_due
from app.fund.stage_rules import WORKING
from app.people.models import Unit
from app.people.queries import below

PAGE = 30
OWING = WORKING | {Stage.PAUSED}  # stages in which progress has to be published


@dataclass(frozen=True)
class ProjectFigures:
    """`received == spent + balance`, to the fen; received by kind where a page needs it."""

    budget: int
    spent: int
    balance: int

    @property
    def received(self) -> int:
        return self.spent + self.balance

    @property
    def not_yet(self) -> int:
        """Budget that was not yet handed over."""
        return max(0, self.budget - self.received)


@dataclass(frozen=True)
class ProjectCard:
    id: int
    number: str
    kind: ProjectKind
    name: str
    area: str
    unit_name: str
    stage: Stage
    starts_on: date
    ends_on: date
    figures: ProjectFigures
    people: int
    last_progress: date | None
    past: bool  # 历史数据·未附凭证
    other: bool  # not the fund's money: in no figure of the fund

    @property
    def due_on(self) -> date | None:
        """By when progress has to be published; None when it is no longer owed."""
        return progress_due(self.starts_on, self.last_progress) if self.stage in OWING else None


def _cards() -> Select[*tuple[Any, ...]]:
    budget = select(FundBudgetLine.project_id, func.sum(FundBudgetLine.fen).label("fen")).group_by(FundBudgetLine.project_id).subquery()
    spent = (
        select(FundBudgetLine.project_id, func.sum(spent_fen()).label("fen"))
        .join(FundMovementEntry, FundMovementEntry.budget_line_id == FundBudgetLine.id)
        .group_by(FundBudgetLine.project_id)
        .subquery()
    )
    people = (
        select(FundServiceEntry.project_id, func.sum(FundServiceEntry.people).label("people"))
        .group_by(FundServiceEntry.project_id)
        .subquery()
    )
    progress = (
        select(FundProgressEntry.project_id, func.max(FundProgressEntry.happened_on).label("last"))
        .group_by(FundProgressEntry.project_id)
        .subquery()
    )
    return (
        select(
            FundProject.id,
            FundProject.number,
            FundProject.kind,
            FundProject.name,
            FundProject.area,
            Unit.name,
            FundProject.stage,
            FundProject.starts_on,
            FundProject.ends_on,
            func.coalesce(budget.c.fen, 0),
            func.coalesce(spent.c.fen, 0),
            FundAccount.balance,
            func.coalesce(people.c.people, 0),
            progress.c.last,
            FundProject.past_batch_id.is_not(None),
            FundAccount.kind == AccountKind.OTHER,
        )
        .join(Unit, Unit.id == FundProject.unit_id)
        .join(FundAccount, FundAccount.project_id == FundProject.id)
        .outerjoin(budget, budget.c.project_id == FundProject.id)
        .outerjoin(spent, spent.c.project_id == FundProject.id)
        .outerjoin(people, people.c.project_id == FundProject.id)
        .outerjoin(progress, progress.c.project_id == FundProject.id)
    )


def _card(row: Any) -> ProjectCard:
    figures = ProjectFigures(int(row[9]), int(row[10]), int(row[11]))
    return ProjectCard(*[*row[:9], figures, int(row[12]), row[13], bool(row[14]), bool(row[15])])


def project_cards(
    stages: Collection[Stage], search: str = "", page: int = 1, scope: ColumnElement[bool] | None = None
) -> list[ProjectCard]:
    """One query, whatever their number: newest first, `PAGE` and one more, which says that there are others. `scope` narrows it."""
    query = _cards().where(FundProject.stage.in_(stages))
    if search:
        query = query.where(like(search))
    if scope is not None:
        query = query.where(scope)
    query = query.order_by(FundProject.starts_on.desc(), FundProject.id.desc()).limit(PAGE + 1).offset((max(1, page) - 1) * PAGE)
    return [_card(tuple(row)) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Sums:
    """Of all that match: `spent` the fund's own money, `other` what is not the fund's."""

    number: int
    spent: int
    other: int
    people: int


def sums(stages: Collection[Stage], scope: ColumnElement[bool]) -> Sums:
    """One query."""
    cards = _cards().where(FundProject.stage.in_(stages), scope).subquery()
    spent, kind, people = list(cards.c)[10], list(cards.c)[15], list(cards.c)[12]
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((kind, 0), else_=spent)), 0),
            func.coalesce(func.sum(case((kind, spent), else_=0)), 0),
            func.coalesce(func.sum(people), 0),
        ).select_from(cards)
    ).one()
    return Sums(*map(int, row))


def years() -> list[int]:
    """Years in which public projects began, newest first."""
    first, last = db.session.execute(
        select(func.min(FundProject.starts_on), func.max(FundProject.starts_on)).where(FundProject.stage.in_(PUBLIC_STAGES))
    ).one()
    return list(range(last.year, first.year - 1, -1)) if first else []


def in_scope(roots: Collection[int], day: date) -> ColumnElement[bool]:
    return FundProject.unit_id.in_(below(roots, day))


def names(stages: Collection[Stage], scope: ColumnElement[bool]) -> list[tuple[int, str]]:
    """Id and name of all projects in scope, for a form's choice."""
    found = select(FundProject.id, FundProject.name).where(FundProject.stage.in_(stages), scope).order_by(FundProject.id.desc())
    return [(row[0], row[1]) for row in db.session.execute(found)]


def card(project_id: int) -> ProjectCard | None:
    row = db.session.execute(_cards().where(FundProject.id == project_id)).one_or_none()
    return _card(tuple(row)) if row else None


def figures_of(project_id: int) -> ProjectFigures:
    """Raises NotFound."""
    found = card(project_id)
    if found is None:
        raise NotFound
    return found.figures
