"""补充协议: recorded by one, approved by another; from then on the instalments are the amended ones, and what they replaced is kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import yuan
from app.fund import amendment_rules
from app.fund.amendment_rules import AmendmentDraft
from app.fund.models import FundBudgetLine, FundProject
from app.fund.models_road import FundAmendment, FundAmendmentPart, FundContract, FundInstalment
from app.fund.money_rules import VERDICT_NAMES, Verdict
from app.fund.queries import amendments, stages
from app.fund.queries.amendments import AmendmentRow
from app.fund.queries.requests import own_units
from app.fund.queries.stages import ContractRow
from app.fund.service.projects import locked
from app.fund.stage_rules import OPEN_STAGES, SCORED_KINDS, After, Instalment
from app.worklist.service import notify

STANDS = FundAmendment.verdict.is_(None) | (FundAmendment.verdict == Verdict.APPROVED)


def propose(project_id: int, wanted: AmendmentDraft, by_id: int, now: datetime) -> int:
    """What was signed, for another person to approve; nothing changes before. Raises Conflict while another one waits."""
    project = locked(project_id)
    contract = _running(project)
    if any(row.waits for row in amendments.of_project(project_id)):
        raise Conflict("已经有一份补充协议在等同意，请先等它办完，或者撤回。")
    _check(project, contract, wanted, clock.local_date(now))
    taken = exists().where(FundAmendment.number == wanted.number, STANDS) | exists().where(FundContract.number == wanted.number)
    if db.session.scalar(select(taken)):
        raise Invalid({"number": "这个协议编号已经用过了"})
    made = insert(FundAmendment).values(
        project_id=project_id,
        number=wanted.number,
        signed_on=wanted.signed_on,
        fen=wanted.fen,
        reason=wanted.reason,
        made_at=now,
        made_by_id=by_id,
        replaced={},
    )
    amendment_id: int = db.session.execute(made.returning(FundAmendment.id)).scalar_one()
    parts = [{"amendment_id": amendment_id, **_terms(place, part)} for place, part in sorted(wanted.parts.items())]
    db.session.execute(insert(FundAmendmentPart), parts)
    audit.record(by_id, "fund.amendment", "fund_project", project_id, number=wanted.number, fen=wanted.fen, reason=wanted.reason)
    return amendment_id


def decide(amendment_id: int, verdict: Verdict, answer: str, by_id: int, now: datetime) -> None:
    """Approve it, return it with a reason, or (who recorded it) take it back. Approved, it holds at once for all that is granted later."""
    project_id = db.session.scalar(select(FundAmendment.project_id).where(FundAmendment.id == amendment_id))
    if project_id is None:
        raise NotFound
    project = locked(project_id)
    found = amendments.amendment(amendment_id)
    if found is None:
        raise NotFound
    _may(project, found, verdict, answer, by_id, clock.local_date(now))
    values: dict[str, Any] = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    if verdict is Verdict.APPROVED:
        contract = _running(project)
        wanted = AmendmentDraft(found.number, found.signed_on, found.fen, found.reason, found.parts)
        _check(project, contract, wanted, clock.local_date(now))
        values["replaced"] = _as_it_was(contract)
    db.session.execute(update(FundAmendment).where(FundAmendment.id == amendment_id).values(**values))
    if verdict is Verdict.APPROVED:
        _follow(project_id, amendment_id, found.parts, {row.place: row.id for row in stages.instalments(project_id, dropped=True)})
    audit.record(by_id, f"fund.amendment.{verdict.value}", "fund_project", project_id, number=found.number, note=answer)
    _tell(project, found, verdict, answer, by_id)


def _running(project: FundProject) -> ContractRow:
    contract = stages.contract(project.id)
    if project.stage not in OPEN_STAGES or contract is None:
        raise Conflict("项目开始以后、结项以前才能签补充协议；还没开始的，直接改协议。")
    return contract


def _check(project: FundProject, contract: ContractRow, wanted: AmendmentDraft, today: date) -> None:
    budget = int(db.session.scalar(select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == project.id)) or 0)
    now = {row.place: (Instalment(row.fen, row.due_on, row.after, row.words), row.granted) for row in contract.instalments}
    faults = amendment_rules.faults(wanted, now, contract.fen, budget, project.kind in SCORED_KINDS)
    if "fen" in faults:
        faults["fen"] += f"预算 {yuan(budget)} 元，各期共 {yuan(sum(part.fen for part in wanted.parts.values()))} 元。"
    if not contract.signed_on <= wanted.signed_on <= today:
        faults["signed_on"] = "签订日期在原协议签订以后，不晚于今天"
    if faults:
        raise Invalid(faults)


def _may(project: FundProject, found: AmendmentRow, verdict: Verdict, answer: str, by_id: int, today: date) -> None:
    if not found.waits:
        raise Conflict("这一份已经办过了，请刷新看结果。")
    if verdict is Verdict.WITHDRAWN:
        if by_id != found.made_by_id:
            raise Refused("只有登记的人能撤回。")
        return
    road = stages.road(project.id)
    if by_id == found.made_by_id:
        raise Refused("补充协议是您登记的，要由另一位核对。")
    if by_id in road.makers:
        raise Refused("这是您报的项目，要由另一位来办。")
    if project.unit_id in own_units(by_id, today):
        raise Refused("这是您所在组织的项目，您要回避，由别的单位的人来办。")
    if verdict is Verdict.RETURNED and not answer:
        raise Invalid({"answer": "退回请写明原因"})


def _as_it_was(contract: ContractRow) -> dict[str, Any]:
    parts = [[row.place, row.fen, row.due_on.isoformat(), row.after.value, row.words, row.granted] for row in contract.instalments]
    return {"fen": contract.fen, "parts": parts}


def _follow(project_id: int, amendment_id: int, parts: dict[int, Instalment], known: dict[int, int]) -> None:
    """The instalments as they are from now on; one that is left out stays in the books, for what was once asked of it."""
    for place, part in sorted(parts.items()):
        if place in known:
            terms = {"fen": part.fen, "due_on": part.due_on, "after": part.after, "words": part.words, "dropped_by_id": None}
            db.session.execute(update(FundInstalment).where(FundInstalment.id == known[place]).values(**terms))
        else:
            db.session.execute(insert(FundInstalment).values(project_id=project_id, **_terms(place, part)))
    left_out = [row_id for place, row_id in known.items() if place not in parts]
    standing = FundInstalment.id.in_(left_out), FundInstalment.dropped_by_id.is_(None)
    db.session.execute(update(FundInstalment).where(*standing).values(dropped_by_id=amendment_id))


def _terms(place: int, part: Instalment) -> dict[str, int | date | After | str]:
    return {"place": place, "fen": part.fen, "due_on": part.due_on, "after": part.after, "words": part.words}


def _tell(project: FundProject, found: AmendmentRow, verdict: Verdict, answer: str, by_id: int) -> None:
    """Who recorded it hears of every decision, who stands for the project of one that holds."""
    url = f"/fund/projects/{project.id}"
    told = {found.made_by_id}
    if verdict is Verdict.APPROVED:
        told |= {person for person in (project.created_by_id, project.applicant_id) if person is not None}
    said = f"{project.name}：补充协议{VERDICT_NAMES[verdict]}" + (f"，{answer}" if answer else "")
    for person_id in sorted(told - {by_id}):
        notify(person_id, said[:200], url)
