"""`flask move`: from SQLite to PostgreSQL."""

import os
import sys
from dataclasses import replace

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from app.core.config import Settings
from app.core.db import db, is_sqlite
from app.people.models import Unit
from app.web import revisions
from app.web.backups import moving
from app.web.backups.archive import BackupError


@click.command("move")
def move() -> None:
    """把 SQLite 里的全部数据搬到环境变量 MOVE_TO 写的 PostgreSQL 空库；先停网站。原来的库不动。"""
    try:
        moved = to_postgresql(os.environ.get("MOVE_TO", ""))
    except BackupError as error:
        sys.exit(error.message)
    print(f"搬好了 {moved} 条记录。请把 DATABASE_URL 改成新的地址，执行 flask --app app ledger verify，再启动。")


COMMANDS: list[click.Command] = [move]


def to_postgresql(url: str) -> int:
    """`url` comes by the environment, since a command line can be read by everyone on the machine."""
    settings: Settings = current_app.config["SETTINGS"]
    if not is_sqlite() or not url.startswith(("postgres://", "postgresql")):
        raise BackupError("只能从 SQLite 搬到 PostgreSQL：DATABASE_URL 是原来的 SQLite，MOVE_TO 是新库的地址。")
    if revisions.current() != revisions.newest():
        raise BackupError("数据库还没升级，请先执行：flask --app app db upgrade")
    source = db.engine
    there = create_app(replace(settings, database_url="postgresql+psycopg://" + url.split("://", 1)[1]))
    with there.app_context():
        try:
            upgrade()
            if db.session.scalar(select(Unit.id).limit(1)) is not None:
                raise BackupError("新库里已经有内容，没有搬。请给一个空库。")
            db.session.remove()
            return moving.copy_all(source, db.engine, db.metadata)
        finally:
            db.session.remove()
            db.engine.dispose()
