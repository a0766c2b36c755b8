"""The proof: everything kept beside the ledger, derived again from it."""

from sqlalchemy import case, func, select

from app.core.db import db
from app.core.words import yuan
from app.fund.models import FundAccount, FundMovementEntry, FundProject, FundRequest, FundStageEntry, FundStepEntry
from app.fund.models_office import FundPurpose
from app.fund.rules import AccountKind, MoneySource, RequestKind, Step


def disagreements() -> list[str]:
    """What does not agree with the ledger, in words for the administrator; empty when all is well."""
    return [*_balances(), *_vouchers(), *_reversals(), *_states(), *_unposted(), *_owners(), *_closed()]


def _balances() -> list[str]:
    into = dict(
        db.session.execute(
            select(FundMovementEntry.to_account_id, func.sum(FundMovementEntry.fen)).group_by(FundMovementEntry.to_account_id)
        ).all()
    )
    out = dict(
        db.session.execute(
            select(FundMovementEntry.from_account_id, func.sum(FundMovementEntry.fen)).group_by(FundMovementEntry.from_account_id)
        ).all()
    )
    found = []
    for account_id, name, balance in db.session.execute(select(FundAccount.id, FundAccount.name, FundAccount.balance)):
        derived = int(into.get(account_id, 0)) - int(out.get(account_id, 0))
        if derived != balance:
            found.append(f"基金账户“{name}”余额 {yuan(balance)}，按分录应是 {yuan(derived)}")
    return found


def _closed() -> list[str]:
    """A closed purpose holds nothing."""
    of = select(FundPurpose.name, FundAccount.balance).join(FundAccount, FundAccount.purpose_id == FundPurpose.id)
    held = db.session.execute(of.where(FundPurpose.closed_on.is_not(None), FundAccount.balance != 0))
    return [f"限定用途“{name}”已经关闭，账上却有 {yuan(balance)} 元" for name, balance in held]


def _vouchers() -> list[str]:
    count, highest = db.session.execute(
        select(func.count(func.distinct(FundMovementEntry.voucher_no)), func.coalesce(func.max(FundMovementEntry.voucher_no), 0))
    ).one()
    return [] if count == highest else [f"基金凭证号不连续：最大 {highest} 号，只有 {count} 张"]


def _reversals() -> list[str]:
    """Every reversal mirrors what it reverses."""
    original = FundMovementEntry.__table__.alias("original")
    entry = FundMovementEntry.__table__.alias("entry")
    wrong = db.session.execute(
        select(entry.c.voucher_no)
        .join(original, original.c.id == entry.c.reverses_id)
        .where(
            (entry.c.fen != original.c.fen)
            | (entry.c.from_account_id != original.c.to_account_id)
            | (entry.c.to_account_id != original.c.from_account_id)
            | (entry.c.kind != original.c.kind)
        )
    ).scalars()
    return [f"基金凭证 {voucher} 号与它更正的那一笔不是相反的一笔" for voucher in wrong]


def _states() -> list[str]:
    """The states kept on requests and projects are those of their last entry, and every request has its first."""
    last_step = select(FundStepEntry.request_id, func.max(FundStepEntry.seq).label("seq")).group_by(FundStepEntry.request_id).subquery()
    requests = db.session.execute(
        select(FundRequest.number)
        .outerjoin(last_step, last_step.c.request_id == FundRequest.id)
        .outerjoin(FundStepEntry, (FundStepEntry.request_id == FundRequest.id) & (FundStepEntry.seq == last_step.c.seq))
        .where(
            FundStepEntry.id.is_(None)
            | FundRequest.state.is_(None)
            | (FundRequest.state != FundStepEntry.step)
            | (FundRequest.steps != FundStepEntry.seq)
            | (FundRequest.last_by_id != FundStepEntry.by_id)
        )
    ).scalars()
    last_stage = select(FundStageEntry.project_id, func.max(FundStageEntry.seq).label("seq")).group_by(FundStageEntry.project_id).subquery()
    projects = db.session.execute(
        select(FundProject.number)
        .outerjoin(last_stage, last_stage.c.project_id == FundProject.id)
        .outerjoin(FundStageEntry, (FundStageEntry.project_id == FundProject.id) & (FundStageEntry.seq == last_stage.c.seq))
        .where(FundStageEntry.id.is_(None) | (FundProject.stage != FundStageEntry.stage))
    ).scalars()
    return [f"基金申请 {number} 的状态与最后一步不符" for number in requests] + [
        f"基金项目 {number} 的状态与最后一步不符" for number in projects
    ]


def _unposted() -> list[str]:
    """A request that reached its posting step has its entry with its amount; no other has one."""
    reached = (
        select(FundStepEntry.id)
        .where(
            FundStepEntry.request_id == FundRequest.id,
            FundStepEntry.step == case((FundRequest.kind == RequestKind.PAYMENT, Step.PAID.value), else_=Step.APPROVED.value),
        )
        .exists()
    )
    wrong = db.session.execute(
        select(FundRequest.number)
        .outerjoin(FundMovementEntry, FundMovementEntry.request_id == FundRequest.id)
        .where(
            FundRequest.kind != RequestKind.FIGURE,
            (reached & FundMovementEntry.id.is_(None))
            | (~reached & FundMovementEntry.id.is_not(None))
            | (FundMovementEntry.fen != FundRequest.fen)
            | (FundMovementEntry.from_account_id != FundRequest.from_account_id)
            | (FundMovementEntry.to_account_id != FundRequest.to_account_id),
        )
        .distinct()
    ).scalars()
    return [f"基金申请 {number} 与账上的分录不符" for number in wrong]


def _owners() -> list[str]:
    """A project of other money has an account of other money, and no other has."""
    wrong = db.session.execute(
        select(FundProject.number)
        .join(FundAccount, FundAccount.project_id == FundProject.id)
        .where((FundAccount.kind == AccountKind.OTHER) != (FundProject.source == MoneySource.OTHER))
    ).scalars()
    return [f"基金项目 {number} 的账户与它的资金来源不符" for number in wrong]
