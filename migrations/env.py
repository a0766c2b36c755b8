"""Runs the migrations on the application's own database, each upgrade in one transaction on both engines."""

from alembic import context

from app.core.db import db

OPTIONS = {"target_metadata": db.metadata, "render_as_batch": False, "compare_type": True}


def run() -> None:
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
