"""All property tests again and again, each time with other examples: `python -m tests.properties --minutes 60`.

A round is every property test (of all features, see tests/patience.py) with `--times` as many examples as in the ordinary suite, drawn
from one seed; a file is one run of pytest, so that what was reached when the time is over has been tried to its end. It goes on until then;
what failed is said with the command that finds it again.
"""

import argparse
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest

TESTS = Path(__file__).resolve().parents[1]
FINE = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


def files() -> list[str]:
    found = (one for one in TESTS.rglob("test_*.py") if "hypothesis" in one.read_text())
    return sorted(str(one.relative_to(TESTS.parent)) for one in found)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Night:
    """What is left of the time, and what came of each file."""

    def __init__(self, minutes: float, times: int) -> None:
        self.until, self.times = time.monotonic() + minutes * 60, times
        self.came: Counter[str] = Counter()
        self.lock = Lock()

    def work(self, todo: Iterator[tuple[int, str]]) -> None:
        """One file after the other, shared with the other workers, until there are none or the time is over."""
        while (left := self.until - time.monotonic()) > 0:
            with self.lock:
                seed, file = next(todo, (-1, ""))
            if not file:
                return
            came = self.file(seed, file, left)
            with self.lock:
                self.came[came] += 1

    def file(self, seed: int, file: str, left: float) -> str:
        """held, failed, or cut short by the time."""
        command = [
            ".venv/bin/python",
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.patience",
            f"--hypothesis-seed={seed}",
            "--no-header",
            "--tb=short",
            file,
        ]
        env = {**os.environ, "SHULIN_TIMES": str(self.times)}
        running = subprocess.Popen(
            [sys.executable, *command[1:]], env=env, cwd=TESTS.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            told, _ = running.communicate(timeout=left)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)  # pytest then ends what it began
            running.communicate()
            return "cut short"
        if running.returncode in FINE:
            return "held"
        say(f"{told}reproduce: SHULIN_TIMES={self.times} {shlex.join(command)}")
        return "failed"


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.properties", description=__doc__)
    asked.add_argument("--from", type=int, default=0, dest="seed")
    asked.add_argument("--minutes", type=float, default=60)
    asked.add_argument("--times", type=int, default=5)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=10**6)
    said = asked.parse_args()
    night, each = Night(said.minutes, said.times), files()
    todo = ((seed, file) for seed in range(said.seed, said.seed + said.rounds) for file in each)
    with ThreadPoolExecutor(said.workers) as pool:
        for one in [pool.submit(night.work, todo) for _ in range(said.workers)]:
            one.result()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent, held, failed = int(used.ru_utime + used.ru_stime) // 60, night.came["held"], night.came["failed"]
    say(
        f"{held + failed} files of {len(each)} a round, {said.times} times the examples, {spent} minutes of processor, "
        f"{night.came['cut short']} cut short, {failed} failed"
    )
    return 1 if failed or not held else 0


if __name__ == "__main__":
    sys.exit(main())
