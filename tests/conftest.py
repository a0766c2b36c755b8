"""Fixtures: an application on each engine, a fresh database for every test, clients that are signed in.

A test that takes `app`, `db_app` or a client runs on SQLite and on PostgreSQL. Mark a module `sqlite_only = True`
(module variable) where the engine can not matter: pages' words, looks, headers.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event

from app import create_app
from app.accounts import sessions
from app.core import clock
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.settings import queries as settings
from app.web.backups import making
from tests import at_once as together
from tests import engines
from tests.factories import Factory
from tests.heap import leave_alone, look_less_often
from tests.machine import have_postgres
from tests.overwriting import Overwriter
from tests.renewing import kept_lines
from tests.sweeping import Sweeper

pytest_plugins = ["tests.left_out", "tests.haste"]
look_less_often()
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # Saturday 12:00 in Guicheng


def engine_names() -> list[str]:
    """Which engines this run covers: both where the machine has PostgreSQL, unless SHULIN_TEST_ENGINES narrows it."""
    asked = os.environ.get("SHULIN_TEST_ENGINES", "sqlite,postgresql").split(",")
    return [name for name in asked if name == "sqlite" or have_postgres()]


def pytest_collection_finish() -> None:
    leave_alone()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        only = [name for name in ("sqlite", "postgresql") if getattr(metafunc.module, f"{name}_only", False)]
        covered = [name for name in engine_names() if not only or name in only]
        metafunc.parametrize("engine", covered, scope="session", indirect=True)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with engines.postgres_server() as url:
        yield url


def settings_for(url: str, data_dir: Path) -> Settings:
    return Settings(Env.TEST, url, "a secret that only tests know, long enough", "https://shulin.example", demo=False, data_dir=data_dir)


class Site:
    """One application of one engine, and how to give it a fresh database."""

    def __init__(self, engine: str, folder: Path, server_url: str | None) -> None:
        self.engine, self.folder, self.server_url = engine, folder, server_url
        self.template_file, self.file = folder / "template.db", folder / "test.db"
        self.name = f"test_{os.getpid()}"
        self.renewer: Sweeper | Overwriter | None = None
        if server_url:
            engines.postgres_copy(server_url, "template0", "shulin_template")
            url = engines.make_url(server_url).set(database="shulin_template").render_as_string(hide_password=False)
        else:
            url = f"sqlite:///{self.template_file}"
        template_app = create_app(settings_for(url, folder))
        with template_app.app_context():
            upgrade()
            if not server_url:
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        url = (
            engines.make_url(server_url).set(database=self.name).render_as_string(hide_password=False)
            if server_url
            else f"sqlite:///{self.file}"
        )
        self.app = create_app(settings_for(url, folder))
        with self.app.app_context():
            db.engine.update_execution_options(compiled_cache={})  # of any size: each statement is compiled once
            if not server_url:
                event.listen(db.engine, "connect", engines.unsynchronised)

    def fresh(self) -> None:
        """An empty database, and no trace of a restoration that a test let break half way.

        Lines that stand stay open, where that is safe: what they have read of the schema need not be read again.
        """
        (self.folder / making.UNFINISHED).unlink(missing_ok=True)
        with self.app.app_context():
            lines = kept_lines(db.engine)
            if not (self.renewer and self.renewer.renew(lines)):
                db.engine.dispose()
                self._copy()

    def _copy(self) -> None:
        if self.renewer:
            self.renewer.close()
        if self.server_url:
            url = engines.postgres_copy(self.server_url, "shulin_template", self.name)
            self.renewer = Sweeper(engines.libpq(url))
        else:
            engines.sqlite_copy(self.template_file, self.file)
            self.renewer = Overwriter(self.template_file, self.file)

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        if self.renewer:
            self.renewer.close()


@pytest.fixture(scope="session")
def sites() -> Iterator[dict[str, Site]]:
    """One of each engine, kept to the end: a worker goes from engine to engine more than once."""
    made: dict[str, Site] = {}
    yield made
    for site in made.values():
        site.close()


@pytest.fixture(scope="session")
def site(engine: str, sites: dict[str, Site], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Site:
    if engine not in sites:
        server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
        sites[engine] = Site(engine, tmp_path_factory.mktemp(engine), server)
        leave_alone()
    return sites[engine]


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """The application on a fresh, migrated, empty database, at noon of 21 November 2026 in Guicheng."""
    site.fresh()
    with site.app.app_context(), clock.frozen_at(NOON):
        yield site.app
        db.session.remove()


@pytest.fixture
def make(app: Flask) -> Factory:
    """Factories: `make.person()`, `make.unit()`, `make.activity()` … each commits what it makes."""
    return Factory()


class Client(FlaskClient):
    """A browser of this site: it says where its forms come from, and can be signed in without the slow hash."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Sec-Fetch-Site", "same-origin")
        for kept_by_the_request_before in list(g):  # one app context serves the whole test; each request begins bare
            g.pop(kept_by_the_request_before)
        kwargs.setdefault("buffered", True)  # a file that is streamed is read to its end: left open, it would end in another test
        return super().open(*args, headers=headers, **kwargs)

    def sign_in(self, person_id: int) -> "Client":
        make = Factory()
        account_id = make.account(person_id)
        token = in_transaction(lambda: sessions.open_session(account_id, "test", clock.now(), staff=False, factor=True))
        with self.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return self


@pytest.fixture
def client(app: Flask) -> Client:
    app.test_client_class = Client
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def as_person(app: Flask) -> Callable[[int], Client]:
    """`as_person(id)` is a signed-in client."""
    app.test_client_class = Client

    def signed_in(person_id: int) -> Client:
        browser = app.test_client()
        assert isinstance(browser, Client)
        return browser.sign_in(person_id)

    return signed_in


@pytest.fixture
def at_once(app: Flask) -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """`at_once([work, …])` does all in the same moment; the results, refusals among them."""
    return partial(together.at_once, app)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL sent while the block runs, for asserting that a list page asks a constant number of questions."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    db.session.info.pop(settings.READ, None)  # as a request begins
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
