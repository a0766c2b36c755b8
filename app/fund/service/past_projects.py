"""Projects of the past as a whole: made, booked and counted by one import of two people; taken back by reversals, never deleted."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, insert, select

from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import Conflict
from app.fund.models import FundAccount, FundBudgetLine, FundProject, FundRequest, FundServiceEntry, FundStageEntry
from app.fund.money_rules import PastEntry
from app.fund.rules import AccountKind, MoneySource, ProjectKind, RequestKind, Stage, Step
from app.fund.service.ledger import next_number
from app.fund.service.past import post_past, reverse_figures, reverse_past

LINE = "项目支出"
SERVED = "历史数据：项目期间的服务人次"


@dataclass(frozen=True)
class PastProject:
    """A project as an office's list tells it. `source_name` is empty for the fund's own money; `spent` and `budget` in fen."""

    kind: ProjectKind
    name: str
    summary: str
    area: str
    beneficiaries: str
    unit_id: int
    starts_on: date
    ends_on: date
    source_name: str
    budget: int
    spent: int
    people: int


def make(projects: Sequence[PastProject], batch_id: int, made_by_id: int, approved_by_id: int, now: datetime) -> list[int]:
    """Archived projects with what they were given, what they spent and whom they served. Returns their ids, in the same order."""
    writing()
    last = {year: next_number(f"project-{year}", count) for year, count in sorted(Counter(one.starts_on.year for one in projects).items())}
    rows = []
    for one in reversed(projects):
        rows.append(_row(one, last[one.starts_on.year], batch_id, made_by_id, now))
        last[one.starts_on.year] -= 1
    db.session.execute(insert(cast(Table, FundProject.__table__)), rows[::-1])
    made = select(FundProject.number, FundProject.id).where(FundProject.number.in_([row["number"] for row in rows]))
    by_number: dict[object, int] = dict(db.session.execute(made).all())
    ids = [by_number[row["number"]] for row in rows[::-1]]
    pairs = list(zip(ids, projects, strict=True))
    accounts = [
        {
            "code": f"project-{id_}",
            "kind": AccountKind.OTHER if one.source_name else AccountKind.PROJECT,
            "name": one.name,
            "project_id": id_,
        }
        for id_, one in pairs
    ]
    db.session.execute(insert(FundAccount).values(balance=0), accounts)
    lines = [{"project_id": id_, "place": 1, "name": LINE, "fen": one.budget} for id_, one in pairs]
    line_ids: dict[int, int] = dict(
        db.session.execute(insert(FundBudgetLine).returning(FundBudgetLine.project_id, FundBudgetLine.id), lines).all()
    )
    stages = [{"project_id": id_, "seq": 1, "stage": Stage.ARCHIVED, "at": now, "by_id": approved_by_id, "note": ""} for id_ in ids]
    db.session.execute(insert(FundStageEntry), stages)
    entries = []
    for id_, one in pairs:
        entries.append(PastEntry(id_, None, one.spent, one.starts_on, f"历史数据：{one.name}"))
        entries.append(PastEntry(id_, line_ids[id_], one.spent, one.ends_on, f"历史数据：{one.name}"))
    post_past(entries, made_by_id, approved_by_id, now)
    served = [
        {"project_id": id_, "served_on": one.ends_on, "people": one.people, "what": SERVED, "booked_at": now, "made_by_id": made_by_id,
         "approved_by_id": approved_by_id}
        for id_, one in pairs
        if one.people
    ]  # fmt: skip
    if served:
        db.session.execute(insert(FundServiceEntry), served)
    return ids


def _row(one: PastProject, place: int, batch_id: int, made_by_id: int, now: datetime) -> dict[str, object]:
    return {
        "number": f"GA-{one.starts_on.year}-{place:03d}",
        "kind": one.kind,
        "source": MoneySource.OTHER if one.source_name else MoneySource.FUND,
        "source_name": one.source_name,
        "name": one.name,
        "summary": one.summary,
        "area": one.area,
        "beneficiaries": one.beneficiaries,
        "unit_id": one.unit_id,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "created_at": now,
        "created_by_id": made_by_id,
        "stage": Stage.DRAFT,
        "past_batch_id": batch_id,
    }


def void(project_ids: Collection[int], why: str, asked_by_id: int, approved_by_id: int, now: datetime) -> None:
    """Everything they stand for reversed, each with a voucher of its own; the projects stay, as 导入已撤销, and are public no more."""
    writing()
    waiting = corrections_asked(project_ids)
    if waiting:
        raise Conflict(first_decide(waiting))
    reverse_past(project_ids, why, asked_by_id, approved_by_id, now)
    reverse_figures(project_ids, why, asked_by_id, approved_by_id, now)
    stages = [
        {"project_id": id_, "seq": 2, "stage": Stage.VOIDED, "at": now, "by_id": approved_by_id, "note": why} for id_ in sorted(project_ids)
    ]
    db.session.execute(insert(FundStageEntry), stages)
    audit.record_all(approved_by_id, [("fund.project.voided", "fund_project", id_, {"note": why}) for id_ in sorted(project_ids)])


def corrections_asked(project_ids: Collection[int]) -> list[tuple[int, str, str]]:
    """Corrections of these projects that wait for an answer: id, number, what about."""
    r = FundRequest
    kinds = (RequestKind.CORRECTION, RequestKind.FIGURE)
    waits = r.project_id.in_(project_ids), r.kind.in_(kinds), r.state == Step.REQUESTED
    return [
        (id_, number, purpose)
        for id_, number, purpose in db.session.execute(select(r.id, r.number, r.purpose).where(*waits).order_by(r.id))
    ]


def first_decide(waiting: Sequence[tuple[int, str, str]]) -> str:
    """Why they can not be taken back, and what to do first."""
    named = "、".join(number for _, number, _ in waiting[:3])
    return f"有 {len(waiting)} 笔更正还等着核准（{named}{'等' if len(waiting) > 3 else ''}），请先由申请的人撤回，或者由另一位核准、退回"
