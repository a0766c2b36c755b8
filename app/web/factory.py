"""Puts the application together: configuration, database, sign-in, blueprints, pages for errors, commands."""

import gc
import os
from contextlib import suppress
from datetime import timedelta

from flask import Flask
from flask_compress import Compress
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.config import ROOT, Env, Settings, from_environment
from app.core.db import db, is_sqlite, prepare
from app.web import blueprints, errors, exports, giving_back, health, logs, metering, system, tables, templating, turns, worker  # noqa: F401 (tables: so that the metadata is whole)
from app.webkit import security
from app.webkit.sessions import RememberedSessions

PARTS = (security, templating, errors, health, worker, system, exports, turns, giving_back, blueprints, metering)  # in this order
CONNECTIONS = 4  # as many as a worker has threads
STATEMENTS = 160  # compiled ones that a worker keeps, half as many again before it lets the oldest go: each takes 100 KB
HOT = ("layouts/base.html", "layouts/inner.html", "checkin/_verdict.html", "checkin/scan.html", "checkin/known.html", "pages/home.html")


def build(settings: Settings | None = None, *, serving: bool = False) -> Flask:
    """Raises ConfigError when the environment is not fit to serve. What is only `serving` has no commands."""
    given, settings = settings, settings or from_environment()
    app = Flask("app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(_configuration(settings))
    logs.install(app)
    app.session_interface = RememberedSessions()
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    Compress(app)
    for part in PARTS:
        part.install(app)
    if not serving:
        _for_operators(app)
    if not given and os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # a server, not a command: flask says so itself
        _warm(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "TESTING": settings.env is Env.TEST,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=400),
        "SESSION_COOKIE_NAME": "shulin",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https://"),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
        "COMPRESS_MIN_SIZE": 2048,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 4,
        "COMPRESS_LEVEL": 5,
    }


def _for_operators(app: Flask) -> None:
    """Commands and migrations: what they need takes 20 MB of a process, and a server needs none of it."""
    from flask_migrate import Migrate

    from app.web import commands

    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=False, compare_type=True)
    commands.install(app)


def _warm(app: Flask) -> None:
    """What a queue would wait for is done before a server takes its first request: the pages of a gate are compiled, and the garbage
    collector leaves alone from now on what stays for good (a tenth of a check-in was its looking through that)."""
    for name in HOT:
        app.jinja_env.get_template(name)
    open_connections(app)
    gc.collect()
    gc.freeze()


def open_connections(app: Flask) -> None:
    """PostgreSQL's connections stand before the first request; where it can not be reached yet, they are opened later."""
    with app.app_context(), suppress(OperationalError):
        if not is_sqlite():
            for connection in [db.engine.connect() for _ in range(CONNECTIONS)]:
                connection.execute(text("SELECT 1"))
                connection.close()


def _engine_options(settings: Settings) -> dict[str, object]:
    options: dict[str, object] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": settings.env is Env.PRODUCTION}
    options["query_cache_size"] = STATEMENTS
    if settings.database_url.startswith("postgresql"):
        options |= {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": False}
    return options
