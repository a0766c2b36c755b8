"""What results show elsewhere: on a project's page, beside a request, on the fund's overview, in 待我处理."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.fund import papers as fund_papers
from app.fund import queries as fund
from app.fund.models import FundProject
from app.fund.queries import projects
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.requests import RequestPage
from app.fund.rules import PUBLIC_STAGES
from app.fund.sections import (
    OverviewSection,
    Place,
    RequestSection,
    Section,
    register,
    register_for_overview,
    register_for_requests,
)
from app.people.queries import is_below
from app.results import rules
from app.results.queries import chain, duties, papers, photos, reports
from app.results.queries.chain import Chain
from app.results.queries.duties import Owed
from app.results.queries.papers import FileRow
from app.results.queries.photos import Pair
from app.results.queries.reports import ReportRow, WaitingReport
from app.worklist.service import Source, WorkItem
from app.worklist.service import register as register_work

DUTIES, REPORTS = "项目义务", "结项报告"


def _may(action: Action, unit_id: int, actor: Actor | None) -> bool:
    return actor is not None and actor.may(action) and is_below(unit_id, actor.roots(action), clock.today())


@dataclass(frozen=True)
class Late:
    owed: list[Owed]
    today: date


def _late(project: ProjectPage, _actor: Actor | None) -> Late | None:
    today = clock.today()
    if project.card.stage not in duties.BEGUN:
        return None
    late = [one for one in duties.of_project(project.card.id, today) if one.duty.late(today)]
    return Late(late, today) if late else None


@dataclass(frozen=True)
class Papers:
    """`files` as far as the reader may see them; `all` counts what the fund's people see."""

    project_id: int
    files: list[FileRow]
    all: int
    staff: bool
    officer: bool


def _papers(project: ProjectPage, actor: Actor | None) -> Papers | None:
    staff = _may(Action.FUND_READ, project.unit_id, actor)
    rows = papers.of_project(project.card.id)
    shown = [row for row in rows if row.public]
    standing = sum(1 for row in rows if not row.struck)
    officer = staff and _may(Action.FUND_MANAGE, project.unit_id, actor)
    return Papers(project.card.id, shown, standing, staff, officer) if shown or staff else None


@dataclass(frozen=True)
class Results:
    """`report` is the newest published one, `waiting` one that waits to be."""

    project_id: int
    begun: bool
    spent: int
    chain: Chain
    per_person: rules.Cost
    per_hour: rules.Cost
    pairs: list[Pair]
    report: ReportRow | None
    waiting: ReportRow | None
    may_write: bool
    staff: bool
    officer: bool


def _results(project: ProjectPage, actor: Actor | None) -> Results | None:
    card = project.card
    if card.stage not in duties.BEGUN:
        return None
    staff = _may(Action.FUND_READ, project.unit_id, actor)
    behind, known = chain.chain(card.id), reports.of_project(card.id)
    return Results(
        card.id,
        card.stage in PUBLIC_STAGES,
        card.figures.spent,
        behind,
        rules.per_person_time(card.figures.spent, behind.people),
        rules.per_hour(card.figures.spent, behind.minutes),
        photos.pairs(card.id, public=True),
        next((row for row in known if row.published_at), None),
        next((row for row in known if row.waits), None) if staff else None,
        rules.may_report(card.stage, card.ends_on, clock.today()) and not any(row.waits for row in known),
        staff,
        staff and _may(Action.FUND_MANAGE, project.unit_id, actor),
    )


@dataclass(frozen=True)
class RequestPapers:
    request_id: int
    files: list[FileRow]
    needs_minute: bool
    has_minute: bool
    officer: bool


def _request_papers(asked: RequestPage, actor: Actor) -> RequestPapers:
    files = papers.of_request(asked.row.id)
    has_minute = any(row.kind is rules.FileKind.MINUTE and not row.struck for row in files)
    return RequestPapers(asked.row.id, files, asked.needs_minute, has_minute, _may(Action.FUND_MANAGE, asked.unit_id, actor))


def _overview(_actor: Actor | None) -> Late:
    """Also that nothing is overdue is told."""
    today = clock.today()
    return Late(duties.overdue(today), today)


def _counted(numbers: Collection[int], public: bool) -> dict[int, int]:
    return papers.voucher_counts(numbers, public=public)


def _mine(actor: Actor) -> ColumnElement[bool]:
    return projects.in_scope(actor.roots(Action.FUND_MANAGE), clock.today())


def count_duties(actor: Actor) -> int | None:
    """A question of its own on the pages of fund officers, who are few: by when something is due is no matter of SQL."""
    return len(duties.soon(clock.today(), _mine(actor))) if actor.may(Action.FUND_MANAGE) else None


def duties_for(actor: Actor) -> list[WorkItem]:
    today = clock.today()
    if not actor.may(Action.FUND_MANAGE):
        return []
    return [
        WorkItem(f"duty-{one.key}", DUTIES, duties.since(one), "results/_work_duty.html", one) for one in duties.soon(today, _mine(actor))
    ]


def _decided_by(actor: Actor) -> ColumnElement[bool]:
    """Projects in scope that are not of the actor's own unit."""
    today = clock.today()
    scope = projects.in_scope(actor.roots(Action.FUND_APPROVE), today)
    return and_(scope, FundProject.unit_id.not_in(fund.own_units(actor.person_id, today)))


def count_reports(actor: Actor) -> Select[int] | None:
    return reports.count_waiting(_decided_by(actor), actor.person_id) if actor.may(Action.FUND_APPROVE) else None


def reports_for(actor: Actor) -> list[WorkItem]:
    found: list[WaitingReport] = reports.waiting(_decided_by(actor), actor.person_id) if actor.may(Action.FUND_APPROVE) else []
    return [WorkItem(f"fund-report-{one.id}", REPORTS, one.made_at, "results/_work_report.html", one) for one in found]


register(Section("results-1-late", Place.HEAD, "results/_late.html", _late))
register(Section("results-2-papers", Place.MONEY, "results/_papers.html", _papers))
register(Section("results-3-results", Place.RESULTS, "results/_results.html", _results))
register_for_requests(RequestSection("results-papers", "results/_request_papers.html", _request_papers))
register_for_overview(OverviewSection("results-late", "results/_overview.html", _overview))
fund_papers.counted_by(_counted)
register_work(Source(DUTIES, count_duties, duties_for))
register_work(Source(REPORTS, count_reports, reports_for))
