"""A backup is one when it has been brought back: into a database of its own, beside the real one, which is thrown away again."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.core.db import db
from app.web import revisions
from app.web.backups import archive, making
from app.web.backups.archive import BackupError
from app.web.jobs import locks

LEFT = "_rehearsal_"


@dataclass(frozen=True)
class Rehearsal:
    """`faults`: what `ledger verify` found in what came back, by name of the check."""

    manifest: archive.Manifest
    seconds: float
    faults: dict[str, list[str]]

    @property
    def rows(self) -> int:
        return sum(self.manifest.rows.values())


def rehearse(file: Path) -> Rehearsal:
    """Brought back, migrated where it is older, its totals derived anew and compared, then thrown away. One at a time.

    Raises BackupError where it can not be brought back at all. Nothing of the site itself is touched.
    """
    from app.web.commands.ledger import CHECKS

    with locks.held(db.engine, "rehearsal") as free:
        if not free:
            raise BackupError("另一次恢复演练还没结束，这次没有做。")
        begun, settings = monotonic(), making.settings()
        with making.working(settings.data_dir) as folder, _database(db.engine, folder) as url:
            manifest = making.opened(file, folder / "backup")
            engine = making.engine_module()
            engine.check(folder / "backup" / engine.MEMBER, manifest.rows)
            apart = folder / "site"
            apart.mkdir()
            there = create_app(replace(settings, database_url=url, data_dir=apart, backups_dir=None))
            with there.app_context():
                try:
                    engine.restore(db.engine, folder / "backup" / engine.MEMBER)
                    if (uploads := folder / "backup" / archive.UPLOADS).exists():
                        shutil.move(uploads, apart / archive.UPLOADS)
                    if manifest.revision != revisions.newest():
                        upgrade()
                    faults = {name: found for name, check in CHECKS if (found := list(check()))}
                finally:
                    db.session.remove()
                    db.engine.dispose()
        return Rehearsal(manifest, monotonic() - begun, faults)


@contextmanager
def _database(engine: Engine, folder: Path) -> Iterator[str]:
    """An empty database beside the real one; on PostgreSQL of the same server, whose role must be allowed to make one."""
    if engine.dialect.name == "sqlite":
        yield f"sqlite:///{folder / 'rehearsal.db'}"
        return
    name = f"{engine.url.database}"[:40] + f"{LEFT}{os.getpid()}"
    server = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            for left in connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :ours"), {"ours": _like(engine)}).all():
                connection.execute(text(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)'))  # of one that was killed: we hold the lock
            try:
                connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
            except DBAPIError as error:
                raise BackupError(
                    f"不能建演练用的数据库。请由数据库管理员执行一次：ALTER ROLE {engine.url.username or '…'} CREATEDB"
                ) from error
            try:
                yield engine.url.set(database=name).render_as_string(hide_password=False)
            finally:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        server.dispose()


def _like(engine: Engine) -> str:
    database = f"{engine.url.database}"[:40]
    return database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%") + LEFT.replace("_", "\\_") + "%"
