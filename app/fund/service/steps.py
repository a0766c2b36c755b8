"""Taking the next step of a request; at its posting step the money moves in the same transaction."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import insert

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.fund import queries
from app.fund.models import FundRequest, FundServiceEntry, FundStepEntry
from app.fund.queries.deputies import stands_in, told_instead
from app.fund.queries.stages import came_on
from app.fund.rules import REASON_NEEDED, STAGE_NAMES, STEP_NAMES, RequestKind, Step
from app.fund.service.asking import project_at
from app.fund.service.ledger import post
from app.fund.stage_rules import MONEY_STAGES
from app.fund.step_rules import Standing, action_for, lawful, posting_step, step_fault
from app.worklist.service import notify

TOLD = frozenset({Step.RETURNED, Step.MISMATCH})  # what went otherwise than asked; the rest stands in the work lists

Rule = Callable[[FundRequest, Step], str | None]
_rules: dict[str, Rule] = {}


def require(key: str, rule: Rule) -> None:
    """A feature above asks for something more before a step (a minute attached): `rule` says what is missing, None for nothing.

    Called when its service is imported; the same key replaces. What must hold whoever writes needs a trigger of its own.
    """
    _rules[key] = rule


def take(
    request_id: int,
    step: Step,
    by_id: int,
    now: datetime,
    *,
    note: str = "",
    reference: str = "",
    happened_on: date | None = None,
    for_id: int | None = None,
) -> int:
    """Returns the new step's place. Raises Conflict when it is not its turn, Refused when it is not this person's, Invalid for gaps.

    `for_id`: whom a deputy stands in for; the permission is theirs then.
    """
    writing()
    asked = db.session.get(FundRequest, request_id, populate_existing=True)
    if asked is None:
        raise NotFound
    standing = queries.standing(request_id)
    today = clock.local_date(now)
    hands = (by_id,) if for_id is None else (by_id, for_id)
    own_unit = any(asked.unit_id in queries.own_units(person, today) for person in hands)
    fault = step_fault(standing, step, by_id, own_unit, for_id)
    if fault:
        possible = lawful(standing.kind, standing.needs_second, standing.state)
        raise (Refused if step in possible else Conflict)(fault)
    if for_id is not None and not stands_in(by_id, for_id, action_for(standing, step), asked.unit_id, now):
        raise Refused("代办没有接受、已经到期，或者您代的人自己也不能办这一步。")
    missing = next((words for words in (rule(asked, step) for rule in _rules.values()) if words), None)
    if missing:
        raise Conflict(missing)
    _filled(step, asked, note, reference, happened_on, today)
    if step is posting_step(asked.kind):
        _project_moves(asked, happened_on or today)
    seq = len(standing.steps) + 1
    db.session.execute(
        insert(FundStepEntry).values(
            request_id=request_id,
            seq=seq,
            step=step,
            at=now,
            happened_on=happened_on or today,
            by_id=by_id,
            reference=reference,
            note=note,
            for_id=for_id,
        )
    )
    if step is posting_step(asked.kind):
        _execute(asked, standing, by_id, now, happened_on or asked.happened_on or today)
    audit.record(by_id, f"fund.{step.value}", "fund_request", request_id, number=asked.number, fen=asked.fen, seq=seq, stands_for=for_id)
    if for_id is not None:
        notify(for_id, told_instead(by_id, asked.number, STEP_NAMES[step]), f"/fund/requests/{request_id}")
    if step in TOLD and by_id != asked.requested_by_id:
        notify(asked.requested_by_id, f"{asked.number} {asked.purpose}：{STEP_NAMES[step]}", f"/fund/requests/{request_id}")
    return seq


def _filled(step: Step, asked: FundRequest, note: str, reference: str, happened_on: date | None, today: date) -> None:
    faults = {}
    if step in REASON_NEEDED and not note:
        faults["note"] = "请写明原因"
    if step is Step.PAID:
        if not reference:
            faults["reference"] = "请填写银行流水号"
        if happened_on is None or not clock.local_date(asked.requested_at) <= happened_on <= today:
            faults["happened_on"] = "付款日期应在申请那天到今天之间"
    if faults:
        raise Invalid(faults)


def _project_moves(asked: FundRequest, day: date) -> None:
    """While a project is paused or stopped nothing is granted to it and nothing paid for it; its row stays locked.

    What was paid by the day on which it came to stand still is true, and booked.
    """
    if asked.project_id is None or asked.kind not in (RequestKind.GRANT, RequestKind.PAYMENT):
        return
    stage = project_at(asked.project_id).stage
    if stage in MONEY_STAGES or (asked.kind is RequestKind.PAYMENT and day <= came_on(asked.project_id)):
        return
    raise Conflict(f"这个项目现在是“{STAGE_NAMES[stage]}”，不进钱也不出钱，没有办理。请等恢复以后再办，或者退回。")


def _execute(asked: FundRequest, standing: Standing, by_id: int, now: datetime, booked_on: date) -> None:
    if asked.kind is RequestKind.FIGURE:
        _take_back(asked, by_id, now)
        return
    if asked.kind is RequestKind.PAYMENT:
        approvals = [taken.by_id for taken in standing.steps if taken.step in (Step.APPROVED, Step.SECONDED)]
        post(asked.id, made_by_id=by_id, approved_by_id=approvals[-1], booked_on=booked_on, now=now)
        return
    post(asked.id, made_by_id=asked.requested_by_id, approved_by_id=by_id, booked_on=booked_on, now=now)
    if asked.corrects_id is not None:
        corrected = queries.standing(asked.corrects_id)
        db.session.execute(
            insert(FundStepEntry).values(
                request_id=asked.corrects_id,
                seq=len(corrected.steps) + 1,
                step=Step.CORRECTED,
                at=now,
                happened_on=booked_on,
                by_id=by_id,
                reference=asked.number,
                note=asked.explanation,
            )
        )


def _take_back(asked: FundRequest, by_id: int, now: datetime) -> None:
    original = db.session.get_one(FundServiceEntry, asked.service_id)
    db.session.execute(
        insert(FundServiceEntry).values(
            project_id=original.project_id,
            served_on=original.served_on,
            people=-original.people,
            what=asked.explanation,
            activity_id=original.activity_id,
            booked_at=now,
            made_by_id=asked.requested_by_id,
            approved_by_id=by_id,
            reverses_id=original.id,
        )
    )
