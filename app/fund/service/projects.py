"""Projects: drafted by one, approved by another; then what they did is published, day by day."""

from datetime import date, datetime

from sqlalchemy import delete, exists, func, insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.fund.models import (
    FundAccount,
    FundBudgetLine,
    FundProgressEntry,
    FundProject,
    FundRequest,
    FundServiceEntry,
    FundStageEntry,
)
from app.fund.queries import unfinished
from app.fund.rules import AccountKind, BudgetLine, MoneySource, ProjectDraft, Stage
from app.fund.service.ledger import next_number
from app.worklist.service import notify


def draft(wanted: ProjectDraft, by_id: int, now: datetime) -> int:
    """A project that only the fund's people see, with its budget and an account of its own."""
    writing()
    year = wanted.starts_on.year
    place = next_number(f"project-{year}")
    project_id: int = db.session.execute(
        insert(FundProject)
        .values(
            number=f"GA-{year}-{place:03d}",
            source=MoneySource.FUND,
            created_at=now,
            created_by_id=by_id,
            stage=Stage.DRAFT,
            **_columns(wanted),
        )
        .returning(FundProject.id)
    ).scalar_one()
    db.session.execute(
        insert(FundAccount).values(
            code=f"project-{project_id}", kind=AccountKind.PROJECT, name=wanted.name, project_id=project_id, balance=0
        )
    )
    _put_lines(project_id, wanted.lines)
    _to_stage(project_id, Stage.DRAFT, by_id, now)
    return project_id


def redraft(project_id: int, wanted: ProjectDraft, by_id: int) -> None:
    """Change a draft. Once sent, name and budget stay as they are."""
    project = _project(project_id)
    if project.stage is not Stage.DRAFT:
        raise Conflict("已经送审的项目不能再改，请先请核准的人退回。")
    db.session.execute(update(FundProject).where(FundProject.id == project_id).values(**_columns(wanted)))
    db.session.execute(update(FundAccount).where(FundAccount.project_id == project_id).values(name=wanted.name))
    db.session.execute(delete(FundBudgetLine).where(FundBudgetLine.project_id == project_id))
    _put_lines(project_id, wanted.lines)
    audit.record(by_id, "fund.redraft", "fund_project", project_id, name=wanted.name)


def send(project_id: int, by_id: int, now: datetime) -> None:
    """Send a draft to another person for 立项."""
    project = _project(project_id)
    if project.stage is not Stage.DRAFT:
        raise Conflict("这个项目已经送审，不用再送。")
    _to_stage(project_id, Stage.APPLIED, by_id, now)


def approve(project_id: int, by_id: int, now: datetime) -> None:
    """立项: the project becomes public and may receive money. Never by who sent it."""
    project = _project(project_id)
    if project.stage is not Stage.APPLIED:
        raise Conflict("这个项目现在不在等立项，请刷新看最新情况。")
    if by_id in (_sent_by(project_id), project.created_by_id):
        raise Refused("这是您报的项目，要由另一位立项。")
    _to_stage(project_id, Stage.RUNNING, by_id, now)
    notify(project.created_by_id, f"{project.name}：已立项，可以拨付和用款了", f"/fund/projects/{project_id}")


def hand_back(project_id: int, note: str, by_id: int, now: datetime) -> None:
    """Back to the draft, with the reason."""
    project = _project(project_id)
    if project.stage is not Stage.APPLIED:
        raise Conflict("这个项目现在不在等立项，请刷新看最新情况。")
    if not note:
        raise Invalid({"note": "退回请写明原因"})
    _to_stage(project_id, Stage.DRAFT, by_id, now, note)
    notify(project.created_by_id, f"{project.name}：退回修改，{note}"[:200], f"/fund/projects/{project_id}")


def close(project_id: int, note: str, by_id: int, now: datetime) -> None:
    """结项, by somebody else than who sent it, when nothing is underway; `note` says what became of it and of the money left."""
    project = _project(project_id)
    if project.stage is not Stage.RUNNING:
        raise Conflict("只有进行中的项目能结项。")
    if by_id in (_sent_by(project_id), project.created_by_id):
        raise Refused("这是您报的项目，要由另一位结项。")
    if not note:
        raise Invalid({"note": "请写明做成了什么，剩余的钱怎么安排"})
    if db.session.scalar(select(exists().where(FundRequest.project_id == project_id, unfinished()))):
        raise Conflict("还有没办完的款项，办完再结项。")
    _to_stage(project_id, Stage.CLOSED, by_id, now, note)


def add_service(project_id: int, served_on: date, people: int, what: str, activity_id: int | None, by_id: int, now: datetime) -> int:
    """服务人次 of a day: person-times, published at once."""
    project = _published(project_id)
    if not project.starts_on <= served_on <= clock.local_date(now):
        raise Invalid({"served_on": "日期应在项目开始之后、今天之前"})
    entry_id: int = db.session.execute(
        insert(FundServiceEntry)
        .values(
            project_id=project_id,
            served_on=served_on,
            people=people,
            what=what,
            activity_id=activity_id,
            booked_at=now,
            made_by_id=by_id,
        )
        .returning(FundServiceEntry.id)
    ).scalar_one()
    audit.record(by_id, "fund.service", "fund_project", project_id, entry=entry_id, people=people)
    return entry_id


def add_progress(project_id: int, happened_on: date, body: str, by_id: int, now: datetime, replaces_id: int | None = None) -> int:
    """A progress note, published at once; a later one may replace it and both stay readable."""
    project = _published(project_id)
    if not project.starts_on <= happened_on <= clock.local_date(now):
        raise Invalid({"happened_on": "日期应在项目开始之后、今天之前"})
    if replaces_id is not None and not db.session.scalar(
        select(exists().where(FundProgressEntry.id == replaces_id, FundProgressEntry.project_id == project_id))
    ):
        raise NotFound
    if replaces_id is not None and db.session.scalar(select(exists().where(FundProgressEntry.replaces_id == replaces_id))):
        raise Conflict("这一条已经更正过，请更正最新的那一条。")
    entry_id: int = db.session.execute(
        insert(FundProgressEntry)
        .values(project_id=project_id, happened_on=happened_on, body=body, published_at=now, made_by_id=by_id, replaces_id=replaces_id)
        .returning(FundProgressEntry.id)
    ).scalar_one()
    audit.record(by_id, "fund.progress", "fund_project", project_id, entry=entry_id, replaces=replaces_id)
    return entry_id


def _columns(wanted: ProjectDraft) -> dict[str, object]:
    return {
        "kind": wanted.kind,
        "name": wanted.name,
        "summary": wanted.summary,
        "area": wanted.area,
        "beneficiaries": wanted.beneficiaries,
        "unit_id": wanted.unit_id,
        "starts_on": wanted.starts_on,
        "ends_on": wanted.ends_on,
    }


def _put_lines(project_id: int, lines: tuple[BudgetLine, ...]) -> None:
    rows = [{"project_id": project_id, "place": place, "name": line.name, "fen": line.fen} for place, line in enumerate(lines, 1)]
    db.session.execute(insert(FundBudgetLine), rows)


def _to_stage(project_id: int, stage: Stage, by_id: int, now: datetime, note: str = "") -> None:
    seq = db.session.scalar(select(func.coalesce(func.max(FundStageEntry.seq), 0) + 1).where(FundStageEntry.project_id == project_id))
    db.session.execute(insert(FundStageEntry).values(project_id=project_id, seq=seq, stage=stage, at=now, by_id=by_id, note=note))
    audit.record(by_id, f"fund.project.{stage.value}", "fund_project", project_id, note=note)


def _sent_by(project_id: int) -> int | None:
    return db.session.scalar(
        select(FundStageEntry.by_id)
        .where(FundStageEntry.project_id == project_id, FundStageEntry.stage == Stage.APPLIED)
        .order_by(FundStageEntry.seq.desc())
        .limit(1)
    )


def _project(project_id: int) -> FundProject:
    writing()
    project = db.session.get(FundProject, project_id, populate_existing=True)
    if project is None:
        raise NotFound
    return project


def _published(project_id: int) -> FundProject:
    project = _project(project_id)
    if project.stage not in (Stage.RUNNING, Stage.CLOSED):
        raise Conflict("项目立项以后才能公开进展。")
    return project
