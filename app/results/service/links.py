"""Which activities a project's money made possible: dated, by whom, taken back with a reason."""

from datetime import datetime

from sqlalchemy import func, select, update

from app.activities.models import Activity, Shift
from app.audit import service as audit
from app.core import clock
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.fund.models import FundProject, FundProjectActivity


def link(project_id: int, activity_id: int, by_id: int, now: datetime) -> int:
    """Twice is once. The activity is published, not cancelled, and within the project's time."""
    writing()
    project = db.session.get(FundProject, project_id)
    starts_at = db.session.scalar(
        select(func.min(Shift.starts_at))
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Activity.id == activity_id, Activity.published_at.is_not(None), Activity.cancelled_at.is_(None))
    )
    if project is None or starts_at is None:
        raise NotFound
    held_on = clock.local_date(starts_at)
    if held_on < project.starts_on:
        raise Conflict("这场活动在项目开始以前，不能算项目的成果。")
    made = upsert(FundProjectActivity).values(
        project_id=project_id, activity_id=activity_id, held_on=held_on, linked_at=now, linked_by_id=by_id, end_reason=""
    )
    link_id = db.session.execute(made.on_conflict_do_nothing().returning(FundProjectActivity.id)).scalar_one_or_none()
    if link_id is None:
        here = FundProjectActivity.project_id == project_id, FundProjectActivity.activity_id == activity_id
        return int(db.session.execute(select(FundProjectActivity.id).where(*here, FundProjectActivity.ended_at.is_(None))).scalar_one())
    audit.record(by_id, "fund.link", "fund_project", project_id, activity=activity_id)
    return int(link_id)


def unlink(link_id: int, reason: str, by_id: int, now: datetime) -> None:
    """It counts no longer; that it did, until when and why, stays."""
    writing()
    if not reason:
        raise Invalid({"note": "请写明原因"})
    ending = update(FundProjectActivity).where(FundProjectActivity.id == link_id, FundProjectActivity.ended_at.is_(None))
    done = db.session.execute(
        ending.values(ended_at=now, ended_by_id=by_id, end_reason=reason).returning(
            FundProjectActivity.project_id, FundProjectActivity.activity_id
        )
    ).one_or_none()
    if done is None:
        raise Conflict("这场活动已经取消关联了。")
    audit.record(by_id, "fund.link_removal", "fund_project", done[0], activity=done[1], note=reason)
