"""The full report of a project: written by one, published by another, its figures frozen from the ledger at that moment."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.fund import queries as fund
from app.fund.models import FundProject
from app.results.models import FundReport
from app.results.queries.reports import figures
from app.results.rules import ReportDraft, may_report
from app.worklist.service import notify


def write(project_id: int, draft: ReportDraft, by_id: int, now: datetime) -> int:
    """A version for another person to publish. Raises Conflict while one waits, or before the work has ended."""
    project = _locked(project_id)
    if not may_report(project.stage, project.ends_on, clock.local_date(now)):
        raise Conflict("项目还在做，结束以后再写结项报告。平时的进展请写在“公开进展”里。")
    known = db.session.execute(
        select(FundReport.version, FundReport.published_at, FundReport.returned_at).where(FundReport.project_id == project_id)
    ).all()
    if any(row.published_at is None and row.returned_at is None for row in known):
        raise Conflict("已经有一份报告在等公开，请等它公开，或请办的人退回。")
    if any(row.published_at for row in known) and not draft.changed:
        raise Invalid({"changed": "请写明和已公开的那一份有什么不同"})
    made = insert(FundReport).values(
        project_id=project_id,
        version=max((row.version for row in known), default=0) + 1,
        done=draft.done,
        people=draft.people,
        leftovers=draft.leftovers,
        changed=draft.changed,
        made_at=now,
        made_by_id=by_id,
        frozen={},
        digest="",
        return_note="",
    )
    report_id = int(db.session.execute(made.returning(FundReport.id)).scalar_one())
    audit.record(by_id, "fund.report", "fund_project", project_id, report=report_id)
    return report_id


def publish(report_id: int, by_id: int, now: datetime) -> None:
    """From now on everybody reads it. Never by who wrote it, nor by whose unit's project it is."""
    report, project = _waiting(report_id)
    if report.made_by_id == by_id:
        raise Refused("这是您写的报告，要由另一位公开。")
    if project.unit_id in fund.own_units(by_id, clock.local_date(now)):
        raise Refused("这是您所在组织的项目，您要回避，由别的单位的审批人来办。")
    frozen = figures(project.id, clock.local_date(now))
    sealed = {"published_at": now, "published_by_id": by_id, "frozen": frozen, "digest": digest(report, frozen)}
    db.session.execute(update(FundReport).where(FundReport.id == report_id).values(**sealed))
    audit.record(by_id, "fund.report_publication", "fund_project", project.id, report=report_id, digest=sealed["digest"])
    notify(report.made_by_id, f"{project.name}：结项报告已公开", f"/fund/projects/{project.id}/report")


def give_back(report_id: int, note: str, by_id: int, now: datetime) -> None:
    """Not published, with the reason; who wrote it may take it back likewise."""
    report, project = _waiting(report_id)
    if not note:
        raise Invalid({"note": "请写明原因"})
    if by_id != report.made_by_id and project.unit_id in fund.own_units(by_id, clock.local_date(now)):
        raise Refused("这是您所在组织的项目，您要回避，由别的单位的审批人来办。")
    returned = {"returned_at": now, "returned_by_id": by_id, "return_note": note}
    db.session.execute(update(FundReport).where(FundReport.id == report_id).values(**returned))
    audit.record(by_id, "fund.report_return", "fund_project", project.id, report=report_id, note=note)
    if by_id != report.made_by_id:
        notify(report.made_by_id, f"{project.name}：结项报告退回，{note}"[:200], f"/fund/projects/{project.id}/report")


def digest(report: FundReport, frozen: dict[str, Any]) -> str:
    """Of the words and the figures as they were published."""
    said = [report.project_id, report.version, report.done, report.people, report.leftovers, report.changed, frozen]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _locked(project_id: int) -> FundProject:
    writing()
    project = db.session.execute(
        select(FundProject).where(FundProject.id == project_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if project is None:
        raise NotFound
    return project


def _waiting(report_id: int) -> tuple[FundReport, FundProject]:
    writing()
    project_id = db.session.scalar(select(FundReport.project_id).where(FundReport.id == report_id))
    if project_id is None:
        raise NotFound
    project = _locked(project_id)
    report = db.session.get_one(FundReport, report_id, populate_existing=True)
    if report.published_at or report.returned_at:
        raise Conflict("这份报告已经公开或退回了，请刷新看最新情况。")
    return report, project
