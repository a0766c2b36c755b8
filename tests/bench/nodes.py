"""One node and two on one PostgreSQL: scans and pages a second, and how much processor time of each a request takes.

- `scans_two_nodes`, `pages_two_nodes`: what two nodes answer a second over what one does. Where nodes, database and the client share
  two cores, as where docs/scale.md was measured, this says only that a second node costs nothing, not what a second machine gives.
- `node_to_database_scan`, `node_to_database_page`: processor time in the nodes over processor time in PostgreSQL for the same requests.
  That does not depend on how many cores there are: so many cores of nodes keep one core of the database busy.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from flask_migrate import upgrade

from app import create_app
from app.checkin.forms import write_ticket
from app.checkin.rules import Way
from app.core.config import Env, Settings
from app.core.db import db
from tests import engines
from tests.bench.checkin import SECRET, cookie, crowd, drained, scan, token
from tests.bench.serving import request, server

BATCH, ROUNDS = 300, 5
PAGE = "/me"
TICKS = os.sysconf("SC_CLK_TCK")


def run() -> dict[str, float]:
    if not engines.postgres_programs():
        return {}
    with tempfile.TemporaryDirectory() as folder, engines.postgres_server(durable=True) as url, ExitStack() as stack:
        app = create_app(Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=Path(folder)))
        with app.app_context():
            upgrade()
            activity = crowd(2 * BATCH * (ROUNDS + 1))
            db.engine.dispose()
        environment = {"SECRET_KEY": SECRET, "SHULIN_ENV": "test", "SHULIN_DATA": folder, "DATABASE_URL": url}
        ports = [stack.enter_context(server("app:create_app", environment)) for _ in range(2)]
        database = int(Path(url.rpartition("host=")[2], "data", "postmaster.pid").read_text().split()[0])
        phones = iter(range(2 * BATCH * (ROUNDS + 1)))
        ticket = write_ticket(SECRET, activity, Way.POSTER, datetime.now(UTC), None)
        cookies = [cookie(app, _user_id=token(number), _fresh=True) for number in phones]

        def scanned(port: int, numbers: Sequence[int]) -> list[bytes]:
            return [scan(port, cookies[number], ticket) for number in numbers]

        def opened(port: int, numbers: Sequence[int]) -> list[bytes]:
            return [request(port, PAGE, {"Cookie": cookies[number]}) for number in numbers]

        found = _compared("scan", ports, database, scanned)
        return found | _compared("page", ports, database, opened)


def _compared(name: str, ports: Sequence[int], database: int, made) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """One node and both in turn, always two clients; the first round warms up."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    spent: list[tuple[float, float]] = []
    number = 0
    for turn in range(ROUNDS + 1):
        for many in (1, 2):
            halves = [range(number + half * BATCH // 2, number + (half + 1) * BATCH // 2) for half in (0, 1)]
            work = [(port := ports[half % many], made(port, numbers)) for half, numbers in enumerate(halves)]
            number += BATCH
            before, began = _times(ports, database), time.perf_counter()
            with ThreadPoolExecutor(2) as clients:
                list(clients.map(lambda one: drained(*one), work))
            took, after = time.perf_counter() - began, _times(ports, database)
            if turn:
                rates[many].append(BATCH / took)
                spent.append((after[0] - before[0], after[1] - before[1]))
    nodes, base = (sum(one[part] for one in spent) for part in (0, 1))
    each = 1000 / (BATCH * len(spent))
    print(
        f"  {name}s a second: one node {median(rates[1]):.0f}, two {median(rates[2]):.0f}; "
        f"processor time of each: nodes {nodes * each:.2f} ms, database {base * each:.2f} ms",
        flush=True,
    )
    ratio = median(two / one for one, two in zip(rates[1], rates[2], strict=True))
    return {f"{name}s_two_nodes": round(ratio, 2), f"node_to_database_{name}": round(nodes / base, 2)}


def _times(ports: Sequence[int], database: int) -> tuple[float, float]:
    """Seconds of processor time so far: of the nodes, and of the database with all its processes."""
    parents, spent, named = {}, {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "stat").read_text().rpartition(")")[2].split()
            named[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(folder.name)] = int(said[1])
        spent[int(folder.name)] = sum(int(one) for one in said[11:15]) / TICKS  # its own, and of those that ended under it
    masters = {pid for pid, line in named.items() if any(f"\0127.0.0.1\0{port}\0".encode() in line for port in ports)}

    def under(pid: int, roots: set[int]) -> bool:
        while pid and pid not in roots:
            pid = parents.get(pid, 0)
        return bool(pid)

    return (
        sum(seconds for pid, seconds in spent.items() if under(pid, masters)),
        sum(seconds for pid, seconds in spent.items() if under(pid, {database})),
    )
