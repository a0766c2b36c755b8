"""How much memory a site takes: the server as production starts it, its workers and all, in the heaviest hour that it may have.

The small demo (certificates, packs, projects, reports) and a whole subdistrict with so many entries of hours beside it. At the same time:
people read pages; administrators fetch PDFs and tables and the whole of the hours; a roster of 14,000 rows is sent, previewed and
written; and a timer makes a backup, verifies the ledgers and seals. Megabytes of PSS (what processes share is counted once), the highest
seen: `server_mb` is what docs/operations.md promises to keep below 512, `commands_mb` the scheduled work beside it, which ends again.

Not part of `make bench`, whose figures are ratios: `python -m tests.bench.memory [entries] [sqlite|postgresql]`. Filling takes minutes;
with SHULIN_BENCH_SITE=folder the SQLite site is kept there, and used again.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app import create_app
from app.core.config import ROOT, Env, Settings
from tests import engines
from tests.bench import hour
from tests.browser.server import SECRET_KEY, free_port

COMMANDS = (("backup", "--keep", "{backups}"), ("ledger", "verify"), ("jobs", "run", "doctor"))
ADDRESS = "https://shulin.example"


def main(entries: int, engine: str) -> None:
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(os.environ.get("SHULIN_BENCH_SITE") or made)
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder}/x.db" if engine == "sqlite" else stack.enter_context(engines.postgres_server(durable=True))
        (folder / "backups").mkdir(exist_ok=True)
        began = time.monotonic()
        app = create_app(Settings(Env.DEVELOPMENT, url, SECRET_KEY, ADDRESS, demo=False, data_dir=folder))
        with app.app_context():
            work = hour.filled(app, entries, folder)
        filled = time.monotonic() - began
        with serving(url, folder) as (port, process):
            quiet = pss(process.pid)
            found = measured(port, process.pid, work, environment(url, folder))
            log = (folder / "log").read_text()
        after = {"entries": entries, "engine": engine, "filled_in_s": round(filled), "started_mb": quiet, **found}
        after["tracebacks"] = log.count('"trace"')
        print(json.dumps(after, ensure_ascii=False, indent=1))


def environment(url: str, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    told = {"SHULIN_DATA": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "PUBLIC_URL": ADDRESS}
    return {**kept, **told, "SHULIN_BACKUPS": str(folder / "backups"), "SHULIN_METRICS": "local", "SHULIN_ACCESS_LOG": "1"}


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """scripts/run.py as systemd starts it."""
    port = free_port()
    with (folder / "log").open("w") as log:
        command = [sys.executable, "scripts/run.py"]
        told = {**environment(url, folder), "PORT": str(port)}
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 120
        while "Ready" not in (folder / "log").read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.2)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def measured(port: int, pid: int, work: hour.Work, told: dict[str, str]) -> dict[str, object]:
    """The highest of the server alone and of the commands alone, and what was answered meanwhile."""
    heavy = [threading.Thread(target=one, args=(port,)) for one in work.heavy()]
    for thread in heavy:
        thread.start()
    readers = [threading.Thread(target=work.reader, args=(port, number)) for number in range(hour.READERS)]
    for thread in readers:
        thread.start()
    highest, commands, ended = {"server": 0}, {"commands": 0}, dict[str, str]()
    timer = threading.Thread(target=scheduled, args=(told, commands, ended))
    timer.start()
    while any(thread.is_alive() for thread in (*heavy, timer)):
        highest["server"] = max(highest["server"], pss(pid))
        time.sleep(0.4)
    work.over.set()
    for thread in readers:
        thread.join()
    time.sleep(2)
    each = {str(one): pss(one, alone=True) for one in below(pid)}
    return {
        "server_mb": highest["server"],
        "afterwards_mb": pss(pid),
        "afterwards_each_mb": each,
        "commands_mb": commands["commands"],
        "commands": ended,
        "answers": work.answers,
        "slowest_s": dict(sorted(work.seconds.items(), key=lambda one: -one[1])[:8]),
    }


def scheduled(told: dict[str, str], highest: dict[str, int], ended: dict[str, str]) -> None:
    """What the timer does, each in a process of its own, as the unit starts it."""
    for command in COMMANDS:
        args = [part.format(backups=told["SHULIN_BACKUPS"]) for part in command]
        most = 0
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", *args], cwd=ROOT, env=told, stdout=said, stderr=said)
            while process.poll() is None:
                most = max(most, pss(process.pid))
                time.sleep(0.3)
        ended[" ".join(command[:2])] = f"{most} MB, exit {process.returncode}"
        highest["commands"] = max(highest["commands"], most)


def below(pid: int) -> list[int]:
    """A process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            waiting += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except OSError:
            continue
    return found


def pss(pid: int, *, alone: bool = False) -> int:
    """Megabytes of a process and of all below it."""
    total = 0
    for one in [pid] if alone else below(pid):
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found[1]) if found else 0
    return total // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, sys.argv[2] if len(sys.argv) > 2 else "sqlite")
