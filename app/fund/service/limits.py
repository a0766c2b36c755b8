"""How far money may go back: asked in words before the database asks. Held again when it is booked, under the lock of the vouchers."""

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.core.errors import Conflict
from app.core.words import yuan
from app.fund.models import FundAccount, FundMovementEntry, FundRequest
from app.fund.rules import AccountKind, MovementKind, RequestKind

Entry = FundMovementEntry


def live() -> ColumnElement[bool]:
    """Neither a reversal nor reversed."""
    back = aliased(Entry)
    return Entry.reverses_id.is_(None) & ~exists().where(back.reverses_id == Entry.id)


def _sum(*where: ColumnElement[bool]) -> int:
    return int(db.session.scalar(select(func.coalesce(func.sum(Entry.fen), 0)).where(live(), *where)) or 0)


def refunded(payment_id: int) -> int:
    """What came back of a payment."""
    of_it = select(FundRequest.id).where(FundRequest.refunds_id == payment_id)
    return _sum(Entry.kind == MovementKind.REFUND, Entry.request_id.in_(of_it))


def granted(source_id: int, account_id: int) -> int:
    """What `source_id` granted to a project's account and did not get back."""
    given = _sum(Entry.kind == MovementKind.GRANT, Entry.from_account_id == source_id, Entry.to_account_id == account_id)
    back = _sum(Entry.kind == MovementKind.RETURN, Entry.from_account_id == account_id, Entry.to_account_id == source_id)
    return given - back


def gifts(account_id: int) -> int:
    """What was given to an account and was neither set aside for a purpose nor given back to its source."""
    outside = select(FundAccount.id).where(FundAccount.kind == AccountKind.OUTSIDE)
    gone = (Entry.kind == MovementKind.TRANSFER) | ((Entry.kind == MovementKind.RETURN) & Entry.to_account_id.in_(outside))
    return _sum(Entry.kind == MovementKind.DONATION, Entry.to_account_id == account_id) - _sum(Entry.from_account_id == account_id, gone)


def opened(account_id: int) -> bool:
    return _sum(Entry.kind == MovementKind.OPENING, Entry.to_account_id == account_id) > 0


def most(kind: RequestKind, from_id: int, to_id: int, refunds_id: int | None) -> int | None:
    """How much may go this way at most; None where only the balance limits it."""
    kinds = dict(db.session.execute(select(FundAccount.id, FundAccount.kind).where(FundAccount.id.in_((from_id, to_id)))).all())
    if kind is RequestKind.REFUND and refunds_id is not None:
        return _sum(Entry.request_id == refunds_id) - refunded(refunds_id)
    if kind is RequestKind.RETURN:
        return gifts(from_id) if kinds[from_id] is AccountKind.OTHER else granted(to_id, from_id)
    if kind is RequestKind.TRANSFER and kinds[from_id] is AccountKind.PROJECT:
        return gifts(from_id)
    return None


def hold(asked: FundRequest) -> None:
    """Raises Conflict when what was right to ask for is no longer."""
    if asked.from_account_id is None or asked.to_account_id is None or asked.fen is None:
        return
    limit = most(asked.kind, asked.from_account_id, asked.to_account_id, asked.refunds_id)
    if limit is not None and asked.fen > limit:
        raise Conflict(f"这一笔最多还能办 {yuan(max(0, limit))} 元，申请的是 {yuan(asked.fen)} 元，没有办理。请退回重新申请。")
    if asked.kind is RequestKind.OPENING and opened(asked.to_account_id):
        raise Conflict("这个账户已经记过期初，没有办理。要改请申请更正。")
    if asked.kind is RequestKind.CORRECTION and asked.corrects_id is not None:
        _nothing_rests_on(asked.corrects_id)


def _nothing_rests_on(request_id: int) -> None:
    """What later entries rest on is not reversed before they are."""
    entry = db.session.execute(select(Entry).where(Entry.request_id == request_id)).scalar_one()
    if entry.kind is MovementKind.SPENDING and refunded(request_id):
        raise Conflict("这一笔后来退回过钱，请先更正退回的那一笔。")
    if entry.kind is MovementKind.GRANT and entry.fen > granted(entry.from_account_id, entry.to_account_id):
        raise Conflict("这次拨付的钱后来交回过，请先更正交回的那一笔。")
    of_project = exists().where(FundAccount.id == entry.to_account_id, FundAccount.project_id.is_not(None))
    if entry.kind is MovementKind.DONATION and db.session.scalar(select(of_project)) and entry.fen > gifts(entry.to_account_id):
        raise Conflict("这笔捐赠的钱后来转作了限定用途，请先更正转出的那一笔。")
