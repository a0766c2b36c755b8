"""kill -9 of the real server in the middle of bursts: what a phone was answered for is in the database before the server is up again.

Each run: desks and phones send at once, each from a thread; what they are answered for goes to a log of the driver's own, synced, before
it counts. At a moment drawn from the seed the server's whole process group is killed. The database is opened as it lies. Then a new
server starts, the phones send what they have no answer for, and everything is there once.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import UUID

from flask import Flask
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
from tests.simulator.world import must


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


def once(number: int, town: Town, url: str, server: Server, done: Logged) -> None:
    """One burst, one kill."""
    chance, burst, faults = random.Random(number), town.burst(), list[str]()
    size, before = sum(len(kept) for _, kept in burst), len(done.outcomes)
    db.session.remove()
    threads = [threading.Thread(target=phone, args=(server.port, cookie, kept, done, faults)) for cookie, kept in burst]
    for thread in threads:
        thread.start()
    done.wait_for(before + chance.randrange(1, size - 2))
    threading.Event().wait(chance.choice((0, 0.001, 0.004, 0.012)))
    server.kill()
    with suppress(ProcessLookupError):
        while True:  # until the last of the group is gone, so that the answers of the dead have all come
            os.killpg(server.group, 0)
            threading.Event().wait(0.005)
    answered = done.read()
    lost = answered - there(url)
    must(not lost, "no acknowledged scan is lost by kill -9", f"run {number}: {lost}")
    server.start()
    for thread in threads:
        thread.join(PATIENCE)
    must(faults == [] and len(done.outcomes) == before + size, "phones finish after a restart", faults)


def whole(town: Town, done: Logged) -> None:
    """After all of it: every scan once, everybody's hours as they must be, nothing that disagrees."""
    recorded = {scan.id: scan.outcome.value for scan in db.session.scalars(select(Scan))}
    must(recorded.keys() == done.outcomes.keys(), "every scan is there once", recorded.keys() ^ done.outcomes.keys())
    must(all(recorded[one] == said for one, said in done.outcomes.items() if said), "what was answered is what is recorded")
    spells = db.session.scalars(select(Attendance.person_id).where(Attendance.excluded_at.is_(None))).all()
    must(sorted(spells) == sorted(town.expected), "everybody came once", "")
    must({one: sum(vars(hours.sums(one)).values()) for one in town.expected} == town.expected, "hours are as they must be")
    verified(again=True, but="组织树")


def many(runs: int, url: str, folder: Path, told: Callable[[int], None] = lambda _number: None, seed: int = 0) -> Flask:
    """`url` is a fresh, migrated database. The moments of the kills are drawn from `seed` on."""
    app = create_app(Settings(Env.DEVELOPMENT, url, SECRET_KEY, "http://127.0.0.1:1", demo=False, data_dir=folder))
    with app.app_context():
        town, done = Town(app), Logged(folder / "acknowledged")
        db.session.remove()
        with serving(url, folder) as server:
            server.start()
            for number in range(runs):
                once(seed + number, town, url, server, done)
                told(number)
        whole(town, done)
        must("Traceback" not in server.log.read_text(), "the server has no fault of its own", server.log)
        db.session.remove()
        db.engine.dispose()
    return app


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
        many(said.runs, url, folder, lambda number: print(f"{number + 1} of {said.runs}", flush=True), said.seed)  # noqa: T201
    sys.stdout.write(f"{said.runs} of {said.runs} on {said.engine}: no acknowledged scan was lost, none is there twice\n")


if __name__ == "__main__":
    main()
