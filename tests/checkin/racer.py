"""One process of the race: many threads that scan in and out at once. Run by test_race in processes of its own."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from app.checkin import service
from app.checkin.rules import ShownCode, Way
from app.core.db import in_transaction
from tests.racing import run


def main(url: str, folder: str, activity: int, people: list[int], start: str, seed: int, threads: int, rounds: int) -> None:
    """Every thread scans everybody's codes in an order of its own, with ids shared by all threads, so that each scan is
    sent by many at once; odd rounds come at the end of the shift and sign out."""
    begin = datetime.fromisoformat(start)

    def scan(turn: int, person: int) -> str:
        at = begin + timedelta(minutes=170 if turn % 2 else 0)
        shown = ShownCode(UUID(int=(turn + 1) * 1_000_000 + person), activity, Way.POSTER, at)
        return in_transaction(lambda: service.record_scan(shown, person, at)).outcome.value

    def steps(number: int) -> Iterator[Callable[[], str]]:
        rng = Random(seed * 1000 + number)
        for turn in range(rounds):
            yield from (partial(scan, turn, person) for person in rng.sample(people, len(people)))

    run(url, folder, begin + timedelta(minutes=175), threads, steps)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
