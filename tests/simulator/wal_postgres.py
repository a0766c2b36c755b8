"""A power cut of PostgreSQL: its data directory as it lay at the last checkpoint, with the WAL up to a byte, started again.

What is promised. PostgreSQL answers a COMMIT once its record is synced into the WAL (synchronous_commit), and a page goes into its
file only after the records that changed it. So a cut can take the end of the WAL and nothing else. While nothing but the WAL is
written after a checkpoint (no background writer, no second checkpoint), a cut anywhere behind it is one that may happen.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy.engine import make_url

from tests import engines

SEGMENT = 16 * 1024 * 1024
ONLY_THE_WAL = {  # is written until the next checkpoint
    "bgwriter_lru_maxpages": "0",
    "checkpoint_timeout": "'1d'",
    "max_wal_size": "'8GB'",
    "autovacuum": "off",
    "bgwriter_delay": "'10s'",
}


class Power:
    """Of a durable server. `folder` holds the copies."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.home = Path(str(make_url(url).query["host"]))
        self.floor = 0
        with self._server() as connection:
            for name, value in ONLY_THE_WAL.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            connection.execute("SELECT pg_reload_conf()")

    def _server(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(engines.libpq(self.url), autocommit=True)

    def position(self) -> int:
        """The end of what is in the WAL by now."""
        with self._server() as connection:
            return _number(str(connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]))  # type: ignore[index]

    def begin(self) -> None:
        """All pages into their files; before this nothing is cut."""
        with self._server() as connection:
            connection.execute("CHECKPOINT")
        self.floor = self.position()

    def cuts(self, number: int, chance: Random, database: str) -> Iterator[tuple[int, str, str]]:
        """Each cut's place, how the tail is gone, and the address of the database in a server that was started on what is left."""
        whole, end = self.folder / "moment", self.position()
        shutil.rmtree(whole, ignore_errors=True)
        shutil.copytree(self.home / "data", whole)
        for _ in range(number):
            cut, how = chance.randint(self.floor, end), chance.choice(("zeros", "noise", "noise"))
            with _started(self._torn(whole, cut, how, chance), self.folder) as socket:
                yield cut, how, f"postgresql+psycopg://app@/{database}?host={socket}"

    def _torn(self, whole: Path, cut: int, how: str, chance: Random) -> Path:
        data = self.folder / "torn"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(whole, data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for segment in (data / "pg_wal").iterdir():
            begins = _begins(segment)
            if begins is None or begins + SEGMENT <= cut:
                continue
            if begins > cut:
                segment.unlink()
                continue
            with segment.open("r+b") as file:
                file.seek(cut - begins)
                left = SEGMENT - (cut - begins)
                file.write(bytes(left) if how == "zeros" else chance.randbytes(min(left, 1 << 16)) + bytes(max(0, left - (1 << 16))))
        return data


def _number(lsn: str) -> int:
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _begins(segment: Path) -> int | None:
    if len(segment.name) != 24 or not segment.is_file():
        return None
    return (int(segment.name[8:16], 16) * (1 << 32) // SEGMENT + int(segment.name[16:], 16)) * SEGMENT


@contextmanager
def _started(data: Path, folder: Path) -> Iterator[Path]:
    """A server on that directory. Yields the folder of its socket."""
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "postgres:postgres", str(data)], check=True)
        shutil.chown(folder, "postgres", "postgres")
    data.chmod(0o700)
    _control(data, "-l", f"{folder}/log", "-o", f"-c listen_addresses='' -k {folder} -c fsync=off", "start")
    try:
        yield folder
    finally:
        _control(data, "-m", "immediate", "stop")


def _control(data: Path, *said: str) -> None:
    engines._as_postgres([f"{engines.postgres_programs()}/pg_ctl", "-D", str(data), "-w", *said])
