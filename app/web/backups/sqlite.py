"""SQLite: copied by its own backup interface, which sees one moment and stops nobody."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from app.core.db import one_writer
from app.web.backups.archive import BackupError

MEMBER = "database.sqlite"


def snapshot(engine: Engine, target: Path) -> dict[str, int]:
    """Copies the database to `target` and returns the number of rows of every table."""
    with closing(sqlite3.connect(str(engine.url.database), timeout=30)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        return rows(copy)


def rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()
    return {name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for (name,) in tables}  # noqa: S608 (its own names)


def check(source: Path, expected: dict[str, int]) -> None:
    """Before anything is touched: the copy is sound and holds what the manifest says."""
    with closing(sqlite3.connect(source)) as copy:
        try:
            sound = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok" and not copy.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            raise BackupError("备份里的数据库不完整，没有恢复。")
        if rows(copy) != expected:
            raise BackupError("备份里的记录数与清单不一致，没有恢复。")


def restore(engine: Engine, source: Path) -> None:
    """All or nothing, in one transaction of the live database; a site that is running sees the new content from then on."""
    Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine.dispose()
    with (
        one_writer(engine),
        closing(sqlite3.connect(source)) as copy,
        closing(sqlite3.connect(str(engine.url.database), timeout=30)) as live,
    ):
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("PRAGMA synchronous=FULL")
        copy.backup(live)
        live.execute("PRAGMA journal_mode=WAL")
