"""Databases for tests: built once by the real migrations, then copied for every test.

SQLite is copied as a file; PostgreSQL by CREATE DATABASE … TEMPLATE. Each test therefore commits for real, on its own data;
see docs/decisions/0004. Set TEST_DATABASE_URL to use a PostgreSQL server that is already there.
"""

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url


def postgres_programs() -> str | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return found[-1] if found else None


def _as_postgres(command: list[str]) -> None:
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[str]:
    """A throw-away cluster's URL; also when the tests run as root. Starts in about a second. `durable` survives a power cut."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    programs = postgres_programs()
    assert programs, "no PostgreSQL server on this machine"
    home = tempfile.mkdtemp(prefix="pg", dir="/tmp")  # short: a unix socket's path holds 107 bytes
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    _as_postgres([f"{programs}/initdb", "-D", f"{home}/data", "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    options = f"-c listen_addresses='' -k {home} -c max_connections=200"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    _as_postgres([f"{programs}/pg_ctl", "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://app@/postgres?host={home}"
    finally:
        _as_postgres([f"{programs}/pg_ctl", "-D", f"{home}/data", "-m", "immediate", "stop"])
        shutil.rmtree(home, ignore_errors=True)


def sqlite_copy(template: Path, target: Path) -> None:
    for tail in ("", "-wal", "-shm", ".lock"):
        Path(f"{target}{tail}").unlink(missing_ok=True)
    shutil.copyfile(template, target)


def unsynchronised(connection: Any, _record: object) -> None:
    """On connecting to a throw-away file, which outlives neither its test nor a power cut."""
    connection.execute("PRAGMA synchronous = OFF")


def postgres_copy(server_url: str, template: str, target: str) -> str:
    """A fresh copy of `template`; returns its URL."""
    url = make_url(server_url)
    with psycopg.connect(libpq(server_url), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{template}"')
    return url.set(database=target).render_as_string(hide_password=False)


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
