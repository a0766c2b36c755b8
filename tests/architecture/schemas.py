"""Freshly migrated databases and the committed descriptions of them. `make schema` writes docs/schema/ anew."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.core.config import ROOT, Env, Settings
from app.core.db import db
from app.web.commands.schema import describe
from tests import engines

COMMITTED = ROOT / "docs" / "schema"


@contextmanager
def unmigrated(url: str, folder: Path) -> Iterator[Flask]:
    """The application on an empty database of its own."""
    app = create_app(
        Settings(Env.TEST, url, "a secret that only tests know, long enough", "https://shulin.example", demo=False, data_dir=folder)
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def empty_url(engine: str, folder: Path, server_url: str | None) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder / 'empty.db'}"
    assert server_url
    return engines.postgres_copy(server_url, "template0", f"empty_{os.getpid()}")


def described() -> str:
    with db.engine.connect() as connection:
        return describe(connection)


def write(engine: str, server_url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder, unmigrated(empty_url(engine, Path(folder), server_url), Path(folder)):
        upgrade()
        COMMITTED.mkdir(parents=True, exist_ok=True)
        (COMMITTED / f"{engine}.sql").write_text(described(), encoding="utf-8")


if __name__ == "__main__":
    write("sqlite", None)
    with engines.postgres_server() as server:
        write("postgresql", server)
