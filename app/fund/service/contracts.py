"""协议 and its instalments: put in before a project begins, fixed from then on; grants are paid in their order."""

from datetime import date, datetime

from sqlalchemy import delete, exists, func, insert, select

from app.audit import service as audit
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict, Invalid
from app.core.words import yuan
from app.fund.models import FundBudgetLine
from app.fund.models_road import FundContract, FundInstalment
from app.fund.queries import stages
from app.fund.rules import Stage
from app.fund.service.projects import locked
from app.fund.stage_rules import AFTER_NAMES, SCORED_KINDS, After, ContractDraft, instalments_fault


def sign(project_id: int, wanted: ContractDraft, by_id: int, now: datetime) -> None:
    """Record what was signed, in the place of what was recorded before. Another person then lets the project begin."""
    project = locked(project_id)
    if project.stage is not Stage.APPROVED:
        raise Conflict("只有已立项、还没开始的项目能登记协议。")
    _check(wanted, project_id, project.kind in SCORED_KINDS, clock.local_date(now))
    db.session.execute(delete(FundInstalment).where(FundInstalment.project_id == project_id))
    db.session.execute(delete(FundContract).where(FundContract.project_id == project_id))
    if db.session.scalar(select(exists().where(FundContract.number == wanted.number))):
        raise Invalid({"number": "这个协议编号已经用过了"})
    db.session.execute(
        insert(FundContract).values(
            project_id=project_id,
            number=wanted.number,
            signed_on=wanted.signed_on,
            party=wanted.party,
            fen=wanted.fen,
            made_at=now,
            made_by_id=by_id,
        )
    )
    db.session.execute(
        insert(FundInstalment),
        [
            {"project_id": project_id, "place": place, "fen": one.fen, "due_on": one.due_on, "after": one.after, "words": one.words}
            for place, one in enumerate(wanted.instalments, 1)
        ],
    )
    audit.record(by_id, "fund.contract", "fund_project", project_id, number=wanted.number, fen=wanted.fen)


def _check(wanted: ContractDraft, project_id: int, scored: bool, today: date) -> None:
    budget = int(db.session.scalar(select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == project_id)) or 0)
    faults: dict[str, str] = {}
    if fault := instalments_fault(wanted.fen, budget, [one.fen for one in wanted.instalments]):
        faults["fen"] = f"{fault}预算 {yuan(budget)} 元，各期共 {yuan(sum(one.fen for one in wanted.instalments))} 元。"
    if wanted.signed_on > today:
        faults["signed_on"] = "签订日期不能晚于今天"
    for place, one in enumerate(wanted.instalments, 1):
        if one.due_on < wanted.signed_on or (place > 1 and one.due_on < wanted.instalments[place - 2].due_on):
            faults[f"due_{place}"] = f"第 {place} 期的日期应在签订以后，一期比一期晚"
        if one.after is After.MIDTERM and not scored:
            faults[f"after_{place}"] = "这一类项目没有中期检查"
    if faults:
        raise Invalid(faults)


def instalment_for(project_id: int, fen: int) -> int:
    """The instalment that a grant of so much belongs to: the first that still has something to give. Under the request numbers' lock."""
    contract = stages.contract(project_id)
    turn = contract.next if contract else None
    if turn is None:
        raise Conflict("协议里的各期都拨完了，没有可以再拨的。")
    if not stages.has_come_to(project_id, turn.after):
        raise Conflict(f"第 {turn.place} 期要{AFTER_NAMES[turn.after]}才能拨。")
    if fen > turn.left:
        raise Invalid({"fen": f"轮到第 {turn.place} 期，还剩 {yuan(turn.left)} 元；再多要另提一笔下一期的"})
    return turn.id
