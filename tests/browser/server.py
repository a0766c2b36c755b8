"""The site as people meet it: granian on a free port of this machine, with a database of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from app.core.config import ROOT, Env, Settings
from app.core.db import db
from app.people.rules import UnitKind
from tests import engines
from tests.factories import Factory

SECRET_KEY = "a secret that only tests know, long enough"
START_LIMIT = 60.0  # seconds


@dataclass(frozen=True)
class Server:
    """`app` is the same application in the test's own process: for making data, and for reading what became of it."""

    app: Flask
    address: str
    root: int  # 桂城街道党工委


@contextmanager
def serving(database_url: str, folder: Path, *, demo: bool = False, factory: str = "app:create_app") -> Iterator[Server]:
    address = f"http://127.0.0.1:{free_port()}"
    app = create_app(Settings(Env.DEVELOPMENT, database_url, SECRET_KEY, address, demo=demo, data_dir=folder))
    with app.app_context():
        root = Factory().unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        db.session.remove()
        db.engine.dispose()
    environment = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "SHULIN_ENV": Env.DEVELOPMENT.value,
        "SHULIN_DEMO": "1" if demo else "",
        "SHULIN_DATA": str(folder),
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "PUBLIC_URL": address,
    }
    port = address.rpartition(":")[2]
    options = ["--interface", "wsgi", "--factory", "--workers", "1", "--blocking-threads", "4", "--host", "127.0.0.1", "--port", port]
    log = folder / "server.log"
    with log.open("w") as said:
        command = [sys.executable, "-m", "granian", *options, factory]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(address, process, log)
        yield Server(app, address, root)
    finally:
        process.terminate()
        process.wait(20)
        with app.app_context():
            db.engine.dispose()
    assert "Traceback" not in log.read_text(), log.read_text()[-4000:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(address: str, process: "subprocess.Popen[Any]", log: Path) -> None:
    limit = time.monotonic() + START_LIMIT
    while time.monotonic() < limit:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


def copy_of(template: Path | None, server_url: str | None, folder: Path) -> str:
    """The URL of a fresh copy of the migrated template: a file, or a database of the throw-away PostgreSQL."""
    if server_url:
        return engines.postgres_copy(server_url, "shulin_template", f"browser_{os.getpid()}")
    assert template
    engines.sqlite_copy(template, folder / "browser.db")
    return f"sqlite:///{folder / 'browser.db'}"
