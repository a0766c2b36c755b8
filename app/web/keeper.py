"""What the process that forked the workers turns into: it looks after them, and holds nothing itself.

`python -IS keeper.py HOST PORT ALONE PID…`, put by `serving` in the place of its own program, whose children the workers are and stay.
What both workers have written on of the program that was built once would else be in memory a third time, for nobody.
Imports nothing of the application.
"""

import os
import signal
import sys
import time
from contextlib import suppress

SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD})
KILL_AFTER = 10.0  # seconds for the requests that are under way when it is told to stop
SOON = 30.0  # seconds: what is made anew and ends so early would end again


def keep(host: str, port: str, workers: set[int], *, alone: bool) -> int:
    """Until it is told to stop (0), or a worker ended that is not made again (1): that of a keeper `alone`, or one just made again.

    In the place of any other that died a process builds the application anew and turns into its keeper alone.
    """
    begun = dict.fromkeys(workers, -SOON)
    while True:
        for pid in _ended(begun):
            since = begun.pop(pid)
            if alone or time.monotonic() - since < SOON:
                sys.stderr.write(f"worker {pid} ended\n")
                return _stop(set(begun), 1)
            command = [sys.executable, "-m", "app.web.serving", host, port, "1"]
            begun[os.posix_spawn(sys.executable, command, os.environ, setsigmask=())] = time.monotonic()
        if signal.sigwait(SIGNALS) is not signal.SIGCHLD:
            return _stop(set(begun), 0)


def _ended(pids: "dict[int, float] | set[int]") -> list[int]:
    return [pid for pid in pids if os.waitpid(pid, os.WNOHANG)[0]]


def _stop(left: set[int], code: int) -> int:
    """What is under way is finished, unless it takes too long."""
    _tell(left, signal.SIGTERM)
    until = time.monotonic() + KILL_AFTER
    while left and time.monotonic() < until:
        left -= set(_ended(left))
        time.sleep(0.02)
    _tell(left, signal.SIGKILL)
    return code


def _tell(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    sys.exit(keep(sys.argv[1], sys.argv[2], set(map(int, sys.argv[4:])), alone=sys.argv[3] == "1"))
