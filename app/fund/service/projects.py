"""Projects: drafted and sent by one, taken along their road by others; then what they did is published, day by day."""

from datetime import date, datetime

from sqlalchemy import delete, exists, func, insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import full_day, yuan
from app.fund.models import FundAccount, FundBudgetLine, FundDraftEntry, FundProgressEntry, FundProject, FundServiceEntry, FundStageEntry
from app.fund.queries import stages
from app.fund.queries.deputies import stands_in_on_road, told_instead
from app.fund.queries.requests import own_units
from app.fund.rules import STAGE_NAMES, AccountKind, BudgetLine, MoneySource, ProjectDraft, Stage
from app.fund.service.ledger import next_number
from app.fund.service.showing import conclude, put_up, take_down
from app.fund.stage_rules import (
    OPEN_STAGES,
    OVER_STAGES,
    Road,
    actions_for,
    both,
    lawful_fault,
    person_fault,
    ready_fault,
    reason_needed,
)
from app.worklist.service import notify


def draft(wanted: ProjectDraft, by_id: int, now: datetime, call_id: int | None = None, applicant_id: int | None = None) -> int:
    """A project that only its unit and the fund's people see, with its budget and an account of its own.

    `call_id` is the 征集 it answers. `applicant_id` stands for it where somebody else keys it in; neither of the two decides about it.
    """
    writing()
    year = wanted.starts_on.year
    place = next_number(f"project-{year}")
    project_id: int = db.session.execute(
        insert(FundProject)
        .values(
            number=f"GA-{year}-{place:03d}",
            created_at=now,
            created_by_id=by_id,
            stage=Stage.DRAFT,
            call_id=call_id,
            applicant_id=applicant_id,
            **_columns(wanted),
        )
        .returning(FundProject.id)
    ).scalar_one()
    db.session.execute(
        insert(FundAccount).values(
            code=f"project-{project_id}",
            kind=AccountKind.OTHER if wanted.source is MoneySource.OTHER else AccountKind.PROJECT,
            name=wanted.name,
            project_id=project_id,
            balance=0,
        )
    )
    _put_lines(project_id, wanted.lines)
    db.session.execute(insert(FundDraftEntry).values(project_id=project_id, by_id=by_id, at=now))
    _to_stage(project_id, Stage.DRAFT, by_id, now)
    return project_id


def redraft(
    project_id: int, wanted: ProjectDraft, by_id: int, now: datetime, call_id: int | None = None, applicant_id: int | None = None
) -> None:
    """Change a draft. Once sent, name and budget stay as they are. Whoever changed it is written down and decides nothing about it.

    So does whoever stood for it until then, where `applicant_id` is another.
    """
    project = locked(project_id)
    if project.stage is not Stage.DRAFT:
        raise Conflict("已经送审的项目不能再改，请先请初审的人退回。")
    values = {**_columns(wanted), "call_id": call_id, "applicant_id": applicant_id}
    hands = {by_id} | ({project.applicant_id} if project.applicant_id not in (None, applicant_id) else set())
    db.session.execute(insert(FundDraftEntry), [{"project_id": project_id, "by_id": person, "at": now} for person in sorted(hands)])
    db.session.execute(update(FundProject).where(FundProject.id == project_id).values(**values))
    kind = AccountKind.OTHER if wanted.source is MoneySource.OTHER else AccountKind.PROJECT
    db.session.execute(update(FundAccount).where(FundAccount.project_id == project_id).values(name=wanted.name, kind=kind))
    db.session.execute(delete(FundBudgetLine).where(FundBudgetLine.project_id == project_id))
    _put_lines(project_id, wanted.lines)
    audit.record(by_id, "fund.redraft", "fund_project", project_id, name=wanted.name)


def send(project_id: int, by_id: int, now: datetime) -> None:
    """Send a draft to another person for its first check; within the days of the call that it answers."""
    if locked(project_id).stage is not Stage.DRAFT:
        raise Conflict("这个项目已经送审，不用再送。")
    advance(project_id, Stage.APPLIED, by_id, now)


def advance(
    project_id: int,
    stage: Stage,
    by_id: int,
    now: datetime,
    note: str = "",
    *,
    phone: str = "",
    place: str = "",
    for_id: int | None = None,
) -> None:
    """Take a project to its next stage; the caller has checked the permission (`stage_rules.actions_for`).

    With 公示中 goes the 公示 itself (`phone` and `place` take objections), with 立项 after it its conclusion, with going back from it
    its withdrawal. `for_id`: whom a deputy stands in for; the permission is theirs then, and is checked here.
    Raises Conflict when it is not its turn, Refused when it is not this person's, Invalid without a reason.
    """
    project = locked(project_id)
    road = stages.road(project_id)
    before = road.stage
    if fault := lawful_fault(road, stage):
        raise Conflict(fault)
    today = clock.local_date(now)
    own_unit = any(project.unit_id in own_units(person, today) for person in both(by_id, for_id))
    if fault := person_fault(road, stage, by_id, own_unit, for_id):
        raise Refused(fault)
    if for_id is not None and not stands_in_on_road(by_id, for_id, actions_for(stage), project.unit_id, now):
        raise Refused("代办没有接受、已经到期，或者您代的人自己也不能办这一步。")
    if not note and reason_needed(road, stage, by_id):
        raise Invalid({"note": "请写明原因"})
    if stage is Stage.APPLIED:
        _in_time(project, today)
    if stage is Stage.PUBLICISED:
        put_up(project, road, by_id, now, phone, place)
    elif before is Stage.PUBLICISED:
        conclude(project_id, now, by_id) if stage is Stage.APPROVED else take_down(project_id, by_id, note, now)
    if fault := ready_fault(_now(road, project_id, before), stage):
        raise Conflict(fault)
    _to_stage(project_id, stage, by_id, now, note, for_id)
    if for_id is not None:
        notify(for_id, told_instead(by_id, project.name, STAGE_NAMES[stage]), f"/fund/projects/{project_id}")
    _tell(project, road, stage, by_id, note)


def _now(road: Road, project_id: int, before: Stage | None) -> Road:
    """The road anew where a 公示 was put up, concluded or withdrawn on the way."""
    return stages.road(project_id) if before in (Stage.SCORED, Stage.PUBLICISED) else road


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


def _tell(project: FundProject, road: Road, stage: Stage, by_id: int, note: str) -> None:
    """Whoever stands for the project hears of every decision about it."""
    said = f"{project.name}：{STAGE_NAMES[stage]}" if stage is not Stage.DRAFT else f"{project.name}：退回修改"
    said = f"{said}，{note}" if note else said
    for person_id in sorted(road.makers - {by_id}):
        notify(person_id, said[:200], f"/fund/projects/{project.id}")


def _in_time(project: FundProject, today: date) -> None:
    """Said before the database says it: within the call's days, and its cap."""
    if project.call_id is None:
        return
    call = stages.call_of(project.id)
    if call is None:
        raise Conflict("这次征集还没有发布，等发布了再送。")
    if call.withdrawn_at is not None:
        raise Conflict(f"“{call.title}”已经撤回，没有送出。草稿还在，可以等下一次征集。")
    if today < call.opens_on:
        raise Conflict(f"“{call.title}”{full_day(call.opens_on)}开始收，到时候再送。")
    if today > call.closes_on:
        raise Conflict(f"“{call.title}”{full_day(call.closes_on)}截止，已经过了，没有送出。草稿还在，可以等下一次征集。")
    asked = int(db.session.scalar(select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == project.id)) or 0)
    if call.cap is not None and asked > call.cap:
        raise Conflict(f"预算 {yuan(asked)} 元，超过了这次征集每个项目最多 {yuan(call.cap)} 元。")


def _columns(wanted: ProjectDraft) -> dict[str, object]:
    return {
        "kind": wanted.kind,
        "source": wanted.source,
        "source_name": wanted.source_name,
        "purpose_id": wanted.purpose_id,
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


def _to_stage(project_id: int, stage: Stage, by_id: int, now: datetime, note: str = "", for_id: int | None = None) -> None:
    seq = db.session.scalar(select(func.coalesce(func.max(FundStageEntry.seq), 0) + 1).where(FundStageEntry.project_id == project_id))
    change = {"project_id": project_id, "seq": seq, "stage": stage, "at": now, "by_id": by_id, "note": note, "for_id": for_id}
    db.session.execute(insert(FundStageEntry).values(**change))
    audit.record(by_id, f"fund.project.{stage.value}", "fund_project", project_id, note=note, stands_for=for_id)


def locked(project_id: int) -> FundProject:
    """The project, its row locked: two decisions about it queue up, and so does a request for its money."""
    writing()
    project = db.session.get(FundProject, project_id, populate_existing=True, with_for_update=True)
    if project is None:
        raise NotFound
    return project


def _published(project_id: int) -> FundProject:
    project = locked(project_id)
    if project.stage not in OPEN_STAGES | OVER_STAGES:
        raise Conflict("项目开始以后才能公开进展。")
    return project
