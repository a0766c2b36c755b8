"""Long work in short transactions: staging, writing and taking back, some rows at a time.

Called by views and commands outside any transaction; each step commits by itself and is sized by how long the one before took,
so that the write lock is held for a moment only. All or nothing still holds: what fails is taken back before the error goes on.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.exc import IntegrityError

from app.core.db import in_transaction
from app.core.errors import Conflict, DomainError
from app.core.pacing import in_steps
from app.registers import service, status
from app.registers.kinds import REGISTERS
from app.registers.lookup import parts
from app.registers.rules import KIND_NAMES
from app.registers.service import Plan
from app.registers.staged import MOVED_ON, Job
from app.sheets.batches import busy
from app.worklist import service as worklist

ROWS_AT_ONCE = 500


def stage(plan: Plan, unit_id: int | None, file_name: str, actor_id: int | None, now: datetime) -> int:
    """Keep a plan as a preview. Returns the batch's id."""
    in_transaction(lambda: service.forget_old(now))
    batch_id = in_transaction(lambda: service.open_batch(plan, unit_id, file_name, actor_id, now))
    for at, some in enumerate(parts(plan.decisions, ROWS_AT_ONCE)):
        in_transaction(partial(service.stage_rows, batch_id, at * ROWS_AT_ONCE, some))
    in_transaction(lambda: service.close_staging(batch_id, now))
    return batch_id


def write(batch_id: int, actor_id: int | None, now: datetime, *, approved_by_id: int | None = None) -> None:
    """Write a previewed batch, or go on with a half-written one. On failure nothing of it stays; raises Conflict."""
    job = _claimed(lambda: service.claim_writing(batch_id, actor_id, approved_by_id, now))
    try:
        _steps(job, status.to_write(batch_id), back=False)
    except (DomainError, IntegrityError) as error:
        _steps(job, status.written(batch_id), back=True)
        in_transaction(lambda: service.give_up(job))
        if isinstance(error, DomainError):
            raise Conflict(f"没有写入任何东西：{error.message}") from error
        raise Conflict(MOVED_ON) from error
    in_transaction(lambda: service.finish_writing(job, now))
    if job.made_by_id is not None:
        batch = status.batch(batch_id)
        text = f"{KIND_NAMES[batch.kind]}表已写入：新增 {batch.fresh:,} 行，改动 {batch.changed:,} 行"
        maker = job.made_by_id
        in_transaction(lambda: worklist.notify(maker, text, f"/registers/batches/{batch_id}"))


def undo(batch_id: int, actor_id: int | None, now: datetime) -> None:
    """Take a whole batch back, while nothing later depends on it. On failure everything stays; raises Conflict."""
    job = _claimed(lambda: service.claim_undo(batch_id, actor_id, now))
    if reasons := REGISTERS[status.batch(batch_id).kind].rests(batch_id):
        in_transaction(lambda: service.let_go(job))
        raise Conflict(f"不能整批退回：{'、'.join(reasons)}。有错请逐个更正。")
    try:
        _steps(job, status.written(batch_id), back=True)
    except (DomainError, IntegrityError) as error:
        _steps(job, status.to_write(batch_id), back=False)
        in_transaction(lambda: service.let_go(job))
        raise Conflict("这批内容后来又用上或改过，已经恢复原样，不能整批退回。有错请逐个更正。") from error
    in_transaction(lambda: service.finish_undo(job, now))


def _claimed(claim: Callable[[], Job]) -> Job:
    try:
        return in_transaction(claim)
    except IntegrityError as error:  # another became the one writer in the same moment
        raise busy(service.WORD) from error


def _steps(job: Job, places: Sequence[int], *, back: bool) -> None:
    """The rows at these places, in their order; the last first when they are taken back."""
    most = REGISTERS[status.batch(job.batch_id).kind].at_once
    in_steps(list(reversed(places)) if back else places, partial(service.work_on, job, back=back), most=most)
