"""One process of the race for numbers: many threads issue at once. Run by test_race in processes of its own."""

import json
import sys
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random

from app import create_app
from app.certificates import service
from app.core import clock
from app.core.db import db, in_transaction
from tests.conftest import settings_for


def main(url: str, folder: str, requests: list[int], issuer: int, now: str, seed: int, threads: int) -> None:
    """Issues every request, in an order of its own. Prints counts of what came of it, and of errors."""
    app = create_app(settings_for(url, Path(folder)))
    at, told = datetime.fromisoformat(now), Counter[str]()
    Random(seed).shuffle(requests)
    gate = threading.Barrier(threads)

    def path(number: int) -> str:
        return f"/certificates/{number}"

    def run(number: int) -> None:
        gate.wait()
        for request in requests[number::threads]:
            with app.app_context():
                try:
                    made = in_transaction(lambda request=request: service.issue([request], issuer, path, path, at))  # type: ignore[misc]
                    told["issued" if made else "again"] += 1
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
