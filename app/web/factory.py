"""Puts the application together: configuration, database, sign-in, blueprints, pages for errors, commands."""

from datetime import timedelta

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate

from app.core.config import ROOT, Env, Settings, from_environment
from app.core.db import db, prepare
from app.web import blueprints, commands, errors, health, logs, tables, templating, worker  # noqa: F401 (tables: so that the metadata is whole)
from app.webkit import security
from app.webkit.sessions import RememberedSessions

HOT = (
    "layouts/base.html", "layouts/inner.html", "checkin/_verdict.html", "checkin/scan.html", "checkin/known.html", "pages/home.html", "pages/me.html",
)  # fmt: skip


def build(settings: Settings | None = None) -> Flask:
    """Raises ConfigError when the environment is not fit to serve."""
    given, settings = settings, settings or from_environment()
    app = Flask("app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        TESTING=settings.env is Env.TEST,
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(days=400),
        SESSION_COOKIE_NAME="shulin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        COMPRESS_MIN_SIZE=2048,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=5,
    )
    logs.install(app)
    app.session_interface = RememberedSessions()
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=False, compare_type=True)
    Compress(app)
    security.install(app)
    templating.install(app)
    errors.install(app)
    health.install(app)
    worker.install(app)
    blueprints.install(app)
    commands.install(app)
    if not given:
        _warm(app)
    return app


def _warm(app: Flask) -> None:
    """What the first in a queue would wait for: the pages of a gate are compiled before a server takes its first request."""
    for name in HOT:
        app.jinja_env.get_template(name)


def _engine_options(settings: Settings) -> dict[str, object]:
    options: dict[str, object] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": settings.env is Env.PRODUCTION}
    if settings.database_url.startswith("postgresql"):
        options |= {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": False}
    return options
