"""Lines and requests that are the same only together: said by one who paid and noted none of them, and taken back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.bank.models import BankGroup, BankGroupLine, BankGroupRequest, BankLineEntry
from app.bank.queries import lines as found
from app.bank.rules import group_fault
from app.bank.service.lines import may_stand_in, step_wanted
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import yuan
from app.fund.models import FundRequest
from app.fund.queries.requests import standing
from app.fund.service import steps
from app.fund.service.ledger import next_number


def _locked(line_ids: Collection[int], request_ids: Collection[int]) -> None:
    """All of them taken, in one order, before anything is said of them."""
    lines = select(BankLineEntry.id).where(BankLineEntry.id.in_(line_ids)).order_by(BankLineEntry.id).with_for_update()
    requests = select(FundRequest.id).where(FundRequest.id.in_(request_ids)).order_by(FundRequest.id).with_for_update()
    if len(db.session.scalars(lines).all()) < len(line_ids) or len(db.session.scalars(requests).all()) < len(request_ids):
        raise NotFound


def tie(line_ids: Collection[int], request_ids: Collection[int], by_id: int, now: datetime, for_id: int | None = None) -> int:
    """All or nothing: each request takes its step where it has not, then they are one. Returns the group's id.

    Raises Invalid where the two sides do not come to the same or it is not this person's to say, Conflict where one has moved on.
    `for_id`: whom a deputy stands in for.
    """
    writing()
    if not line_ids or not request_ids:
        raise Invalid({"group": "两边都要勾：银行至少一行，账上至少一笔。"})
    _locked(set(line_ids), set(request_ids))
    lines = found.free_lines(BankLineEntry.id.in_(set(line_ids)))
    asked = found.candidates_of(set(request_ids))
    if len(lines) < len(set(line_ids)) or len(asked) < len(set(request_ids)):
        raise Conflict("勾的里面有的已经对上、另列，或不在能对的一步。请重新勾。")
    may_stand_in(by_id, for_id, now)
    fault = next((why for hand in {by_id, for_id} - {None} if hand is not None and (why := group_fault(lines, asked, hand))), None)
    if fault:
        raise Invalid({"group": fault})
    bank, books = sum(line.fen for line in lines), sum(one.fen for one in asked)
    if bank != books:
        raise Invalid(
            {"group": f"银行合计 {yuan(bank)} 元，账上合计 {yuan(books)} 元，相差 {yuan(abs(bank - books))} 元，一分不差才能对。"}
        )
    for one in asked:
        step = step_wanted(standing(one.id))
        if step is not None:
            steps.take(one.id, step, by_id, now, note="", for_id=for_id)
    return _written(sorted(set(line_ids)), sorted(set(request_ids)), bank, by_id, now, for_id)


def _written(lines: list[int], requests: list[int], fen: int, by_id: int, now: datetime, for_id: int | None) -> int:
    """The members, then the group, which the database checks as a whole."""
    group_id = next_number("bank-group")
    db.session.execute(insert(BankGroupLine), [{"group_id": group_id, "line_id": line_id} for line_id in lines])
    db.session.execute(insert(BankGroupRequest), [{"group_id": group_id, "request_id": request_id} for request_id in requests])
    made = {"id": group_id, "lines": len(lines), "requests": len(requests), "fen": fen, "made_at": now, "made_by_id": by_id}
    db.session.execute(insert(BankGroup).values(**made, for_id=for_id))
    audit.record(by_id, "bank.group", "bank_group", group_id, lines=lines, requests=requests, fen=fen, stands_for=for_id)
    return group_id


def untie(group_id: int, reason: str, by_id: int, now: datetime) -> None:
    """All of them are free again; the steps that were taken stay, as with a single match."""
    writing()
    if not reason:
        raise Invalid({"reason": "请写明原因"})
    if db.session.get(BankGroup, group_id) is None:
        raise NotFound
    ending = {"ended_at": now, "ended_by_id": by_id, "end_reason": reason}
    done = update(BankGroup).where(BankGroup.id == group_id, BankGroup.ended_at.is_(None)).values(**ending)
    if not db.session.execute(done.returning(BankGroup.id)).all():
        raise Conflict("这一组已经撤销，或其中一笔已更正。")
    audit.record(by_id, "bank.group_ending", "bank_group", group_id, reason=reason)
