"""A file → a plan → staging; and the claims that let one writer at a time turn staging into records, or take it back.

Called inside write transactions, except `plan_file`, which only reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, insert, or_, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, Refused
from app.people import queries as people
from app.registers import rules
from app.registers.kinds import REGISTERS
from app.registers.models import RegisterBatch, RegisterRow
from app.registers.rules import Decision, Heading, RegisterKind, RowVerdict
from app.registers.scope import Scope
from app.registers.staged import Job, Staged
from app.sheets import batches
from app.sheets.batches import MOST_ROWS
from app.sheets.cells import as_kept
from app.sheets.reading import Sheet

WORD = "表"
PREVIEW_LIFE = timedelta(days=7)  # hours and projects wait for a second person
TO_WRITE = (RowVerdict.NEW, RowVerdict.CHANGED)


@dataclass(frozen=True)
class Plan:
    kind: RegisterKind
    heading: Heading
    decisions: tuple[Decision, ...]
    blank: int

    def count(self, verdict: RowVerdict) -> int:
        return sum(one.verdict is verdict for one in self.decisions)

    @property
    def writes(self) -> int:
        return self.count(RowVerdict.NEW) + self.count(RowVerdict.CHANGED)


def plan_file(kind: RegisterKind, sheets: Sequence[Sheet], scope: Scope) -> Plan:
    """What the file would do within a scope. Writes nothing. Raises Invalid (field `file`)."""
    found = [(sheet, heading) for sheet in sheets if (heading := rules.find_heading(kind, sheet.rows))]
    wanted = "、".join(column.title for column in rules.COLUMNS[kind] if column.needed)
    if not found:
        raise _no(f"没有找到表头。前 20 行里要有一行写着{wanted}。")
    sheet, heading = max(found, key=lambda pair: len(pair[1].places))
    if missing := rules.missing_columns(kind, heading):
        raise _no(f"表头在第 {heading.row + 1} 行，少了{'、'.join(missing)}，没有读。")
    if len(sheet.rows) > MOST_ROWS:
        raise _no(f"一次最多 {MOST_ROWS:,} 行，请分开导入。")
    rows, blank = rules.read_rows(kind, sheet.rows, heading)
    if not rows:
        raise _no("表头下面没有内容，没有读。")
    return Plan(kind, heading, tuple(REGISTERS[kind].plan(rows, scope)), blank)


def _no(message: str) -> Invalid:
    return Invalid({"file": message}, message)


def open_batch(plan: Plan, unit_id: int | None, file_name: str, actor_id: int | None, now: datetime) -> int:
    """The batch; its rows follow in small commits (`stage_rows`)."""
    writing()
    values = {
        "kind": plan.kind, "unit_id": unit_id, "file_name": file_name[-120:], "made_by_id": actor_id, "made_at": now,
        "titles": list(plan.heading.titles), "fresh": plan.count(RowVerdict.NEW), "changed": plan.count(RowVerdict.CHANGED),
        "unchanged": plan.count(RowVerdict.UNCHANGED), "blank": plan.blank, "refused": plan.count(RowVerdict.REFUSED),
    }  # fmt: skip
    return int(db.session.execute(insert(RegisterBatch).values(values).returning(RegisterBatch.id)).scalar_one())


def stage_rows(batch_id: int, first: int, decisions: Sequence[Decision]) -> None:
    """Rows in the order of writing; `first` is the place of the first of them."""
    writing()
    rows = [
        {
            "batch_id": batch_id, "place": first + at, "number": one.number, "verdict": one.verdict, "subject": one.subject,
            "values": one.values, "changes": [list(change) for change in one.changes], "reasons": [list(fault) for fault in one.faults],
            "raw": [as_kept(cell) for cell in one.raw] if one.verdict is RowVerdict.REFUSED else None, "target_id": one.target_id,
        }
        for at, one in enumerate(decisions)
    ]  # fmt: skip
    db.session.execute(insert(RegisterRow), rows)


def close_staging(batch_id: int, now: datetime) -> None:
    """All rows are in: the preview may be seen."""
    writing()
    staged = update(RegisterBatch).where(RegisterBatch.id == batch_id).values(staged_at=now)
    batch = db.session.execute(staged.returning(RegisterBatch.made_by_id, RegisterBatch.kind, RegisterBatch.refused)).one()
    audit.record(batch.made_by_id, "register.preview", "register_batch", batch_id, kind=batch.kind.value, refused=batch.refused)


def claim_writing(batch_id: int, actor_id: int | None, approved_by_id: int | None, now: datetime) -> Job:
    """Become the one writer of a previewed or half-written batch. Hours and projects need another person's yes; raises Refused without."""
    writing()
    batch = batches.for_writing(RegisterBatch, batch_id, now, WORD)
    approver = batch.approved_by_id
    if batch.kind in rules.TWO_PEOPLE and approver is None:
        if approved_by_id is None or approved_by_id == batch.made_by_id:
            raise Refused(f"{rules.KIND_NAMES[batch.kind]}要由另一位有权的人核准，不能核准自己上传的。")
        if batch.kind is RegisterKind.PROJECTS and batch.made_by_id is None:
            raise Refused("历史项目要写明是谁导入的，请在网页上上传。")
        if batch.kind is RegisterKind.HOURS and _stands_in(batch_id, approved_by_id):
            raise Refused("这份表里有您自己的时长，请另一位有权的人来核准。")
        approver = approved_by_id
    since = exists().where(or_(RegisterBatch.applied_at > batch.made_at, RegisterBatch.undone_at > batch.made_at))
    if batch.started_at is None and db.session.scalar(select(since.where(RegisterBatch.kind == batch.kind))):
        raise Conflict("预览之后又有别的表写入，请重新上传这个文件，再看一遍。")
    started = batch.started_at or now
    claimed = update(RegisterBatch).where(RegisterBatch.id == batch_id)
    db.session.execute(claimed.values(started_at=started, running=1, beat_at=now, approved_by_id=approver))
    return Job(batch_id, actor_id, batch.made_by_id, approver, now, clock.local_date(started))


def _stands_in(batch_id: int, person_id: int) -> bool:
    """One of the rows that will be written is about this person, under whichever record."""
    r, own = RegisterRow, people.record_ids(person_id)
    found = exists().where(r.batch_id == batch_id, r.verdict.in_(TO_WRITE), r.values["person"].as_integer().in_(own))
    return bool(db.session.scalar(select(found)))


def claim_undo(batch_id: int, actor_id: int | None, now: datetime) -> Job:
    """Become the one who takes a batch back. Hours that were approved do not go by the word of who brought them; raises Refused."""
    writing()
    batch, day = batches.for_undo(RegisterBatch, batch_id, now, WORD)
    if batch.kind is RegisterKind.HOURS and batch.made_by_id is not None and actor_id == people.who_now(batch.made_by_id):
        raise Refused("历史时长是经人核准的，请另一位有权的人来退回，不能退回自己上传的。")
    if batch.kind is RegisterKind.PROJECTS and (batch.undo_asked_by_id is None or people.who_now(batch.undo_asked_by_id) == actor_id):
        raise Refused("钱的事要两个人办：先由一位提出整批退回，再由另一位同意。")
    db.session.execute(update(RegisterBatch).where(RegisterBatch.id == batch_id).values(running=1, beat_at=now))
    return Job(batch_id, actor_id, batch.made_by_id, batch.approved_by_id, now, day)


def ask_undo(batch_id: int, actor_id: int, now: datetime) -> None:
    """The first of two who take projects back. Asked again by somebody else before the second has agreed, it is theirs."""
    writing()
    batch, _day = batches.for_undo(RegisterBatch, batch_id, now, WORD)
    if batch.kind is not RegisterKind.PROJECTS:
        raise Conflict("这一种登记表不用先提出，可以直接退回。")
    db.session.execute(update(RegisterBatch).where(RegisterBatch.id == batch_id).values(undo_asked_by_id=actor_id))
    audit.record(actor_id, "register.undo_request", "register_batch", batch_id)


def work_on(job: Job, places: Sequence[int], *, back: bool) -> None:
    """Write these rows of a claimed batch, or take them back; what was done to each is kept beside it."""
    writing()
    kind = db.session.execute(
        update(RegisterBatch).where(RegisterBatch.id == job.batch_id).values(beat_at=clock.now()).returning(RegisterBatch.kind)
    ).scalar_one()
    r = RegisterRow
    found = select(r.place, r.number, r.verdict, r.values, r.target_id, r.journal).where(r.batch_id == job.batch_id, r.place.in_(places))
    told = db.session.execute(found.order_by(r.place))
    rows = [Staged(place, number, verdict, values, target, dict(journal or {})) for place, number, verdict, values, target, journal in told]
    (REGISTERS[kind].undo if back else REGISTERS[kind].write)(job, rows)
    done = [
        {
            "batch_id": job.batch_id, "place": row.place, "target_id": row.target_id, "journal": None if back else row.journal,
            "written_at": None if back else job.now,
        }
        for row in rows
    ]  # fmt: skip
    db.session.execute(update(RegisterRow), done)


def finish_writing(job: Job, now: datetime) -> None:
    writing()
    done = update(RegisterBatch).where(RegisterBatch.id == job.batch_id).values(applied_at=now, running=None)
    b = RegisterBatch
    batch = db.session.execute(done.returning(b.kind, b.fresh, b.changed, b.refused)).one()
    told = {"kind": batch.kind.value, "new": batch.fresh, "changed": batch.changed, "refused": batch.refused}
    audit.record(job.actor_id, "register.application", "register_batch", job.batch_id, approved_by=job.approved_by_id, **told)


def give_up(job: Job) -> None:
    """Writing failed and everything was taken back: a preview again."""
    writing()
    freed = update(RegisterBatch).where(RegisterBatch.id == job.batch_id)
    db.session.execute(freed.values(running=None, started_at=None, approved_by_id=None))


def let_go(job: Job) -> None:
    """Taking back failed and everything is written again."""
    writing()
    db.session.execute(update(RegisterBatch).where(RegisterBatch.id == job.batch_id).values(running=None))


def finish_undo(job: Job, now: datetime) -> None:
    writing()
    applied = db.func.coalesce(RegisterBatch.applied_at, now)
    undone = update(RegisterBatch).where(RegisterBatch.id == job.batch_id)
    db.session.execute(undone.values(undone_at=now, undone_by_id=job.actor_id, running=None, applied_at=applied))
    audit.record(job.actor_id, "register.undo", "register_batch", job.batch_id)


def forget_old(now: datetime) -> None:
    """Staged rows are other people's data: gone once a preview is stale or a batch can no longer be taken back."""
    writing()
    b = RegisterBatch
    old = select(b.id).where(b.cleared_at.is_(None), batches.outlived(b, now, PREVIEW_LIFE)).limit(5)
    for batch_id in db.session.scalars(old).all():
        db.session.execute(delete(RegisterRow).where(RegisterRow.batch_id == batch_id))
        db.session.execute(update(b).where(b.id == batch_id).values(cleared_at=now))
