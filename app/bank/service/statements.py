"""A statement on its way in: read into a preview, brought in whole by one insert, taken out again while nothing stands on it."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, update

from app.audit import service as audit
from app.bank.models import BankAccount, BankLineEntry, BankPreview, BankStatement
from app.bank.queries import statements as found
from app.bank.reading import Statement
from app.bank.rules import LONGEST_KEPT
from app.core import clock
from app.core.db import db, put_rows, table_of, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.sheets.cells import as_kept


def add_account(name: str, tail: str, by_id: int, now: datetime) -> int:
    """Raises Invalid where the name is taken."""
    writing()
    if found.account_named(name) is not None:
        raise Invalid({"name": "已经有这个名字的账户了"})
    account = BankAccount(name=name, tail=tail, added_at=now, added_by_id=by_id)
    db.session.add(account)
    db.session.flush()
    audit.record(by_id, "bank.account", "bank_account", account.id, name=name)
    return account.id


def preview(
    account_id: int, file_name: str, digest: str, read: Statement, period: tuple[date | None, date | None], by_id: int, now: datetime
) -> int:
    """Keeps what was read for a week, to be looked at; previews older than that go. `period` as stated, else that of the lines."""
    writing()
    db.session.execute(delete(BankPreview).where(BankPreview.made_at < now - timedelta(days=LONGEST_KEPT)))
    first_on, last_on = period[0] or read.first_on, period[1] or read.last_on
    faults = {}
    if read.first_on and first_on and first_on > read.first_on:
        faults["first_on"] = f"表里最早的一笔是 {read.first_on.isoformat()}"
    if read.last_on and last_on and last_on < read.last_on:
        faults["last_on"] = f"表里最晚的一笔是 {read.last_on.isoformat()}"
    if last_on and last_on > clock.local_date(now):
        faults["last_on"] = "对账单还没到这一天"
    if faults:
        raise Invalid(faults)
    refused = read.refused
    made = BankPreview(
        account_id=account_id,
        file_name=file_name,
        digest=digest,
        made_at=now,
        made_by_id=by_id,
        titles=read.titles,
        rows=[[row.number, *map(as_kept, row.cells)] for row in refused] if refused else [row.kept() for row in read.rows],
        faults=[[row.number, [[one.column, one.read, one.expected] for one in row.faults]] for row in refused],
        count=len(read.rows),
        first_on=first_on,
        last_on=last_on,
        opening=read.opening,
        closing=read.closing,
        notes=read.notes,
    )
    db.session.add(made)
    db.session.flush()
    return made.id


def discard(preview_id: int) -> None:
    writing()
    db.session.execute(delete(BankPreview).where(BankPreview.id == preview_id))


def bring_in(preview_id: int, by_id: int, now: datetime) -> int:
    """The whole statement or nothing. Raises Conflict where it does not fit what is there already."""
    writing()
    kept = db.session.get(BankPreview, preview_id, populate_existing=True)
    if kept is None:
        raise NotFound
    if kept.made_by_id != by_id:
        raise Conflict("谁读的文件，由谁导入。")
    if kept.faults:
        raise Conflict("还有红格没改好，一行也不会导入。改好再传一次。")
    if kept.first_on is None or kept.last_on is None:
        raise Conflict("这份对账单看不出起止日期。")
    db.session.get_one(BankAccount, kept.account_id, with_for_update=True)
    blocks = found.blocks(kept.account_id, kept.digest, kept.first_on, kept.last_on, kept.opening, kept.closing)
    if blocks:
        raise Conflict("；".join(blocks))
    made = BankStatement(
        account_id=kept.account_id,
        file_name=kept.file_name,
        digest=kept.digest,
        first_on=kept.first_on,
        last_on=kept.last_on,
        opening=kept.opening,
        closing=kept.closing,
        lines=kept.count,
        made_at=now,
        made_by_id=by_id,
        void_reason="",
    )
    db.session.add(made)
    db.session.flush()
    lines = [
        {
            "statement_id": made.id,
            "seq": seq,
            "booked_on": date.fromisoformat(day),
            "fen": fen,
            "balance": balance,
            "party": party,
            "reference": reference,
            "memo": memo,
        }
        for seq, (_number, day, fen, balance, party, reference, memo) in enumerate(kept.rows, 1)
    ]
    put_rows(insert(table_of(BankLineEntry)).inline(), lines)
    db.session.delete(kept)
    audit.record(by_id, "bank.statement", "bank_statement", made.id, file=kept.file_name, lines=kept.count)
    return made.id


def void(statement_id: int, reason: str, by_id: int, now: datetime) -> None:
    """Takes out the newest statement of its account while nothing is matched with its lines or set aside; the rows stay."""
    writing()
    one = found.statement(statement_id)
    if one is None:
        raise NotFound
    if one.voided_at is not None:
        raise Conflict("这份对账单已经作废了。")
    db.session.get_one(BankAccount, one.account_id, with_for_update=True)
    if found.has_later(one.account_id, one.last_on):
        raise Conflict("后面还有这个账户的对账单，请从最新的一份开始作废。")
    if found.stands_on(statement_id):
        raise Conflict("这份对账单上还有对上的或另列的流水，请先撤销。")
    ending = {"voided_at": now, "voided_by_id": by_id, "void_reason": reason}
    db.session.execute(update(BankStatement).where(BankStatement.id == statement_id).values(**ending))
    audit.record(by_id, "bank.voiding", "bank_statement", statement_id, reason=reason)
