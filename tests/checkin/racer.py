"""One process of the race: many threads that scan in and out at once. Run by test_race in processes of its own."""

import json
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from app import create_app
from app.checkin import service
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from tests.conftest import settings_for


def main(url: str, folder: str, activity: int, people: list[int], start: str, seed: int, threads: int, rounds: int) -> None:
    """Every thread scans everybody's codes in an order of its own, with ids shared by all threads, so that each scan is
    sent by many at once; odd rounds come at the end of the shift and sign out. Prints counts of outcomes and errors."""
    app = create_app(settings_for(url, Path(folder)))
    begin = datetime.fromisoformat(start)
    outcomes: Counter[str] = Counter()
    gate = threading.Barrier(threads)

    def run(number: int) -> None:
        rng = Random(seed * 1000 + number)
        gate.wait()
        for turn in range(rounds):
            at = begin + timedelta(minutes=170 if turn % 2 else 0)
            for person in rng.sample(people, len(people)):
                shown = ShownCode(UUID(int=(turn + 1) * 1_000_000 + person), activity, Way.POSTER, at)
                with app.app_context():
                    try:
                        view = in_transaction(lambda person=person, shown=shown, at=at: service.record_scan(shown, person, at))
                        outcomes[view.outcome.value] += 1
                    except Exception as error:
                        outcomes[f"{type(error).__name__}: {str(error)[:120]}"] += 1
                    finally:
                        db.session.remove()

    with clock.frozen_at(begin + timedelta(minutes=175)):
        workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    sys.stdout.write(json.dumps(outcomes))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
