"""The server as production starts it: built once, forked into workers that share what they do not write on."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from app.core.config import ROOT, Env
from tests.browser.server import SECRET_KEY, free_port, wait_until_ready


@pytest.fixture
def server(app, tmp_path):
    """A running one, on a port of its own; `.address` and the process that forks."""
    port, log = free_port(), tmp_path / "log"
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment |= {
        "SHULIN_ENV": Env.DEVELOPMENT.value,
        "SHULIN_DATA": str(tmp_path),
        "DATABASE_URL": app.config["SETTINGS"].database_url,
        "SECRET_KEY": SECRET_KEY,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "app.web.serving", "127.0.0.1", str(port)]
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    process.address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process.address, process, log)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def workers(process) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task")
    return sorted(int(child) for one in tasks.iterdir() for child in (one / "children").read_text().split())


def megabytes(pid: int, *kinds: str) -> int:
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(re.search(rf"^{kind}:\s+(\d+)", told, re.MULTILINE)[1]) for kind in kinds) // 1024


def answers(process) -> bool:
    with urllib.request.urlopen(f"{process.address}/readyz", timeout=10) as answer:
        return answer.status == 200


def test_two_workers_share_the_program(server):
    assert all(answers(server) for _ in range(20))
    both = workers(server)
    assert len(both) == 2
    for pid in both:
        assert megabytes(pid, "Shared_Clean", "Shared_Dirty") > 60, "what was built before the fork is in memory once"
        assert megabytes(pid, "Pss") < 100


def test_who_looks_after_them_holds_nothing_of_the_program(server):
    assert megabytes(server.pid, "Pss") < 20
    assert len(workers(server)) == 2


def test_told_to_stop_it_ends_with_all_below(server):
    below = workers(server)
    server.terminate()
    assert server.wait(20) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in below)


def test_a_worker_that_died_comes_again(server):
    first, second = workers(server)
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + 60
    while len(now := set(workers(server)) - {first}) < 2:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert second in now
    assert all(answers(server) for _ in range(20))


KEPT = """
import os, signal, sys, time
from app.web import keeper
child = os.fork()
if not child:
    time.sleep(float(sys.argv[1]))
    os._exit(0)
signal.pthread_sigmask(signal.SIG_BLOCK, keeper.SIGNALS)
os.execv(sys.executable, [sys.executable, "-IS", keeper.__file__, "127.0.0.1", "1", "1", str(child)])
"""


def test_the_keeper_of_one_ends_with_it_and_when_it_is_told_to(engine):
    assert subprocess.run([sys.executable, "-c", KEPT, "0.1"], cwd=ROOT, capture_output=True).returncode == 1
    told = subprocess.Popen([sys.executable, "-c", KEPT, "600"], cwd=ROOT)
    while not workers(told) or b"keeper.py" not in Path(f"/proc/{told.pid}/cmdline").read_bytes():
        time.sleep(0.05)
    [below] = workers(told)
    told.terminate()
    assert told.wait(20) == 0
    assert not Path(f"/proc/{below}").exists()


def test_no_connection_is_shared(server, engine):
    """Each belongs to the one worker that opened it; the process that forks has none."""
    assert all(answers(server) for _ in range(20))
    first, second = (opened(pid) - opened(server.pid) for pid in workers(server))
    if engine == "sqlite":
        assert not any(".db" in name for name in opened(server.pid))
        return
    assert not first & second
    assert min(len(first), len(second)) >= 4, "they stand before the first request"


def opened(pid: int) -> set[str]:
    """Connections, each by its own name, and files of the database. A port that is only held, and not listened on, is none."""
    names = {os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line.split() for kind in ("tcp", "tcp6", "unix") for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]]
    connected = {f"socket:[{number}]" for line in lines for number in line}
    return {name for name in names if name in connected or ".db" in name}


def test_a_server_holds_nothing_of_what_only_commands_need(app, tmp_path):
    said = (
        "import sys; from app.web.serving import ready_to_fork; app = ready_to_fork(); assert not app.cli.commands; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'alembic', 'flask_migrate', 'mako', 'pygments', 'weasyprint'}))"
    )
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment |= {"SHULIN_ENV": Env.DEVELOPMENT.value, "SHULIN_DATA": str(tmp_path), "DATABASE_URL": app.config["SETTINGS"].database_url}
    environment |= {"SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "http://127.0.0.1:5000"}
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
