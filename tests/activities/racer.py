"""One process of the race for seats: many threads sign up and withdraw at once. Run by test_race in processes of its own."""

import json
import sys
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random

from app import create_app
from app.activities import service
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import NotFound
from tests.conftest import settings_for


def main(
    url: str, folder: str, shift: int, wishes: dict[str, int | None], leaving: dict[str, int], now: str, seed: int, threads: int
) -> None:
    """Signs up everybody in `wishes` (person → position), in an order of its own, and withdraws the sign-ups of `leaving`
    (person → sign-up). Prints counts of what came of it, and of errors."""
    app = create_app(settings_for(url, Path(folder)))
    at = datetime.fromisoformat(now)
    told: Counter[str] = Counter()
    steps: list[tuple[str, int, int | None]] = [("up", int(person), wish) for person, wish in wishes.items()]
    steps += [("off", int(person), signup) for person, signup in leaving.items()]
    Random(seed).shuffle(steps)
    gate = threading.Barrier(threads)

    def act(what: str, person: int, which: int | None) -> str:
        if what == "up":
            taken = in_transaction(lambda: service.take_seat(shift, person, at, position_id=which))
            return "fresh" if taken.fresh else "again"
        try:
            in_transaction(lambda: service.withdraw(which or 0, person, at))
        except NotFound:
            return "gone"
        return "left"

    def run(number: int) -> None:
        gate.wait()
        for step in steps[number::threads]:
            with app.app_context():
                try:
                    told[act(*step)] += 1
                except Exception as error:
                    told[f"{type(error).__name__}: {str(error)[:120]}"] += 1
                finally:
                    db.session.remove()

    with clock.frozen_at(at):
        workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
