"""One process of the race for numbers: many threads issue at once. Run by test_race in processes of its own."""

import json
import sys
from datetime import datetime
from functools import partial
from random import Random

from app.certificates import service
from app.core.db import in_transaction
from tests.racing import run


def main(url: str, folder: str, requests: list[int], issuer: int, now: str, seed: int, threads: int) -> None:
    """Issues every request, in an order of its own."""
    at = datetime.fromisoformat(now)
    Random(seed).shuffle(requests)

    def path(number: int) -> str:
        return f"/certificates/{number}"

    def issue(request: int) -> str:
        return "issued" if in_transaction(lambda: service.issue([request], issuer, path, path, at)) else "again"

    run(url, folder, at, threads, lambda number: [partial(issue, request) for request in requests[number::threads]])


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
