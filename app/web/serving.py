"""The server as scripts/run.py starts it: `python -m app.web.serving HOST PORT`.

The application is built once, and the workers are forked from the process that built it: the program, its tables and routes are in memory
once instead of once a worker, as long as nobody writes on those pages. Nothing that two workers must not share is open by then: no
connection and no thread. The process that built it then turns into their keeper (`keeper`), which holds none of it. In the place of a
worker that died another is built: `python -m app.web.serving HOST PORT 1` serves with one.
"""

import gc
import multiprocessing
import os
import signal
import sys
from typing import Any

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from app.core.db import db
from app.people.naming import initials
from app.web import keeper, revisions
from app.web.factory import build, open_connections

WORKERS, THREADS = 2, 4
_built: list[Flask] = []


class Forking(MPServer):
    """Ends its own program once the workers run."""

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, keeper.SIGNALS)  # what comes meanwhile waits for the keeper
        if self.interrupt_signal:
            return
        given = [self.bind_addr, self.bind_port, int(self.workers < WORKERS), *(one.inner.pid for one in self.wrks)]
        os.execv(sys.executable, [sys.executable, "-IS", keeper.__file__, *map(str, given)])  # noqa: S606 (our own file)


def serve(host: str, port: int, workers: int = WORKERS) -> None:
    """Until it is told to stop."""
    if sys.platform == "linux":  # newer Pythons do not fork unless they are asked to
        multiprocessing.set_start_method("fork")
    _built.append(ready_to_fork())
    Forking(
        "app.web.serving",
        host,
        port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        workers_kill_timeout=int(keeper.KILL_AFTER),
        websockets=False,
        log_level=LogLevels.warning,
    ).serve(target_loader=in_worker, wrap_loader=False)


def ready_to_fork() -> Flask:
    """The application without an open connection; what stays for good is left alone by the garbage collector, which would write on it."""
    app = build(serving=True)
    revisions.newest()  # read now, while the files are those of this program
    initials("何")  # loads what knows how signs sound, which each worker needs sooner or later
    with app.app_context():
        db.engine.dispose()
    gc.collect()
    gc.freeze()
    return app


def in_worker() -> Flask:
    """What a worker serves. Where a system starts processes anew instead of forking them, it is built here."""
    if not _built:
        return build(serving=True)
    open_connections(_built[0])
    return _built[0]


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:]))
