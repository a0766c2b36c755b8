"""A project's full reports, and the figures that one freezes when it is published. All money in fen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.core.clock import local_date
from app.core.db import db
from app.core.errors import NotFound
from app.fund import queries as fund
from app.fund.models import FundAccount, FundMovementEntry, FundProject
from app.fund.queries.corrections import Corrected, reports_by
from app.fund.rules import MOVEMENT_NAMES, PUBLIC_STAGES, MovementKind
from app.people.models import Person
from app.results.models import FundReport
from app.results.queries.chain import chain

INCOME = (MovementKind.OPENING, MovementKind.DONATION, MovementKind.GRANT)
OUTGO = (MovementKind.SPENDING, MovementKind.REFUND, MovementKind.RETURN, MovementKind.TRANSFER)


@dataclass(frozen=True)
class ReportRow:
    id: int
    project_id: int
    version: int
    done: str
    people: str
    leftovers: str
    changed: str
    made_at: datetime
    made_by_id: int
    made_by: str
    published_at: datetime | None
    published_by: str | None
    frozen: dict[str, Any]
    digest: str
    returned_at: datetime | None
    return_note: str

    @property
    def waits(self) -> bool:
        return self.published_at is None and self.returned_at is None


def _rows(where: ColumnElement[bool]) -> list[ReportRow]:
    publisher = aliased(Person)
    rows = db.session.execute(
        select(
            FundReport.id,
            FundReport.project_id,
            FundReport.version,
            FundReport.done,
            FundReport.people,
            FundReport.leftovers,
            FundReport.changed,
            FundReport.made_at,
            FundReport.made_by_id,
            Person.name,
            FundReport.published_at,
            publisher.name,
            FundReport.frozen,
            FundReport.digest,
            FundReport.returned_at,
            FundReport.return_note,
        )
        .join(Person, Person.id == FundReport.made_by_id)
        .outerjoin(publisher, publisher.id == FundReport.published_by_id)
        .where(where)
        .order_by(FundReport.version.desc())
    )
    return [ReportRow(*list(row)) for row in rows]


def report(report_id: int) -> ReportRow | None:
    return next(iter(_rows(FundReport.id == report_id)), None)


def of_project(project_id: int) -> list[ReportRow]:
    """The newest first: published, waiting and returned ones."""
    return _rows(FundReport.project_id == project_id)


def published(project_id: int) -> list[ReportRow]:
    """What everybody may read, the newest first."""
    return [row for row in of_project(project_id) if row.published_at]


def by_kind(project_id: int) -> dict[MovementKind, int]:
    """What each kind of movement did to the project's account, in fen, after corrections: their sum is its balance."""
    account = select(FundAccount.id).where(FundAccount.project_id == project_id).scalar_subquery()
    came = case((FundMovementEntry.to_account_id == account, FundMovementEntry.fen), else_=-FundMovementEntry.fen)
    rows = db.session.execute(
        select(FundMovementEntry.kind, func.sum(came))
        .where(or_(FundMovementEntry.to_account_id == account, FundMovementEntry.from_account_id == account))
        .group_by(FundMovementEntry.kind)
    )
    return {kind: int(fen) for kind, fen in rows}


def figures(project_id: int, day: date) -> dict[str, Any]:
    """What the ledger says now, to be frozen: income and outgo by kind, budget and spending by line, people, hours. Raises NotFound."""
    page = fund.page(project_id)
    if page is None:
        raise NotFound
    kinds, behind = by_kind(project_id), chain(project_id)
    return {
        "day": day.isoformat(),
        "income": [[MOVEMENT_NAMES[kind], kinds[kind]] for kind in INCOME if kinds.get(kind)],
        "outgo": [[MOVEMENT_NAMES[kind], -kinds[kind]] for kind in OUTGO if kinds.get(kind)],
        "left": sum(kinds.values()),
        "spent": page.card.figures.spent,
        "lines": [[line.name, line.fen, line.spent] for line in page.lines],
        "people": page.card.people,
        "activities": len(behind.activities),
        "volunteers": behind.volunteers,
        "credit": behind.credit,
        "honour": behind.honour,
    }


@dataclass(frozen=True)
class WaitingReport:
    id: int
    project_id: int
    project: str
    number: str
    done: str
    made_at: datetime
    made_by: str
    unit_id: int


def waiting(where: ColumnElement[bool], not_by: int) -> list[WaitingReport]:
    """Reports that somebody else wrote and that wait to be published, the oldest first. `where` narrows the projects."""
    rows = db.session.execute(
        select(
            FundReport.id,
            FundProject.id,
            FundProject.name,
            FundProject.number,
            FundReport.done,
            FundReport.made_at,
            Person.name,
            FundProject.unit_id,
        )
        .join(FundProject, FundProject.id == FundReport.project_id)
        .join(Person, Person.id == FundReport.made_by_id)
        .where(where, FundReport.published_at.is_(None), FundReport.returned_at.is_(None), FundReport.made_by_id != not_by)
        .order_by(FundReport.made_at)
    )
    return [WaitingReport(*row) for row in rows]


def count_waiting(where: ColumnElement[bool], not_by: int) -> Select[int]:
    """How many these are, as a statement."""
    counted = select(func.count()).select_from(FundReport).join(FundProject, FundProject.id == FundReport.project_id)
    return counted.where(where, FundReport.published_at.is_(None), FundReport.returned_at.is_(None), FundReport.made_by_id != not_by)


def _later() -> tuple[Any, ColumnElement[bool]]:
    """The published version that stood before a later one, and how the two belong together."""
    before, between = aliased(FundReport), aliased(FundReport)
    last = select(func.max(between.version)).where(
        between.project_id == FundReport.project_id, between.version < FundReport.version, between.published_at.is_not(None)
    )
    same = and_(before.project_id == FundReport.project_id, before.version == last.correlate(FundReport).scalar_subquery())
    return before, same


def count_later() -> ScalarSelect[int]:
    """How many published versions replaced one that was published before."""
    before, same = _later()
    later = select(func.count()).select_from(FundReport).join(before, same).where(FundReport.published_at.is_not(None))
    return later.scalar_subquery()


def later_versions(page: int, size: int) -> list[Corrected]:
    """What each later version says is different, newest first; one query."""
    before, same = _later()
    shown = case((FundProject.stage.in_(PUBLIC_STAGES), FundProject.id))
    rows = db.session.execute(
        select(
            FundReport.published_at, before.published_at, FundReport.changed, shown, FundProject.name, before.version, FundReport.version
        )
        .select_from(FundReport)
        .join(before, same)
        .join(FundProject, FundProject.id == FundReport.project_id)
        .where(FundReport.published_at.is_not(None))
        .order_by(FundReport.published_at.desc(), FundReport.id.desc())
        .limit(size)
        .offset((max(1, page) - 1) * size)
    )
    return [
        Corrected(at, local_date(was_at), "", None, why, "", None, None, project_id, project, False, (was, now))
        for at, was_at, why, project_id, project, was, now in rows
    ]


reports_by(count_later, later_versions)
