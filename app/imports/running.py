"""Long work in short transactions: staging, writing and taking back, a few hundred rows at a time.

Called by views and commands outside any transaction; each step commits by itself, so that the write lock is held for a moment
only and others' scans pass in between. All or nothing still holds: what fails is taken back step by step before the error goes on.
"""

from collections.abc import Callable, Collection, Sequence
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
BEGUN = "名册正在写入或退回，完成后这一条会换掉。一直是这一条，就是中途停下了，请点开接着办"


def stage(plan: Plan, root_id: int | None, file_name: str, actor_id: int | None, now: datetime) -> int:
    """Keep a plan as a preview. Returns the batch's id."""
    in_transaction(lambda: staging.forget_old(now))
    batch_id = in_transaction(lambda: staging.open_batch(plan, root_id, file_name, actor_id, now))
    in_steps(plan.decisions, staging.put_rows, most=2 * ROWS_AT_ONCE, ready=partial(staging.ready, batch_id))
    in_transaction(lambda: staging.close_staging(batch_id, now))
    return batch_id


def write(
    batch_id: int,
    actor_id: int | None,
    now: datetime,
    *,
    move_dates: bool = False,
    take_cards: bool = False,
    make: Collection[int] | None = None,
) -> None:
    """Write a previewed batch, or go on with a half-written one. On failure nothing of it stays; raises Conflict.

    `move_dates` also moves the dates of stages on record, `take_cards` takes in new people without a phone, `make` are the keys of the new
    units to make (None: all whose names resemble no neighbour's); they count at the first go. Rows that need another unit wait.
    """
    day = _claimed(lambda: service.claim_writing(batch_id, move_dates, take_cards, now, make), batch_id, actor_id)
    try:
        _write_all(batch_id, actor_id, now, day)
    except (DomainError, IntegrityError) as error:
        _erase_all(batch_id, actor_id, now, day)
        in_transaction(lambda: service.give_up(batch_id))
        _over(batch_id, actor_id)
        if isinstance(error, DomainError):
            raise
        raise Conflict(MOVED_ON) from error
    in_transaction(lambda: service.finish_writing(batch_id, actor_id, now))
    figures = status.batch(batch_id)
    waits = f"，{figures.waiting:,} 行等新单位" if figures.waiting else ""
    _over(batch_id, actor_id, f"名册已写入：新增 {figures.fresh:,} 人，改动 {figures.changed:,} 人{waits}")


def undo(batch_id: int, actor_id: int | None, now: datetime) -> None:
    """Take a whole batch back, while nothing later depends on it. On failure everything stays; raises Conflict."""
    day = _claimed(lambda: service.claim_undo(batch_id, now), batch_id, actor_id)
    if reasons := dependents.dependents(batch_id, day):
        in_transaction(lambda: service.let_go(batch_id))
        _over(batch_id, actor_id)
        raise Conflict(f"不能整批退回：{'、'.join(reasons)}。有错请逐个更正。")
    try:
        _erase_all(batch_id, actor_id, now, day)
    except (DomainError, IntegrityError) as error:
        _write_all(batch_id, actor_id, now, day)
        in_transaction(lambda: service.let_go(batch_id))
        _over(batch_id, actor_id)
        raise Conflict("这批内容后来又用上或改过（比如职责、岗位给了别人），已经恢复原样。有错请逐个更正。") from error
    in_transaction(lambda: service.finish_undo(batch_id, actor_id, now))
    _over(batch_id, actor_id)


def _claimed(claim: Callable[[], date], batch_id: int, actor_id: int | None) -> date:
    """Begin, and say so: should this process die, what it said stays among the notices of whoever began it."""

    def begin() -> date:
        day = claim()
        if actor_id is not None:
            worklist.notify(actor_id, BEGUN, _page(batch_id))
        return day

    try:
        return in_transaction(begin)
    except IntegrityError as error:  # another became the one writer in the same moment
        raise busy(service.WORD) from error


def _over(batch_id: int, actor_id: int | None, text: str = "") -> None:
    """It has ended: what was said at its beginning goes, for whoever began it; `text` takes its place."""
    made_by = service.maker(batch_id)

    def tell() -> None:
        worklist.withdraw({one for one in (actor_id, made_by) if one is not None}, _page(batch_id), [BEGUN])
        if text and actor_id is not None:
            worklist.notify(actor_id, text, _page(batch_id))

    in_transaction(tell)


def _page(batch_id: int) -> str:
    return f"/imports/{batch_id}"


def _write_all(batch_id: int, actor_id: int | None, now: datetime, day: date) -> None:
    def units(keys: Sequence[int]) -> None:
        service.beat(batch_id, clock.now())
        writing.create_units(batch_id, keys, actor_id, day)

    for keys in queries.parts(status.new_unit_keys(batch_id), UNITS_AT_ONCE):
        in_transaction(partial(units, keys))

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
