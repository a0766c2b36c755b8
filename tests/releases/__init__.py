"""Dumps of databases as earlier versions made them, and how one is added: see README.md."""

import lzma
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.web.backups.postgresql import program
from tests import engines

FOLDER = Path(__file__).parent
ENDING = ".sql.xz"
SECRET = "a secret of the demo, long enough"
KEYS = ("5e" * 32,)  # SHULIN_KEYS of the sites whose databases these are: what is personal in their audit opens with it


@dataclass(frozen=True)
class Dump:
    """`0.1.0-0014.sqlite.sql.xz`: the version, the number of its last migration, the engine."""

    version: str
    revision: str
    engine: str

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.version}-{self.revision}.{self.engine}{ENDING}"

    def text(self) -> str:
        return lzma.decompress(self.file.read_bytes()).decode("utf-8")

    def write(self, sql: str) -> None:
        self.file.write_bytes(lzma.compress(sql.encode("utf-8"), preset=9))


def kept() -> Iterator[Dump]:
    """All that there are, the oldest first."""
    for file in sorted(FOLDER.glob(f"*{ENDING}"), key=lambda one: one.name.split("-")[1]):
        version, _, rest = file.name.removesuffix(ENDING).rpartition("-")
        revision, _, engine = rest.partition(".")
        yield Dump(version, revision, engine)


def dumped(url: str) -> str:
    """A whole database as SQL, its schema and triggers among it."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as opened:
            return "\n".join(opened.iterdump()) + "\n"
    command = [program("pg_dump"), "--no-owner", "--no-privileges", "--no-comments", "--dbname", engines.libpq(url)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return "".join(line for line in done.stdout.splitlines(keepends=True) if not line.startswith(("--", "\\restrict", "\\unrestrict")))


def loaded(dump: Dump, url: str) -> None:
    """Into an empty database."""
    if dump.engine == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as opened:
            opened.executescript(dump.text())
            opened.execute("PRAGMA journal_mode=WAL")
        return
    command = [program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    subprocess.run([*command, "--dbname", engines.libpq(url)], input=dump.text(), capture_output=True, text=True, check=True)
