"""The server as scripts/run.py starts it: `python -m app.web.serving HOST PORT`.

The application is built once, and the workers are forked from the process that built it: the program, its tables and routes are in memory
once instead of once a worker, as long as nobody writes on those pages. Nothing that two workers must not share is open by then: no
connection and no thread. A worker that died is forked from the same process, and so has the same program as its neighbour.
"""

import gc
import multiprocessing
import sys

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from app.core.db import db
from app.web.factory import build, open_connections

WORKERS, THREADS = 2, 4
KILL_AFTER = 10  # seconds for the requests that are under way when it is told to stop
_built: list[Flask] = []


def serve(host: str, port: int) -> None:
    """Until it is told to stop."""
    if sys.platform == "linux":  # newer Pythons do not fork unless they are asked to
        multiprocessing.set_start_method("fork")
    _built.append(ready_to_fork())
    Server(
        "app.web.serving",
        host,
        port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        workers_kill_timeout=KILL_AFTER,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve(target_loader=in_worker, wrap_loader=False)


def ready_to_fork() -> Flask:
    """The application without an open connection; what stays for good is left alone by the garbage collector, which would write on it."""
    app = build()
    with app.app_context():
        db.engine.dispose()
    gc.collect()
    gc.freeze()
    return app


def in_worker() -> Flask:
    """What a worker serves. Where a system starts processes anew instead of forking them, it is built here."""
    if not _built:
        return build()
    open_connections(_built[0])
    return _built[0]


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
