"""All of one project: its budget's lines, what it did, how it went. All money in fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased

from app.activities.models import Activity
from app.core.db import db
from app.fund.models import (
    FundAccount,
    FundBudgetLine,
    FundMovementEntry,
    FundProgressEntry,
    FundProject,
    FundServiceEntry,
    FundStageEntry,
)
from app.fund.queries.amounts import signed_fen, spent_fen
from app.fund.queries.projects import ProjectCard, card
from app.fund.rules import MovementKind, Stage
from app.people.models import Person
from app.people.queries import below


@dataclass(frozen=True)
class LineFigures:
    id: int
    name: str
    fen: int
    spent: int

    @property
    def left(self) -> int:
        return self.fen - self.spent


@dataclass(frozen=True)
class ServiceRow:
    """One published figure; `taken_back` says that a later row reverses it, `reverses` that this one does."""

    id: int
    served_on: date
    people: int
    what: str
    activity_id: int | None
    activity: str | None
    reverses: bool
    taken_back: bool


@dataclass(frozen=True)
class ProgressRow:
    id: int
    happened_on: date
    published_at: datetime
    body: str
    replaces: bool
    replaced: bool


@dataclass(frozen=True)
class StageRow:
    stage: Stage
    at: datetime
    name: str
    note: str
    for_name: str = ""  # whom a deputy stood in for


@dataclass(frozen=True)
class ProjectPage:
    card: ProjectCard
    summary: str
    beneficiaries: str
    unit_id: int
    created_by_id: int
    sent_by_id: int | None
    lines: tuple[LineFigures, ...]
    donated: int
    granted: int
    services: tuple[ServiceRow, ...]
    progress: tuple[ProgressRow, ...]
    stages: tuple[StageRow, ...]
    moved: Mapping[MovementKind, int]  # by kind, after corrections; returned and set aside among them


def page(project_id: int) -> ProjectPage | None:
    """Everything of a project that is published, whatever its stage; the view decides who may see a draft. Seven queries."""
    found = card(project_id)
    if found is None:
        return None
    summary, beneficiaries, unit_id, created_by_id = db.session.execute(
        select(FundProject.summary, FundProject.beneficiaries, FundProject.unit_id, FundProject.created_by_id).where(
            FundProject.id == project_id
        )
    ).one()
    away = aliased(Person)
    stages = db.session.execute(
        select(FundStageEntry.stage, FundStageEntry.at, Person.name, FundStageEntry.note, FundStageEntry.by_id, away.name.label("away"))
        .join(Person, Person.id == FundStageEntry.by_id)
        .outerjoin(away, away.id == FundStageEntry.for_id)
        .where(FundStageEntry.project_id == project_id)
        .order_by(FundStageEntry.seq)
    ).all()
    moved = _moved(project_id)
    return ProjectPage(
        found,
        summary,
        beneficiaries,
        unit_id,
        created_by_id,
        next((row.by_id for row in reversed(stages) if row.stage is Stage.APPLIED), None),
        lines_of(project_id),
        moved[MovementKind.DONATION],
        moved[MovementKind.GRANT],
        _services(project_id),
        _progress(project_id),
        tuple(StageRow(row.stage, row.at, row.name, row.note, row.away or "") for row in stages),
        moved,
    )


def lines_of(project_id: int) -> tuple[LineFigures, ...]:
    rows = db.session.execute(
        select(FundBudgetLine.id, FundBudgetLine.name, FundBudgetLine.fen, func.coalesce(func.sum(spent_fen()), 0))
        .outerjoin(FundMovementEntry, FundMovementEntry.budget_line_id == FundBudgetLine.id)
        .where(FundBudgetLine.project_id == project_id)
        .group_by(FundBudgetLine.id, FundBudgetLine.name, FundBudgetLine.fen, FundBudgetLine.place)
        .order_by(FundBudgetLine.place)
    )
    return tuple(LineFigures(row[0], row[1], row[2], int(row[3])) for row in rows)


def _moved(project_id: int) -> dict[MovementKind, int]:
    """What went to or from the project's account by kind, after corrections: all kinds add up to its balance with their signs."""
    account = select(FundAccount.id).where(FundAccount.project_id == project_id).scalar_subquery()
    of_project = (FundMovementEntry.to_account_id == account) | (FundMovementEntry.from_account_id == account)
    sums = dict(
        db.session.execute(select(FundMovementEntry.kind, func.sum(signed_fen())).where(of_project).group_by(FundMovementEntry.kind)).all()
    )
    return {kind: int(sums.get(kind, 0)) for kind in MovementKind}


def _services(project_id: int) -> tuple[ServiceRow, ...]:
    back = aliased(FundServiceEntry)
    rows = db.session.execute(
        select(
            FundServiceEntry.id,
            FundServiceEntry.served_on,
            FundServiceEntry.people,
            FundServiceEntry.what,
            case((Activity.published_at.is_not(None), Activity.id)),
            case((Activity.published_at.is_not(None), Activity.title)),
            FundServiceEntry.reverses_id.is_not(None),
            back.id.is_not(None),
        )
        .outerjoin(back, back.reverses_id == FundServiceEntry.id)
        .outerjoin(Activity, Activity.id == FundServiceEntry.activity_id)
        .where(FundServiceEntry.project_id == project_id)
        .order_by(FundServiceEntry.served_on.desc(), FundServiceEntry.id.desc())
    )
    return tuple(ServiceRow(*row) for row in rows)


def _progress(project_id: int) -> tuple[ProgressRow, ...]:
    later = aliased(FundProgressEntry)
    rows = db.session.execute(
        select(
            FundProgressEntry.id,
            FundProgressEntry.happened_on,
            FundProgressEntry.published_at,
            FundProgressEntry.body,
            FundProgressEntry.replaces_id.is_not(None),
            later.id.is_not(None),
        )
        .outerjoin(later, later.replaces_id == FundProgressEntry.id)
        .where(FundProgressEntry.project_id == project_id)
        .order_by(FundProgressEntry.happened_on.desc(), FundProgressEntry.id.desc())
    )
    return tuple(ProgressRow(*row) for row in rows)


def activities_to_link(unit_id: int, day: date) -> list[tuple[int, str]]:
    """Published activities of the unit's subtree, the newest fifty, to name as the source of a figure."""
    rows = db.session.execute(
        select(Activity.id, Activity.title)
        .where(and_(Activity.published_at.is_not(None), Activity.cancelled_at.is_(None), Activity.unit_id.in_(below([unit_id], day))))
        .order_by(Activity.id.desc())
        .limit(50)
    )
    return [(row[0], row[1]) for row in rows]


def service_entry(entry_id: int) -> tuple[int, ServiceRow] | None:
    """A figure and its project."""
    project_id = db.session.scalar(select(FundServiceEntry.project_id).where(FundServiceEntry.id == entry_id))
    if project_id is None:
        return None
    return project_id, next(row for row in _services(project_id) if row.id == entry_id)
