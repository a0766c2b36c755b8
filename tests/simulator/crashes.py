"""kill -9 of the real server in the middle of bursts: what a phone was answered for is in the database before the server is up again.

Each run: desks and phones send at once, each from a thread; what they are answered for goes to a log of the driver's own, synced, before
it counts. At a moment drawn from the seed the server's whole process group is killed. The database is opened as it lies. Then a new
server starts, the phones send what they have no answer for, and everything is there once. Where the server had written all of a burst
before it died, that kill proves little: it does not count, and an earlier moment of another burst is taken.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, select

from app import create_app
from app.checkin.models import Attendance, Scan
from app.core.config import Env, Settings
from app.core.db import db
from app.hours import queries as hours
from tests import engines
from tests.browser.server import SECRET_KEY
from tests.checkin.test_kill import PATIENCE, Acknowledged, Server, Town, phone, serving
from tests.conftest import Site
from tests.simulator.checks import verified
from tests.simulator.world import Broken, must

TRIES = 5  # to kill the server in the middle of a burst


class Logged(Acknowledged):
    """Answers in a file of their own, which outlives everybody."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.path = log

    def add(self, scan_id: UUID, outcome: str) -> None:
        os.write(self.log, f"{scan_id.hex} {outcome}\n".encode())
        os.fsync(self.log)
        super().add(scan_id, outcome)

    def read(self) -> set[UUID]:
        return {UUID(line.split()[0]) for line in self.path.read_text().splitlines() if line.strip()}


def there(url: str) -> set[UUID]:
    """The scans of the database as it lies, on a connection that knows nothing of the site."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return {UUID(str(one)) for one in connection.exec_driver_sql("SELECT id FROM scan").scalars()}
    finally:
        engine.dispose()


def moment(chance: random.Random, size: int, late: int) -> tuple[int, float]:
    """After how many answers, and how many seconds more, the server is killed, when so many kills came too late for their bursts."""
    if late == 0:
        return chance.randrange(1, size - 2), chance.choice((0, 0.001, 0.004, 0.012))
    return max(1, size >> late), 0


def once(number: int, town: Town, url: str, server: Server, done: Logged) -> int:
    """One kill in the middle of a burst; how many before it came too late for that."""
    chance = random.Random(number)
    for late in range(TRIES):
        if killed(number, late, chance, town, url, server, done):
            return late
    raise Broken("a kill comes in the middle of a burst", f"run {number}: {TRIES} of {TRIES} came too late")


def killed(number: int, late: int, chance: random.Random, town: Town, url: str, server: Server, done: Logged) -> bool:
    """One burst, one kill; whether the server had not written all of the burst by then."""
    burst, faults = town.burst(), list[str]()
    sent, before = {one.scan_id for _, kept in burst for one in kept}, len(done.outcomes)
    db.session.remove()
    threads = [threading.Thread(target=phone, args=(server.port, cookie, kept, done, faults)) for cookie, kept in burst]
    for thread in threads:
        thread.start()
    answers, pause = moment(chance, len(sent), late)
    done.wait_for(before + answers)
    threading.Event().wait(pause)
    server.kill()
    answered, kept = done.read(), there(url)
    must(answered <= kept, "no acknowledged scan is lost by kill -9", f"run {number}: {answered - kept}")
    server.start()
    for thread in threads:
        thread.join(PATIENCE)
    must(faults == [] and len(done.outcomes) == before + len(sent), "phones finish after a restart", faults)
    return not sent <= kept


def whole(town: Town, done: Logged) -> None:
    """After all of it: every scan once, everybody's hours as they must be, nothing that disagrees."""
    recorded = {scan.id: scan.outcome.value for scan in db.session.scalars(select(Scan))}
    must(recorded.keys() == done.outcomes.keys(), "every scan is there once", recorded.keys() ^ done.outcomes.keys())
    must(all(recorded[one] == said for one, said in done.outcomes.items() if said), "what was answered is what is recorded")
    spells = db.session.scalars(select(Attendance.person_id).where(Attendance.excluded_at.is_(None))).all()
    must(sorted(spells) == sorted(town.expected), "everybody came once", "")
    must({one: sum(vars(hours.sums(one)).values()) for one in town.expected} == town.expected, "hours are as they must be")
    verified(again=True, but="组织树")


def many(runs: int, url: str, folder: Path, told: Callable[[int], None] = lambda _number: None, seed: int = 0) -> int:
    """So many kills in mid-burst; how many more came too late. `url` is a fresh, migrated database; moments are drawn from `seed` on."""
    app = create_app(Settings(Env.DEVELOPMENT, url, SECRET_KEY, "http://127.0.0.1:1", demo=False, data_dir=folder))
    with app.app_context():
        town, done, late = Town(app), Logged(folder / "acknowledged"), 0
        db.session.remove()
        with serving(url, folder) as server:
            server.start()
            for number in range(runs):
                late += once(seed + number, town, url, server, done)
                told(number)
        whole(town, done)
        must("Traceback" not in server.log.read_text(), "the server has no fault of its own", server.log)
        db.session.remove()
        db.engine.dispose()
    return late


def main() -> None:
    """So many kills on a database that is synced as in production."""
    asked = argparse.ArgumentParser(prog="python -m tests.simulator.crashes", description=__doc__)
    asked.add_argument("runs", type=int, nargs="?", default=100)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--from", type=int, default=0, dest="seed")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="killed") as name, ExitStack() as stack:
        folder = Path(name)
        server = stack.enter_context(engines.postgres_server(durable=True)) if said.engine == "postgresql" else None
        site = Site(said.engine, folder, server)
        if server:
            url = engines.postgres_copy(server, "shulin_template", "killed")
        else:
            engines.sqlite_copy(site.template_file, folder / "killed.db")
            url = f"sqlite:///{folder / 'killed.db'}"
        late = many(said.runs, url, folder, lambda number: print(f"{number + 1} of {said.runs}", flush=True), said.seed)  # noqa: T201
    sys.stdout.write(f"{said.runs} of {said.runs} on {said.engine}: no acknowledged scan was lost, none is there twice; ")
    sys.stdout.write(f"all {said.runs} kills in mid-burst, {late} more came too late and did not count\n")


if __name__ == "__main__":
    main()
