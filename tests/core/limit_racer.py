"""A racer of test_limits: uses of limits, and tries at a secret, from many threads."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from app.accounts import service as accounts
from app.core import clock, limits
from app.core.db import in_transaction
from app.core.limits import Limit
from tests import racing
from tests.conftest import NOON


def use(limit: Limit, who: str) -> str:
    return "waits" if limits.wait_for(limit, who, clock.now()) else "goes on"


def guess(number: str, device: str) -> str:
    wait, _ = in_transaction(lambda: accounts.begin_try(number, device, clock.now()))
    return "throttled" if wait else "tried"


def main(task: dict[str, Any]) -> None:
    limit = Limit("raced", task["most"], timedelta(minutes=1))

    def steps(thread: int) -> Iterator[Callable[[], str]]:
        for n in range(task["uses"]):
            yield partial(use, limit, f"peer {n % 2}")
            yield partial(guess, "a number", f"device {task['seed']} {thread} {n}")

    racing.run(task["url"], task["folder"], NOON, task["threads"], steps)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
