"""The 304 of /boards, answered before the framework begins: most readers who come back have the page already.

Only what the view put into `known` is answered here, under a stamp that is read anew each time; all else goes on to the view.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from app.core import clock
from app.core.db import db
from app.core.shelf import Recent
from app.leaderboards import rules, stamps
from app.leaderboards.rules import Choice
from app.leaderboards.stamps import Stamp
from app.webkit.sessions import RememberedSessions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/boards"
known: Recent[str] = Recent(8192)  # the tag of what a reader last got, by all that it depends on


def key(database: str, stamp: Stamp, choice: Choice, look: str | None) -> Hashable:
    return (database, stamp, choice, look)


@lru_cache(1024)
def choice_of(query: str, today: date) -> Choice:
    """The board that a query string asks for."""
    return rules.choose(dict(parse_qsl(query)), today)


class Unchanged:
    """WSGI in front of the application. Sessions that were not checked in this process yet are the view's to check."""

    def __init__(self, app: Flask, sessions: RememberedSessions) -> None:
        self._app, self._sessions, self._inner = app, sessions, app.wsgi_app
        self._cookie = sessions.get_cookie_name(app)
        with app.app_context():
            self._engine: Engine = db.engine
        self._database = str(app.config["SQLALCHEMY_DATABASE_URI"])

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PATH and environ["REQUEST_METHOD"] == "GET" and "HTTP_IF_NONE_MATCH" in environ:
            tag = self._standing(environ)
            if tag is not None and tag in environ["HTTP_IF_NONE_MATCH"]:
                start_response("304 NOT MODIFIED", [("ETag", f'W/"{tag}"'), *HEADERS])
                return []
        return self._inner(environ, start_response)

    def _standing(self, environ: dict[str, Any]) -> str | None:
        """The tag of what this reader would get now, where that is known."""
        cookies = parse_cookie(environ.get("HTTP_COOKIE"))
        held = self._sessions.remembered(cookies.get(self._cookie))
        if held is None:
            return None
        now = clock.now()
        try:
            stamp = stamps.stamp(self._engine, held.get("_user_id"), now)  # Flask-Login's key: the session token
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
            return None  # the view says so in the site's own words
        choice = choice_of(environ.get("QUERY_STRING", ""), clock.local_date(now))
        return known.get(key(self._database, stamp, choice, cookies.get("look")))


HEADERS: list[tuple[str, str]] = [("Cache-Control", "private, no-cache"), ("Vary", "Cookie, Accept-Encoding")]


def install(app: Flask) -> None:
    """A test client and a server alike come through `app.wsgi_app`."""
    sessions = app.session_interface
    if isinstance(sessions, RememberedSessions):
        wrap: Callable[..., Iterable[bytes]] = Unchanged(app, sessions)
        app.wsgi_app = wrap  # type: ignore[method-assign]  # how Flask says to put WSGI in front
