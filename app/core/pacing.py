"""Long work in short write transactions, so that a queue at a gate does not notice it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar

from flask import current_app

from app.core.db import in_transaction, is_sqlite

T = TypeVar("T")
LEAST = 200  # below it what a step costs by itself would count more than its rows
AIM, AIM_ALONE = 0.015, 0.15  # seconds of one step: while all others wait (SQLite has one writer), and while hardly anyone does
LONGEST_PAUSE = 0.3
GIVES_WAY = 10


def in_steps(
    items: Sequence[T],
    step: Callable[[Any], object],
    *,
    most: int,
    ready: Callable[[Sequence[T]], object] | None = None,
) -> None:
    """`step` over all items in their order, a part in each transaction, `most` items at once.

    `ready` turns a part into what `step` takes, before the lock is held. Parts grow and shrink by half, as the aim allows. After
    each comes a pause as long as it took: whoever waits for the lock, or for the processor, has it meanwhile, and gets at least
    half of the time. What a step raises ends the work; the parts before it stay.
    """
    place, size = 0, min(LEAST, most)
    aim = AIM if is_sqlite() else AIM_ALONE
    while place < len(items):
        part = items[place : place + size]
        given = ready(part) if ready else part
        took = in_transaction(partial(_timed, step, given))
        place += len(part)
        size = max(min(LEAST, most), size // 2) if took > 2 * aim else min(most, 2 * size) if took < aim / 2 else size
        if place < len(items):
            sleep(min(took, LONGEST_PAUSE))


def _timed(step: Callable[[Any], object], given: object) -> float:
    """Seconds under the lock, without the waiting for it."""
    begun = monotonic()
    step(given)
    return monotonic() - begun


def at_leisure(work: Callable[[], T]) -> T:
    """For commands: what `work` returns or raises, done on a thread that gives way to whoever waits at a gate (on Linux).

    For reading and reckoning only. What holds a lock must not give way: those who wait for it would wait with it.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy has it, its type does not declare it

    def apart() -> T:
        os.nice(GIVES_WAY)
        with app.app_context():
            return work()

    with ThreadPoolExecutor(1) as aside:
        return aside.submit(apart).result()
