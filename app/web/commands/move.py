"""`flask move`: from SQLite to PostgreSQL."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import Engine, select

from app import create_app
from app.core.config import Settings
from app.core.db import db, is_sqlite
from app.people.models import Person, Unit
from app.web import revisions
from app.web.backups import moving
from app.web.backups.archive import BackupError


@click.command("move")
@click.option("--check", is_flag=True, help="只核对：两边逐行比一遍，什么也不写")
def move(check: bool) -> None:
    """把 SQLite 里的全部数据搬到环境变量 MOVE_TO 写的 PostgreSQL 空库；先停网站。原来的库不动，中途断了重新执行即可。"""
    try:
        if check:
            rows, found = compared(os.environ.get("MOVE_TO", ""))
            if found:
                raise BackupError("两边不一样：\n" + "\n".join(found))
            print(f"两边一样：{rows} 条记录逐行核对过。")
            return
        moved = to_postgresql(os.environ.get("MOVE_TO", ""))
    except BackupError as error:
        sys.exit(error.message)
    print(f"搬好了 {moved} 条记录，逐行核对一致。请把 DATABASE_URL 改成新的地址，执行 flask --app app ledger verify，再启动。")


COMMANDS: list[click.Command] = [move]


def to_postgresql(url: str) -> int:
    """`url` comes by the environment, since a command line can be read by everyone on the machine."""
    with _both(url) as (source, target):
        upgrade()
        if any(db.session.scalar(select(one.id).limit(1)) is not None for one in (Unit, Person)):
            raise BackupError("新库里已经有内容，没有搬。请给一个空库。")
        db.session.remove()
        return moving.copy_all(source, target, db.metadata, lambda line: print(line, flush=True))


def compared(url: str) -> tuple[int, list[str]]:
    """How many rows this database has, and what differs in the other, in words."""
    with _both(url) as (source, target):
        if revisions.current() != revisions.newest():
            return 0, ["新库的版本和程序不一样，可能没有搬过"]
        return moving.compare_all(source, target, db.metadata)


@contextmanager
def _both(url: str) -> Iterator[tuple[Engine, Engine]]:
    """This site's SQLite and the PostgreSQL at `url`; inside, the application is that of the new one."""
    settings: Settings = current_app.config["SETTINGS"]
    if not is_sqlite() or not url.startswith(("postgres://", "postgresql")):
        raise BackupError("只能从 SQLite 搬到 PostgreSQL：DATABASE_URL 是原来的 SQLite，MOVE_TO 是新库的地址。")
    if revisions.current() != revisions.newest():
        raise BackupError("数据库还没升级，请先执行：flask --app app update")
    source = db.engine
    there = create_app(replace(settings, database_url="postgresql+psycopg://" + url.split("://", 1)[1]))
    with there.app_context():
        try:
            yield source, db.engine
        finally:
            db.session.remove()
            db.engine.dispose()
