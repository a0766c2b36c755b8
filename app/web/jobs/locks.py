"""One at a time over all processes and machines of a site, let go at once by the system when whoever holds it dies.

PostgreSQL: an advisory lock on a connection of its own. SQLite has one machine: a locked file beside the database.
"""

import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

OURS = 0x53484C4E  # the first half of the key of our advisory locks
NOTICED = (  # a machine that is cut off is given up after a minute and a half, instead of the two hours of the system
    "SET tcp_keepalives_idle = 45",
    "SET tcp_keepalives_interval = 15",
    "SET tcp_keepalives_count = 3",
    "SET idle_session_timeout = 0",
)


@contextmanager
def held(engine: Engine, name: str) -> Iterator[bool]:
    """True inside the block where the lock was free; False, at once, where somebody has it."""
    if engine.dialect.name == "sqlite":
        with _file(Path(str(engine.url.database)), name) as got:
            yield got
        return
    key = {"ours": OURS, "name": zlib.crc32(name.encode()) - 2**31}
    with engine.connect() as connection:
        if int(str(connection.dialect.server_version_info[0])) >= 14:  # type: ignore[index]
            for setting in NOTICED:
                connection.execute(text(setting))
        got = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:ours, :name)"), key))
        try:
            yield got
        finally:
            connection.invalidate()  # it ends with its lock and its settings, and does not go back to the pool


@contextmanager
def _file(database: Path, name: str) -> Iterator[bool]:
    folder = database.with_name(f"{database.name}-locks")
    folder.mkdir(exist_ok=True)
    opened = os.open(folder / f"{name}.lock", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(opened)
