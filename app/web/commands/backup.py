"""`flask backup FILE` and `flask restore FILE`: everything that can not be had again, in one file."""

import shutil
import sys
import tempfile
from itertools import chain, count
from pathlib import Path
from types import ModuleType

import click
from flask import current_app
from sqlalchemy import inspect, select

from app.audit import service as audit
from app.core import clock
from app.core.config import Settings
from app.core.db import db, in_transaction, is_sqlite
from app.people.models import Person, Unit
from app.web import revisions
from app.web.backups import archive, postgresql, sqlite
from app.web.backups.archive import BackupError


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """把数据库和上传的文件备份到 FILE（.tar.gz）。网站不用停。"""
    try:
        manifest = make(file)
    except BackupError as error:
        sys.exit(error.message)
    print(f"已备份到 {file}：{sum(manifest.rows.values())} 条记录，{len(manifest.sha256) - 1} 个上传文件。")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="数据库里已有内容也照样覆盖（先自动备份一份）")
def restore(file: Path, force: bool) -> None:
    """从 FILE 恢复数据库和上传的文件：要么全部恢复，要么一点不动。"""
    try:
        manifest = bring_back(file, force=force)
    except BackupError as error:
        sys.exit(error.message)
    print(f"已恢复 {manifest.made_at} 的备份：{sum(manifest.rows.values())} 条记录。")
    if manifest.revision != revisions.newest():
        print("备份来自旧版本，请接着执行：flask --app app db upgrade")


COMMANDS: list[click.Command] = [backup, restore]


def make(file: Path) -> archive.Manifest:
    if file.exists():
        raise BackupError(f"{file} 已经有了，没有覆盖。请换一个文件名。")
    revision = revisions.current()
    if revision is None:
        raise BackupError("还没有数据库，没有可以备份的内容。")
    if not file.parent.is_dir():
        raise BackupError(f"没有 {file.parent} 这个文件夹。")
    engine = engine_module()
    with tempfile.TemporaryDirectory(dir=settings().data_dir) as folder:
        database = Path(folder) / engine.MEMBER
        rows = engine.snapshot(db.engine, database)
        members = {engine.MEMBER: database, **dict(archive.uploaded(settings().uploads_dir))}
        sums = {name: archive.sha256(path) for name, path in members.items()}
        made_at = clock.local(clock.now()).isoformat(timespec="seconds")
        manifest = archive.Manifest(archive.FORMAT, db.engine.dialect.name, revision, made_at, rows, sums)
        archive.pack(file, members, manifest, Path(folder))
    return manifest


def bring_back(file: Path, *, force: bool) -> archive.Manifest:
    engine, uploads = engine_module(), settings().uploads_dir
    if not force and not is_empty():
        raise BackupError("数据库里已经有内容，没有恢复。确定要覆盖请加 --force（会先自动备份一份）。")
    with tempfile.TemporaryDirectory(dir=settings().data_dir) as folder:
        manifest = archive.unpack(file, Path(folder))
        if manifest.engine != db.engine.dialect.name:
            raise BackupError(f"这份备份是 {manifest.engine} 的，现在的数据库是 {db.engine.dialect.name}，没有恢复。")
        if manifest.revision not in revisions.known():
            raise BackupError("这份备份来自更新的版本，请先升级程序。")
        engine.check(Path(folder) / engine.MEMBER, manifest.rows)
        if revisions.current() and not is_empty():
            kept = kept_aside(settings().data_dir / "database", ".tar.gz")
            make(kept)
            print(f"原来的数据先备份到了 {kept}")
        db.session.remove()
        engine.restore(db.engine, Path(folder) / engine.MEMBER)
        staged = Path(folder) / archive.UPLOADS
        staged.mkdir(exist_ok=True)
        if uploads.exists():
            uploads.rename(kept_aside(uploads) if any(archive.uploaded(uploads)) else Path(folder) / "nothing")
        shutil.move(staged, uploads)
    if manifest.revision == revisions.newest():
        in_transaction(lambda: audit.record(None, "backup.restoration", "backup", None, made_at=manifest.made_at))
    return manifest


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
