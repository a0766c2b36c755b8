"""Long work in short write transactions, so that a queue at a gate does not notice it."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic, sleep
from typing import TypeVar

from app.core.db import in_transaction, is_sqlite

T = TypeVar("T")
LEAST = 50  # below it what a step costs by itself would count more than its rows
AIM, AIM_ALONE = 0.04, 0.25  # seconds of one step: while all others wait (SQLite has one writer), and while hardly anyone does


def in_steps(items: Sequence[T], step: Callable[[Sequence[T]], object], *, most: int, first: int = LEAST) -> None:
    """`step` over all items in their order, a part in each transaction: `first` in the first, `most` at once.

    Parts grow and shrink by half, as the aim allows. After each comes a pause as long as it took: whoever waits for the lock
    has it meanwhile, and gets at least half of the time. What a step raises ends the work; the parts before it stay.
    """
    place, size = 0, max(1, min(first, most))
    aim = AIM if is_sqlite() else AIM_ALONE
    while place < len(items):
        part = items[place : place + size]
        begun = monotonic()
        in_transaction(partial(step, part))
        took = monotonic() - begun
        place += len(part)
        size = max(min(LEAST, most), size // 2) if took > 2 * aim else min(most, 2 * size) if took < aim / 2 else size
        if place < len(items):
            sleep(min(took, AIM))


def give_way() -> None:
    """For commands: what people wait for at a gate comes first on the processor too. Asked twice, it gives way once."""
    os.nice(max(0, 10 - os.nice(0)))
