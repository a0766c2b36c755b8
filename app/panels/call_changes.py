"""A published call stays open longer, or is withdrawn: asked for by one, decided by another, and those who answer it are told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, insert, select, update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import full_day
from app.fund.models import FundProject, FundStageEntry
from app.fund.models_road import FundCall, FundCallChange
from app.fund.money_rules import VERDICT_NAMES, Verdict
from app.fund.rules import Stage
from app.worklist.service import notify, notify_all

UNDECIDED = (Stage.DRAFT, Stage.APPLIED, Stage.CHECKED, Stage.SCORED, Stage.PUBLICISED)
ON_THE_WAY = (*UNDECIDED, Stage.DECLINED)


def ask(call_id: int, closes_on: date | None, reason: str, by_id: int, now: datetime) -> int:
    """A later last day, or (None) that the call is withdrawn, for another person to decide. One at a time."""
    call = _open(call_id)
    if closes_on is not None and closes_on <= call.closes_on:
        raise Invalid({"closes_on": f"应在 {full_day(call.closes_on)}以后，只能延长，不能提前"})
    if not reason:
        raise Invalid({"reason": "请写明原因，会公开"})
    if db.session.scalar(select(exists().where(FundCallChange.call_id == call_id, FundCallChange.decided_at.is_(None)))):
        raise Conflict("已经有一件在等另一位同意，请先等它办完，或者收回。")
    _in_time(call, closes_on, now)
    change = {"call_id": call_id, "was_on": call.closes_on, "closes_on": closes_on, "reason": reason, "made_at": now, "made_by_id": by_id}
    change_id: int = db.session.execute(insert(FundCallChange).values(**change).returning(FundCallChange.id)).scalar_one()
    audit.record(by_id, "fund.call.change", "fund_call", call_id, title=call.title, closes_on=_day(closes_on), reason=reason)
    return change_id


def decide(change_id: int, verdict: Verdict, answer: str, by_id: int, now: datetime) -> None:
    """Agree to it, return it with a reason, or (who asked) take it back."""
    writing()
    call_id = db.session.scalar(select(FundCallChange.call_id).where(FundCallChange.id == change_id))
    if call_id is None:
        raise NotFound
    call = _open(call_id)
    change = db.session.get_one(FundCallChange, change_id, populate_existing=True)
    if change.decided_at is not None:
        raise Conflict("这一件已经办过了，请刷新看结果。")
    if verdict is Verdict.WITHDRAWN and by_id != change.made_by_id:
        raise Refused("只有提出的人能收回。")
    if verdict is not Verdict.WITHDRAWN and by_id == change.made_by_id:
        raise Refused("这是您提的，要由另一位来定。")
    if verdict is Verdict.RETURNED and not answer:
        raise Invalid({"answer": "退回请写明原因"})
    if verdict is Verdict.APPROVED:
        _in_time(call, change.closes_on, now)
    decided = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    db.session.execute(update(FundCallChange).where(FundCallChange.id == change_id).values(**decided))
    if verdict is Verdict.APPROVED:
        values: dict[str, Any] = {"withdrawn_at": now} if change.closes_on is None else {"closes_on": change.closes_on}
        db.session.execute(update(FundCall).where(FundCall.id == call_id).values(**values))
        _tell_applicants(call, change, by_id)
    audit.record(by_id, f"fund.call.change.{verdict.value}", "fund_call", call_id, title=call.title, note=answer)
    if by_id != change.made_by_id:
        what = "撤回" if change.closes_on is None else "延长"
        notify(change.made_by_id, f"{what}“{call.title}”：{VERDICT_NAMES[verdict]}", f"/fund/calls/{call_id}")


def _open(call_id: int) -> FundCall:
    writing()
    call = db.session.get(FundCall, call_id, populate_existing=True, with_for_update=True)
    if call is None:
        raise NotFound
    if call.published_at is None:
        raise Conflict("这份征集还没有发布，直接改就行。")
    if call.withdrawn_at is not None:
        raise Conflict("这次征集已经撤回了。")
    return call


def _in_time(call: FundCall, closes_on: date | None, now: datetime) -> None:
    """A call that is over stays so, in fairness to who kept its day; one of which a project was approved is not withdrawn."""
    if closes_on is not None and local_date(now) > call.closes_on:
        raise Conflict(f"这次征集 {full_day(call.closes_on)}已经截止，不能再延长。")
    approved = exists().where(FundProject.call_id == call.id, FundProject.stage.not_in(ON_THE_WAY))
    if closes_on is None and db.session.scalar(select(approved)):
        raise Conflict("这次征集已经有项目立项，不能撤回。")


def _tell_applicants(call: FundCall, change: FundCallChange, by_id: int) -> None:
    """Who drafted, stands for or sent a project that is not decided: of a withdrawal all of them, of a longer call who may still send."""
    stages = UNDECIDED if change.closes_on is None else (Stage.DRAFT,)
    found = db.session.execute(
        select(FundProject.id, FundProject.created_by_id, FundProject.applicant_id, FundStageEntry.by_id)
        .outerjoin(FundStageEntry, (FundStageEntry.project_id == FundProject.id) & (FundStageEntry.stage == Stage.APPLIED))
        .where(FundProject.call_id == call.id, FundProject.stage.in_(stages))
    )
    people = {person for row in found for person in row[1:] if person is not None} - {by_id}
    if change.closes_on is None:
        said = f"“{call.title}”撤回了：{change.reason}"
    else:
        said = f"“{call.title}”延长到{full_day(change.closes_on)}：{change.reason}"
    if people:
        notify_all(dict.fromkeys(sorted(people), said[:200]), f"/fund/calls/{call.id}")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
