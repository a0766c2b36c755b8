"""All property tests again and again, each time with other examples: `python -m tests.properties --minutes 60`.

A round is every property test (of all features, see tests/patience.py) with `--times` as many examples as in the ordinary suite, drawn
from one seed. It goes on until the time is over; what failed is said with the command that finds it again.
"""

import argparse
import os
import resource
import shlex
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def files() -> list[str]:
    found = (one for one in TESTS.rglob("test_*.py") if "hypothesis" in one.read_text())
    return sorted(str(one.relative_to(TESTS.parent)) for one in found)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def round_of(seed: int, times: int, workers: int, left: float) -> int | None:
    """What pytest ended with; None where the time was over before it did."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.patience", f"--hypothesis-seed={seed}", "--no-header", "--tb=short"]
    command += ["-n", str(workers), "--dist", "loadgroup"] if workers > 1 else []
    say(f"reproduce: SHULIN_TIMES={times} {shlex.join(['.venv/bin/python', *command[1:8]])} …  (round of seed {seed})")
    running = subprocess.Popen([*command, *files()], env={**os.environ, "SHULIN_TIMES": str(times)}, cwd=TESTS.parent)
    try:
        return running.wait(timeout=left)
    except subprocess.TimeoutExpired:
        running.terminate()  # ours: pytest ends its own workers
        running.wait()
        return None


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.properties", description=__doc__)
    asked.add_argument("--from", type=int, default=0, dest="seed")
    asked.add_argument("--minutes", type=float, default=60)
    asked.add_argument("--times", type=int, default=5)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=10**6)
    said = asked.parse_args()
    until, failed, done = time.monotonic() + said.minutes * 60, list[int](), 0
    for seed in range(said.seed, said.seed + said.rounds):
        left = until - time.monotonic()
        if left <= 0:
            break
        ended = round_of(seed, said.times, said.workers, left)
        if ended is None:
            say(f"round of seed {seed}: the time was over before its end")
            break
        done += 1
        if ended:
            failed.append(seed)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = int(used.ru_utime + used.ru_stime) // 60
    say(f"{done} rounds of {said.times} times the examples, {spent} minutes of processor, {len(failed)} failed {failed or ''}")
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
