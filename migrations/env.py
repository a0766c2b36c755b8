"""Runs the migrations on the application's own database, each upgrade in one transaction on both engines."""

import sys

from alembic import context
from alembic.migration import MigrationContext
from flask import current_app

from app.core.config import Env
from app.core.db import db

OPTIONS = {"target_metadata": db.metadata, "render_as_batch": False, "compare_type": True}


def refuse_to_go_back() -> None:
    """Downgrades are for those who write migrations: they drop tables with what is in them. A site goes back by its backup."""
    if current_app.config["SETTINGS"].env is not Env.PRODUCTION:
        return
    with db.engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_revision() or ""
    wanted = context.get_revision_argument()
    if there and (wanted or "") < there:
        sys.exit(
            "没有动数据库：db downgrade 会删掉新版本的表和里面的内容。"
            "退回请用升级前的备份：flask --app app restore before-update-….tar.gz --force"
        )


def run() -> None:
    refuse_to_go_back()
    engine = db.engine
    options = {"writes": True} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(connection=given, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
        return
    with engine.connect().execution_options(**options) as connection:
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()


run()
