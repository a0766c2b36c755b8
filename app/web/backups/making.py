"""Making a backup and bringing one back, for whichever database the current application has."""

import os
import shutil
import sqlite3 as driver
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from types import ModuleType

from flask import current_app
from sqlalchemy import inspect, select

from app.audit import service as audit
from app.core import clock
from app.core.config import Settings
from app.core.db import db, in_transaction, is_sqlite
from app.people.models import Person, Unit
from app.web import revisions, troubles
from app.web.backups import archive, postgresql, sqlite
from app.web.backups.archive import BackupError

WORKING = "shulin-working-"  # folders that hold a copy of everything while a command runs
LEFT_BEHIND = 24 * 60 * 60  # seconds: nothing takes a day
UNFINISHED = "restore-unfinished"  # beside the database while one is replaced: a restoration that was killed leaves it


def make(file: Path) -> archive.Manifest:
    """The whole site at one moment, into `file`, which must not be there yet."""
    if file.exists():
        raise BackupError(f"{file} 已经有了，没有覆盖。请换一个文件名。")
    revision = revisions.current()
    if revision is None:
        raise BackupError("还没有数据库，没有可以备份的内容。")
    if not file.parent.is_dir():
        raise BackupError(f"没有 {file.parent} 这个文件夹。")
    archive.sweep(file.parent, time.time() - LEFT_BEHIND)
    try:
        return _made(file, revision)
    except (OSError, driver.Error) as error:
        if trouble := troubles.of(error):
            raise BackupError(f"{troubles.SAID[trouble]}备份没有做成，以前的备份都还在。") from error
        raise


def _made(file: Path, revision: str) -> archive.Manifest:
    engine = engine_module()
    with working(settings().data_dir) as folder:
        database = folder / engine.MEMBER
        rows = engine.snapshot(db.engine, database)
        members = {engine.MEMBER: database, **dict(archive.uploaded(settings().uploads_dir))}
        sums = {name: archive.sha256(path) for name, path in members.items()}
        made_at = clock.local(clock.now()).isoformat(timespec="seconds")
        manifest = archive.Manifest(archive.FORMAT, db.engine.dialect.name, revision, made_at, rows, sums)
        archive.pack(file, members, manifest, folder)
    return manifest


def bring_back(file: Path, *, force: bool, kept_in: Callable[[Path], object] = lambda _path: None) -> archive.Manifest:
    """All or nothing; killed in between, done again. What was there is backed up first; `kept_in` is told where."""
    engine = engine_module()
    if not force and not is_empty():
        raise BackupError(f"{_half_said()}数据库里已经有内容，没有恢复。确定要覆盖请加 --force（会先自动备份一份）。")
    with working(settings().data_dir) as folder:
        manifest = opened(file, folder)
        engine.check(folder / engine.MEMBER, manifest.rows)
        if revisions.current() and not is_empty():
            kept = kept_aside(settings().data_dir / "database", ".tar.gz")
            make(kept)
            kept_in(kept)
        db.session.remove()
        with _marked(file):
            engine.restore(db.engine, folder / engine.MEMBER)
            _replace_uploads(folder)
    if manifest.revision == revisions.newest():
        in_transaction(lambda: audit.record(None, "backup.restoration", "backup", None, made_at=manifest.made_at))
    return manifest


def _replace_uploads(folder: Path) -> None:
    """By those of the unpacked archive. Uploads that a restoration put aside before it was killed are not missed here."""
    uploads, staged = settings().uploads_dir, folder / archive.UPLOADS
    staged.mkdir(exist_ok=True)
    if uploads.exists():
        uploads.rename(kept_aside(uploads) if any(archive.uploaded(uploads)) else folder / "nothing")
    shutil.move(staged, uploads)


@contextmanager
def _marked(file: Path) -> Iterator[None]:
    """While the database and the uploads may be of two moments a file says so; an error in between leaves it too."""
    mark = settings().data_dir / UNFINISHED
    with mark.open("w", encoding="utf-8") as written:
        written.write(f"{clock.local(clock.now()):%Y-%m-%d %H:%M} {file.name}\n")
        written.flush()
        os.fsync(written.fileno())
    yield
    mark.unlink(missing_ok=True)


def unfinished() -> str | None:
    """Since when and of which backup a restoration is half done; ended by bringing one back."""
    mark = settings().data_dir / UNFINISHED
    return mark.read_text(encoding="utf-8").strip() if mark.exists() else None


def _half_said() -> str:
    return f"上一次恢复（{half}）做到一半停了。" if (half := unfinished()) else ""


def opened(file: Path, folder: Path) -> archive.Manifest:
    """The archive in `folder`, whole, and one that this program and this database can take."""
    manifest = archive.unpack(file, folder)
    if manifest.engine != db.engine.dialect.name:
        raise BackupError(f"这份备份是 {manifest.engine} 的，现在的数据库是 {db.engine.dialect.name}，没有恢复。")
    if manifest.revision not in revisions.known():
        raise BackupError("这份备份来自更新的版本，请先升级程序。")
    return manifest


@contextmanager
def working(parent: Path) -> Iterator[Path]:
    """A folder for a copy of everything, gone afterwards; one that a killed command left there goes first."""
    for left in parent.glob(f"{WORKING}*"):
        if time.time() - left.stat().st_mtime > LEFT_BEHIND:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=WORKING) as folder:
        os.chmod(folder, 0o700)
        yield Path(folder)


def kept_aside(path: Path, ending: str = "") -> Path:
    """Where what a restoration replaces stays until somebody throws it away."""
    named = f"{path.name}-before-restore-{clock.local(clock.now()):%Y%m%d-%H%M%S}"
    tries = (path.with_name(f"{named}{number}{ending}") for number in chain([""], (f"-{n}" for n in count(2))))
    return next(one for one in tries if not one.exists())


def engine_module() -> ModuleType:
    return sqlite if is_sqlite() else postgresql


def settings() -> Settings:
    given: Settings = current_app.config["SETTINGS"]
    return given


def is_empty() -> bool:
    """Nobody and no unit is recorded: what the migrations themselves put in does not count."""
    tables = set(inspect(db.engine).get_table_names())
    if "person" not in tables:
        return True
    return all(db.session.scalar(select(model.id).limit(1)) is None for model in (Person, Unit))
