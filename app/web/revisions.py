"""How far the database has been migrated, and how far this code wants it."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core.config import ROOT
from app.core.db import db


def current() -> str | None:
    """None where nothing has been migrated yet. Raises SQLAlchemyError when the database does not answer."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def known() -> set[str]:
    return {script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()}
