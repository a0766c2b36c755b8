"""A full disk, a folder that can not be written, a database that is away: people read what is wrong, and nothing is lost."""

import errno
import sqlite3
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from app import create_app
from app.web import troubles
from app.web.troubles import Trouble


def of_sqlite(said: str) -> OperationalError:
    return OperationalError("INSERT INTO scan …", {}, sqlite3.OperationalError(said))


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (of_sqlite("database or disk is full"), Trouble.FULL),
        (sqlite3.OperationalError("database or disk is full"), Trouble.FULL),
        (of_sqlite("attempt to write a readonly database"), Trouble.UNWRITABLE),
        (of_sqlite("unable to open database file"), Trouble.UNWRITABLE),
        (of_sqlite("database is locked"), Trouble.BUSY),
        (of_sqlite("no such table: nothing"), None),
        (OSError(errno.ENOSPC, "No space left on device"), Trouble.FULL),
        (OSError(errno.EROFS, "Read-only file system"), Trouble.UNWRITABLE),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused")), Trouble.AWAY),
        (OperationalError("INSERT", {}, psycopg.errors.DiskFull()), Trouble.FULL),
        (OperationalError("SELECT 1", {}, psycopg.errors.AdminShutdown()), Trouble.AWAY),
        (OperationalError("SELECT 1", {}, psycopg.errors.TooManyConnections()), Trouble.BUSY),
        (IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation()), None),
        (OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected()), None),
        (NoConnectionLeft("QueuePool limit reached"), Trouble.BUSY),
        (ValueError("our own"), None),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_the_machine_means_is_told_from_our_own_faults(error, trouble):
    assert troubles.of(error) is trouble


def test_while_the_database_is_away_every_page_says_so_and_a_proxy_sees_it(app, make, as_person, monkeypatch):
    """The page of an error must not itself ask who is reading."""
    browser = as_person(make.person("何嘉怡", home=make.unit("锦园第一党支部")))
    away = app.config["SETTINGS"]
    gone = "postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2"
    elsewhere = create_app(replace(away, database_url=gone))
    del browser
    visitor = elsewhere.test_client()
    visitor.set_cookie("look", "big dark")
    for page in ("/", "/boards", "/activities", "/me", "/sign-in"):
        answer = visitor.get(page)
        if answer.status_code in {200, 302, 303}:
            continue  # it asked nothing of the database
        assert (page, answer.status_code, "数据库暂时没有回答" in answer.text) == (page, 503, True)
        assert 'class="big dark"' in answer.text
    assert visitor.get("/boards").status_code == 503
    assert (visitor.get("/healthz").status_code, visitor.get("/readyz").status_code) == (200, 503)
