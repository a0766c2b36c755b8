"""Reading settings."""

from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.settings.models import Setting


def value(key: str, default: dict[str, Any]) -> dict[str, Any]:
    """The setting, its missing parts taken from `default`."""
    found = db.session.scalar(select(Setting.value).where(Setting.key == key))
    return {**default, **(found or {})}
