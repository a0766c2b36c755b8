"""The site with a clock that a test sets forward, as often as it likes: `passed` in the site's folder says by how many days."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from app import create_app as site
from app.core import clock

FILE = "passed"


def passed(folder: Path) -> timedelta:
    try:
        return timedelta(days=int((folder / FILE).read_text()))
    except FileNotFoundError:
        return timedelta()


def let_pass(folder: Path, days: int) -> None:
    """For every process whose clock reads there."""
    new = folder / f"{FILE}.new"
    new.write_text(str(passed(folder).days + days))
    new.replace(folder / FILE)


def now_in(folder: Path) -> datetime:
    return datetime.now(UTC) + passed(folder)


def create_app() -> Flask:
    """For granian, in the place of the site's own factory."""
    folder = Path(os.environ["SHULIN_DATA"])
    clock.now = lambda: now_in(folder)
    return site()
