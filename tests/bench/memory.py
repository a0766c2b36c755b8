"""How much memory a site takes: the server as production starts it, its workers and all, in the heaviest hour that it may have.

The small demo (certificates, packs, projects, reports) and a whole subdistrict with so many entries of hours beside it. First a roster of
14,000 new people is previewed and written by itself. Then, at the same time: people read pages; administrators fetch PDFs and tables and
the whole of the hours; the same roster is sent again, of people who are all on record now; and a timer makes a backup, verifies the ledgers
and seals. PSS in megabytes (what is shared is counted once) of the server and all that it starts, the highest seen, ten times a second:
`started_mb`, `roster_mb` and `server_mb` are what docs/operations.md promises to keep below 512; `commands_mb` is the scheduled work beside
it, which ends again.

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
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
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
    """The highest while a roster comes in by itself; then of server and commands apart, and what was answered meanwhile."""
    with watched(pid) as roster:
        work.imports(port)
    commands, ended = {"commands": 0}, dict[str, str]()
    timer = threading.Thread(target=scheduled, args=(told, commands, ended))
    with watched(pid) as all_at_once:
        heavy = [threading.Thread(target=one, args=(port,)) for one in work.heavy()]
        readers = [threading.Thread(target=work.reader, args=(port, number)) for number in range(hour.READERS)]
        for thread in (*heavy, *readers, timer):
            thread.start()
        for thread in (*heavy, timer):
            thread.join()
        work.over.set()
        for thread in readers:
            thread.join()
    time.sleep(2)
    return {
        "roster_mb": roster.highest,
        "roster_each": roster.each,
        "server_mb": all_at_once.highest,
        "server_each": all_at_once.each,
        "afterwards_mb": pss(pid),
        "afterwards_each": each(pid),
        "commands_mb": commands["commands"],
        "commands": ended,
        "answers": work.answers,
        "slowest_s": dict(sorted(work.seconds.items(), key=lambda one: -one[1])[:8]),
    }


@dataclass
class Watch:
    """The highest so far, and what each process took of it then."""

    highest: int = 0
    each: list[str] = field(default_factory=list)


@contextmanager
def watched(pid: int) -> Iterator[Watch]:
    seen, over = Watch(), threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            if (now := pss(pid)) > seen.highest:
                seen.highest, seen.each = now, each(pid)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def each(pid: int) -> list[str]:
    """Megabytes and what it is, process by process; one that has just ended is left out."""
    found = []
    for one in below(pid):
        with suppress(OSError):
            told = Path(f"/proc/{one}/cmdline").read_text().split("\0")
            found.append(f"{pss(one, alone=True)} {' '.join(told[1:3])}")
    return found


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
    """A process and all below it, those among them that a thread of a worker started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for thread in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
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
