"""How far the database has been migrated, and how far this code wants it.

Read from the table and the files themselves: the server asks too (/readyz), and what migrates would take 10 MB of it.
"""

import re
from functools import lru_cache
from typing import Final

from sqlalchemy import inspect, text

from app.core.config import ROOT
from app.core.db import db

MIGRATIONS: Final = ROOT / "migrations" / "versions"
TOLD: Final = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def current() -> str | None:
    """None where nothing has been migrated yet. Raises SQLAlchemyError when the database does not answer."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


@lru_cache(maxsize=1)
def newest() -> str:
    """What this program was written for: it stays so where files of a newer one are put in their place under a running server."""
    told = _told()
    (last,) = {one["revision"] for one in told} - {one.get("down_revision", "") for one in told}
    return last


def known() -> set[str]:
    return {one["revision"] for one in _told()}


def _told() -> list[dict[str, str]]:
    return [dict(TOLD.findall(file.read_text("utf-8"))) for file in MIGRATIONS.glob("[0-9]*.py")]
