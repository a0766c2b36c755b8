"""Large tables are read and written down, and files made, one at a time on a machine: each takes 100 MB for a while, and a core.

Whoever asks waits for the turn; of a worker's four threads at most two are in it or wait for it, so that a gate always has the others.
Who comes then is asked to try again in half a minute. Sending a file that is streamed is not counted, only making it.
"""

import fcntl
import os
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

from flask import Flask, g, request

from app.core.errors import TooMany
from app.web.exports import ENDINGS

AT_ONCE = 2  # of a process, those that wait among them
AGAIN = 30  # seconds
LARGE = 64 * 1024  # bytes of a table that is sent
READERS = frozenset({"imports", "registers", "bank"})  # features that read tables
MAKERS = frozenset({"rights.export", "imports.apply", "imports.reverse"})  # routes that take as much when something short is sent to them
_places = BoundedSemaphore(AT_ONCE)


def install(app: Flask) -> None:
    app.before_request(begin)
    app.teardown_request(end)


def is_large() -> bool:
    rule = request.url_rule.rule if request.url_rule else ""
    if request.endpoint in MAKERS:
        return True
    return rule.endswith(ENDINGS) if request.method == "GET" else request.blueprint in READERS and (request.content_length or 0) > LARGE


def begin() -> None:
    """Raises TooMany."""
    if not is_large():
        return
    if not _places.acquire(blocking=False):
        raise TooMany("这会儿有别的表和文件正在做，请过半分钟再点一次。", AGAIN)
    g.turn = None  # the place is taken, the turn is waited for
    file = os.open(Path(tempfile.gettempdir()) / f"shulin-turn-{os.getuid()}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    g.turn = file
    fcntl.flock(file, fcntl.LOCK_EX)


def end(_error: BaseException | None) -> None:
    if "turn" not in g:
        return
    file = g.pop("turn")
    _places.release()
    if file is not None:
        os.close(file)
