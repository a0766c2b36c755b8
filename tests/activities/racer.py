"""One process of the race for seats: many threads sign up and withdraw at once. Run by test_race in processes of its own."""

import json
import sys
from datetime import datetime
from functools import partial
from random import Random

from app.activities import service
from app.core.db import in_transaction
from app.core.errors import NotFound
from tests.racing import run


def main(
    url: str, folder: str, shift: int, wishes: dict[str, int | None], leaving: dict[str, int], now: str, seed: int, threads: int
) -> None:
    """Signs up everybody in `wishes` (person → position), in an order of its own, and withdraws the sign-ups of `leaving`
    (person → sign-up)."""
    at = datetime.fromisoformat(now)

    def up(person: int, wish: int | None) -> str:
        taken = in_transaction(lambda: service.take_seat(shift, person, at, position_id=wish))
        return "fresh" if taken.fresh else "again"

    def off(person: int, signup: int) -> str:
        try:
            in_transaction(lambda: service.withdraw(signup, person, at))
        except NotFound:
            return "gone"
        return "left"

    steps = [partial(up, int(person), wish) for person, wish in wishes.items()]
    steps += [partial(off, int(person), signup) for person, signup in leaving.items()]
    Random(seed).shuffle(steps)
    run(url, folder, at, threads, lambda number: steps[number::threads])


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
