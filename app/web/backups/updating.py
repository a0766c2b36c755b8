"""From the schema that a database has to the one that this program wants: backed up, migrated, counted and verified, or put back."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from flask_migrate import upgrade
from sqlalchemy import inspect, text

from app.audit import service as audit
from app.core import clock
from app.core.db import db, in_transaction, is_sqlite
from app.web import revisions
from app.web.backups import archive, making
from app.web.backups.archive import BackupError
from app.web.jobs import locks

SERVING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
DERIVED = re.compile(r"alembic_version|\w+_total|total_mark\w*").fullmatch  # totals may be kept another way: verifying speaks of them


@dataclass(frozen=True)
class Update:
    """`backup`: the way back; None where there was nothing to keep. `fewer`: tables that lost rows, with how many they had and have."""

    before: str | None
    after: str
    backup: Path | None
    fewer: dict[str, tuple[int, int]]


class NotMigrated(BackupError):
    """A migration failed; the database is as it was before."""


def refuse_strangers() -> None:
    """Raises BackupError where this program is older than the database."""
    current = revisions.current()
    if current is not None and current not in revisions.known():
        raise BackupError(f"数据库（{current}）比程序新。请用更新的程序，或恢复升级以前的备份。")


def running() -> str | None:
    """What still uses the database, in words; None where nothing can be seen. Another machine's container is not always seen."""
    if not is_sqlite():
        db.session.remove()
        db.engine.dispose()  # our own others
        for wait in (0.2, 0.5, 1.0, 0.0):  # the server sees the end of a connection a moment later
            others = int(db.session.scalar(text(SERVING)) or 0)
            if not others:
                return None
            sleep(wait)
        return f"还有 {others} 个连接在用这个数据库"
    file = os.path.realpath(str(db.engine.url.database))
    for folder in Path("/proc").glob("[0-9]*/fd"):
        if folder.parent.name != str(os.getpid()):
            with suppress(OSError):
                if any(os.path.realpath(one) == file for one in folder.iterdir()):
                    return f"进程 {folder.parent.name} 还开着数据库"
    return None


def update(folder: Path) -> Update:
    """Raises BackupError, with the database as it was, unless all migrations went through."""
    refuse_strangers()
    before, newest = revisions.current(), revisions.newest()
    with locks.held(db.engine, "update") as free:
        if not free:
            raise BackupError("另一台机器正在升级，这次没有做。")
        if before is None:
            upgrade()
            return Update(None, newest, None, {})
        return _migrate(folder, before, newest)


def _migrate(folder: Path, before: str, newest: str) -> Update:
    file = folder / f"before-update-{before}-{clock.local(clock.now()):%Y%m%d-%H%M%S}.tar.gz"
    manifest = making.make(file)
    archive.read_through(file)
    db.session.remove()
    try:
        upgrade()
    except Exception as error:
        db.session.remove()
        _put_back(file, before)
        raise NotMigrated(f"升级没有成功（{type(error).__name__}），数据库还是升级以前的样子。升级前的备份在 {file}。") from error
    db.session.remove()
    fewer = {
        name: (had, has) for name, had in manifest.rows.items() if not DERIVED(name) and (has := _rows(name)) is not None and has < had
    }
    in_transaction(lambda: audit.record(None, "backup.update", "backup", None, before=before, after=newest))
    return Update(before, newest, file, fewer)


def _put_back(file: Path, before: str) -> None:
    """Migrations run in one transaction, so there is nothing to do where that held; where it did not, what was backed up comes back."""
    if revisions.current() == before and is_as_it_was(file):
        return
    db.session.remove()
    engine = making.engine_module()
    with making.working(making.settings().data_dir) as working:
        archive.unpack(file, working)
        engine.restore(db.engine, working / engine.MEMBER)


def is_as_it_was(file: Path) -> bool:
    """Every table that was there has as many rows as were backed up, and no table came or went."""
    rows = archive.described(file).rows
    with db.engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
    return there == set(rows) and all(_rows(name) == number for name, number in rows.items())


def _rows(table: str) -> int | None:
    """None for a table that is no more."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table(table):
            return None
        return int(connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0)  # noqa: S608 (its own names)
