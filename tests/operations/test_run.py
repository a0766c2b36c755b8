"""`make run`, as somebody who tries the site meets it: scripts/run.py as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from app.core.config import ROOT
from scripts import run

sqlite_only = True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path):
    """`start(HOST=…)` is a running `make run` with data of its own; whatever still runs at the end is stopped."""
    running: list[subprocess.Popen[str]] = []

    def started(port: int, **environment: str) -> "subprocess.Popen[str]":
        clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        clean |= {"PORT": str(port), "SHULIN_DATA": str(tmp_path), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore", **environment}
        command = [sys.executable, "scripts/run.py", "--demo"]
        process = subprocess.Popen(command, cwd=ROOT, env=clean, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()


def until_ready(process: "subprocess.Popen[str]") -> str:
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            return said
    pytest.fail(f"it ended without being ready:\n{said}")


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_it_sets_up_serves_says_who_may_sign_in_and_stops_cleanly(start, tmp_path):
    port = free_port()
    first = start(port)
    said = until_ready(first)
    assert f"Ready  http://127.0.0.1:{port}" in said
    assert all(f"1380000000{number}" in said for number in range(1, 8))
    assert answers(port)
    busy = start(port)
    assert (busy.wait(timeout=30), "已经有程序占着" in busy.stdout.read()) == (1, True)
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=30) == 0
    assert not answers(port), "no worker is left behind"
    again = start(port)
    assert "第一次启动" not in until_ready(again), "the data was kept"
    again.terminate()
    assert again.wait(timeout=30) == 0


@pytest.mark.parametrize("given", ["0", "70000", "five", "-1"])
def test_a_port_that_is_none_is_refused_in_words(given):
    with pytest.raises(run.StartError, match="PORT"):
        run.port_number(given)


def test_an_address_for_phones_is_drawn_as_a_code():
    drawn = run.terminal_qr("http://192.0.2.7:5000")
    assert len(drawn.splitlines()) > 12
    assert set(drawn) <= set(" █▀▄\n\xa0")
