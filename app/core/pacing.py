"""Long work in short write transactions, so that a queue at a gate does not notice it."""

import os
from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import TypeVar

from app.core.db import in_transaction

T = TypeVar("T")
FIRST = LEAST = 50  # below it what a step costs by itself would count more than its rows
AIM = 0.04  # seconds that one step should hold the write lock


def in_steps(items: Sequence[T], step: Callable[[Sequence[T]], object], *, most: int) -> None:
    """`step` over all items in their order, a part in each transaction, `most` at once.

    Parts grow and shrink by half, as AIM allows. After each comes a pause as long as it took: whoever waits for the lock
    has it meanwhile, and gets at least half of the time. What a step raises ends the work; the parts before it stay.
    """
    place, size = 0, min(FIRST, most)
    while place < len(items):
        part = items[place : place + size]
        begun = monotonic()
        in_transaction(lambda part=part: step(part))  # type: ignore[misc]
        took = monotonic() - begun
        place += len(part)
        size = max(min(LEAST, most), size // 2) if took > 2 * AIM else min(most, 2 * size) if took < AIM / 2 else size
        if place < len(items):
            sleep(min(took, AIM))


def give_way() -> None:
    """For commands: what people wait for at a gate comes first on the processor too."""
    os.nice(10)
