"""What every way of asking shares: the request, its number, its first step."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound
from app.fund.models import FundProject, FundRequest, FundStepEntry
from app.fund.rules import STAGE_NAMES, RequestKind, Stage, Step
from app.fund.service.ledger import next_number, refuse_closed
from app.people.queries import root_unit


def ask(
    kind: RequestKind, by_id: int, now: datetime, *, unit_id: int, project: FundProject | None, number: int | None = None, **values: Any
) -> int:
    series = f"request-{project.id}" if project else "request-0"
    place = number or next_number(series)
    refuse_closed(values.get("from_account_id"), values.get("to_account_id"))
    prefix = project.number if project else f"GA-{clock.local_date(now).year}-000"
    request_id: int = db.session.execute(
        insert(FundRequest)
        .values(
            kind=kind,
            number=f"{prefix}-{place:02d}",
            unit_id=unit_id,
            project_id=project.id if project else None,
            requested_by_id=by_id,
            requested_at=now,
            steps=0,
            **values,
        )
        .returning(FundRequest.id)
    ).scalar_one()
    db.session.execute(
        insert(FundStepEntry).values(
            request_id=request_id, seq=1, step=Step.REQUESTED, at=now, happened_on=clock.local_date(now), by_id=by_id, reference="", note=""
        )
    )
    audit.record(by_id, "fund.request", "fund_request", request_id, kind=kind.value, fen=values.get("fen"), project=project and project.id)
    return request_id


def sent_before(form_key: str | None) -> int | None:
    """The request that the same page has already made: a form sent twice is one request."""
    writing()
    return db.session.scalar(select(FundRequest.id).where(FundRequest.form_key == form_key)) if form_key else None


def project_in(stages: Collection[Stage], project_id: int) -> FundProject:
    """The project, standing at one of these stages; its row is locked, so that it does not go on to another meanwhile."""
    project = project_at(project_id)
    if project.stage not in stages:
        raise Conflict(f"这个项目现在是“{STAGE_NAMES[project.stage]}”，不能这样进钱或出钱。")
    return project


def project_at(project_id: int) -> FundProject:
    """Its row locked, so that it does not go on to another stage meanwhile."""
    writing()
    project = db.session.get(FundProject, project_id, populate_existing=True, with_for_update={"read": True})
    if project is None:
        raise NotFound
    return project


def root_id() -> int:
    root = root_unit()
    if root is None:
        raise Conflict("还没有建街道一级的组织，请管理员先建好。")
    return root.id
