"""What comes in between: the database is cut off in the middle of a request, or the same request comes twice in the same moment."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.core.db import db, is_sqlite
from tests import at_once as together
from tests import engines
from tests.conftest import Client


@contextmanager
def cut(after: int) -> Iterator[None]:
    """At the `after`th statement there is no database: PostgreSQL ends the connection, SQLite's disk fails."""
    engine, left = db.engine, [after]

    def strike(connection: Any) -> None:
        left[0] -= 1
        if left[0] == 0 and is_sqlite():
            raise OperationalError("cut", None, sqlite3.OperationalError("disk I/O error"))
        if left[0] == 0:
            _terminate(connection.connection.driver_connection)

    def statement(connection: Any, *_rest: Any) -> None:
        strike(connection)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", strike)
    logging.disable(logging.CRITICAL)  # that it fails is what was asked for
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", strike)


def _terminate(connection: "psycopg.Connection[Any]") -> None:
    """As a server that is restarted does to everybody. One that is dead already has nothing to lose."""
    if connection.closed:
        return
    url = engines.libpq(db.engine.url.render_as_string(hide_password=False))
    with psycopg.connect(url, autocommit=True) as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])


def recover() -> None:
    """What the site does between two requests; connections that died are made anew.

    One that was ended when it had nothing left to say goes back to the pool without anybody knowing, and the next to take it would fail.
    """
    db.session.remove()
    db.engine.dispose()


def twice_at_once(app: Flask, client: Client, url: str, body: dict[str, Any]) -> list[Any]:
    """A phone sends, and sends again before it was answered. Each scan is first recorded in its order, whoever is faster."""
    twins = []
    for _ in range(2):
        twin = app.test_client()
        assert isinstance(twin, Client)
        twin._cookies = dict(client._cookies or {})
        twins.append(twin)
    db.session.remove()
    return together.at_once(app, [lambda one=one: one.post(url, json=body) for one in twins])  # type: ignore[misc]
