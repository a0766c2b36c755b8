"""Long work in short transactions: staging, writing and taking back, a few hundred rows at a time.

Called by views and commands outside any transaction; each step commits by itself, so that the write lock is held for a moment
only and others' scans pass in between. All or nothing still holds: what fails is taken back step by step before the error goes on.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial

from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, DomainError
from app.core.pacing import in_steps
from app.imports import dependents, queries, service, staging, status, writing
from app.imports.changing import MOVED_ON
from app.imports.planning import Plan
from app.sheets.batches import busy
from app.worklist import service as worklist

ROWS_AT_ONCE = 500
UNITS_AT_ONCE = 40


def stage(plan: Plan, root_id: int | None, file_name: str, actor_id: int | None, now: datetime) -> int:
    """Keep a plan as a preview. Returns the batch's id."""
    in_transaction(lambda: staging.forget_old(now))
    batch_id = in_transaction(lambda: staging.open_batch(plan, root_id, file_name, actor_id, now))
    in_steps(plan.decisions, staging.put_rows, most=2 * ROWS_AT_ONCE, ready=partial(staging.ready, batch_id))
    in_transaction(lambda: staging.close_staging(batch_id, now))
    return batch_id


def write(batch_id: int, actor_id: int | None, now: datetime, *, move_dates: bool = False, take_cards: bool = False) -> None:
    """Write a previewed batch, or go on with a half-written one. On failure nothing of it stays; raises Conflict.

    `move_dates` also moves the dates of stages on record, `take_cards` takes in new people without a phone; both count at the first go.
    """
    day = _claimed(lambda: service.claim_writing(batch_id, move_dates, take_cards, now))
    try:
        _write_all(batch_id, actor_id, now, day)
    except (DomainError, IntegrityError) as error:
        _erase_all(batch_id, actor_id, now, day)
        in_transaction(lambda: service.give_up(batch_id))
        if isinstance(error, DomainError):
            raise
        raise Conflict(MOVED_ON) from error
    in_transaction(lambda: service.finish_writing(batch_id, actor_id, now))
    if actor_id is not None:
        figures = status.batch(batch_id)
        text = f"名册已写入：新增 {figures.fresh:,} 人，改动 {figures.changed:,} 人"
        in_transaction(lambda: worklist.notify(actor_id, text, f"/imports/{batch_id}"))


def undo(batch_id: int, actor_id: int | None, now: datetime) -> None:
    """Take a whole batch back, while nothing later depends on it. On failure everything stays; raises Conflict."""
    day = _claimed(lambda: service.claim_undo(batch_id, now))
    if reasons := dependents.dependents(batch_id, day):
        in_transaction(lambda: service.let_go(batch_id))
        raise Conflict(f"不能整批退回：{'、'.join(reasons)}。有错请逐个更正。")
    try:
        _erase_all(batch_id, actor_id, now, day)
    except (DomainError, IntegrityError) as error:
        _write_all(batch_id, actor_id, now, day)
        in_transaction(lambda: service.let_go(batch_id))
        raise Conflict("退回的时候有人用到了这批人，已经恢复原样。有错请逐个更正。") from error
    in_transaction(lambda: service.finish_undo(batch_id, actor_id, now))


def _claimed(claim: Callable[[], date]) -> date:
    try:
        return in_transaction(claim)
    except IntegrityError as error:  # another became the one writer in the same moment
        raise busy(service.WORD) from error


def _write_all(batch_id: int, actor_id: int | None, now: datetime, day: date) -> None:
    for keys in queries.parts(status.new_unit_keys(batch_id), UNITS_AT_ONCE):
        in_transaction(partial(writing.create_units, batch_id, keys, actor_id, day))

    def step(rows: Sequence[int]) -> None:
        service.beat(batch_id, clock.now())
        writing.write_rows(batch_id, rows[0], rows[-1], actor_id, now, day)

    in_steps(status.rows_to_write(batch_id), step, most=ROWS_AT_ONCE)


def _erase_all(batch_id: int, actor_id: int | None, now: datetime, day: date) -> None:
    def step(rows: Sequence[int]) -> None:
        service.beat(batch_id, clock.now())
        writing.erase_rows(batch_id, rows[0], rows[-1], actor_id, now, day)

    in_steps(status.rows_written(batch_id), step, most=ROWS_AT_ONCE)
    in_transaction(lambda: writing.erase_units(batch_id, actor_id))
