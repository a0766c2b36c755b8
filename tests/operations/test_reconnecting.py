"""PostgreSQL is started anew under a running site: whoever comes next is answered, on every way to the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import literal, select, text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.audit import service as audit
from app.core.db import db, in_transaction, rows
from tests import engines
from tests.conftest import settings_for

pytestmark = pytest.mark.postgres
HELD = 6  # connections that stand idle when the server goes
PAGES = ("/readyz", "/boards", "/activities", "/verify", "/sign-in")
ONE = select(literal(1))


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """One that may be restarted: the other tests' connections are to another."""
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    with engines.postgres_server() as url:
        yield url


@pytest.fixture
def running(own_server: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(settings_for(own_server, tmp_path))
    with app.app_context():
        upgrade()
        held = [db.engine.connect() for _ in range(HELD)]
        for connection in held:
            connection.execute(text("SELECT 1"))
            connection.close()
        assert db.engine.pool.checkedin() >= HELD
    yield app
    with app.app_context():
        db.engine.dispose()


def restart(url: str) -> None:
    folder = Path(engines.make_url(url).query["host"]) / "data"
    programs = engines.postgres_programs()
    engines._as_postgres([f"{programs}/pg_ctl", "-D", str(folder), "-w", "-m", "fast", "-l", f"{folder.parent}/log", "restart"])


def test_after_a_restart_of_the_database_no_request_fails(running, own_server):
    visitor = running.test_client()
    before = {page: visitor.get(page).status_code for page in PAGES}
    assert set(before.values()) == {200}
    restart(own_server)
    assert {page: visitor.get(page).status_code for page in PAGES} == before


@pytest.mark.parametrize("way", ["session", "prepared", "transaction"])
def test_every_connection_that_the_server_closed_is_replaced_before_it_is_used(running, own_server, way):
    def ask() -> object:
        if way == "session":
            return db.session.scalar(ONE)
        if way == "prepared":
            return rows(ONE)[0][0]
        return in_transaction(lambda: audit.record(None, "test", "person", None) or 1)

    restart(own_server)
    for _ in range(HELD):
        with running.app_context():
            assert ask() == 1


def test_a_line_that_dies_between_two_reads_of_a_request_fails_that_one_alone(running):
    with running.app_context():
        session = db.session()
        line = session.connection().connection.driver_connection
        with engines.psycopg.connect(engines.libpq(db.engine.url.render_as_string(hide_password=False)), autocommit=True) as another:
            another.execute("SELECT pg_terminate_backend(%s, 5000)", [line.info.backend_pid])
        with pytest.raises(OperationalError) as told:
            rows(ONE)
        assert told.value.connection_invalidated
        db.session.remove()  # as at the end of a request: says nothing of a line that is known to be dead
        assert rows(ONE)[0][0] == 1


def test_a_line_that_stands_is_kept(running):
    def lines() -> set[int]:
        held = [db.engine.connect() for _ in range(HELD)]
        found = {connection.connection.driver_connection.info.backend_pid for connection in held}
        for connection in held:
            connection.close()
        return found

    with running.app_context():
        assert lines() == lines()
