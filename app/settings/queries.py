"""Reading settings."""

from typing import Any

from sqlalchemy import select

from app.core import workdays
from app.core.db import db
from app.core.workdays import Holidays
from app.settings.models import Setting

READ = "settings that this session has read"


def _all() -> dict[str, dict[str, Any]]:
    """A request that reads any setting reads all of them, once: they are few."""
    known: dict[str, dict[str, Any]] | None = db.session.info.get(READ)
    if known is None:
        rows = db.session.execute(select(Setting.key, Setting.value).order_by(Setting.key))
        known = db.session.info[READ] = {row.key: row.value for row in rows}
    return known


def fingerprint() -> str:
    """Another one whenever a setting is another."""
    return str(_all())


def value(key: str, default: dict[str, Any]) -> dict[str, Any]:
    """The setting, its missing parts taken from `default`."""
    return {**default, **_all().get(key, {})}


HOLIDAYS = "holidays"  # {"off": ["2026-10-01", …], "worked": ["2026-10-10", …]}


def holidays() -> Holidays:
    """Public holidays and the weekends worked instead, as administrators keep them; before that, those known when this was written."""
    return Holidays.read(value(HOLIDAYS, workdays.KNOWN.stored()))
