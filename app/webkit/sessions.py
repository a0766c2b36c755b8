"""The signed session cookie of Flask, with its signature checked once per process and not at every request."""

import time
from collections import OrderedDict
from threading import Lock
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.wrappers import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

KEPT = 8192


class RememberedSessions(SecureCookieSessionInterface):
    """The key is the whole signed cookie, so another signature or another content is another key. Ends with the cookie's own age."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()
        self._guard = Lock()
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Made once: the site's key does not change while it runs."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def remembered(self, cookie: str | None) -> dict[str, Any] | None:
        """What a cookie says that this process has checked before; {} where there is no cookie, None where it must be checked."""
        if not cookie:
            return {}
        known = self._known.get(cookie)
        return known[1] if known is not None and time.time() < known[0] else None

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie:
            return super().open_session(app, request)
        known = self.remembered(cookie)
        if known is not None:
            return self.session_class(known.copy())
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        age = int(app.permanent_session_lifetime.total_seconds())
        try:
            content, made = signer.loads(cookie, max_age=age, return_timestamp=True)
        except BadSignature:
            return self.session_class()
        if all(isinstance(value, (str, int, type(None))) for value in content.values()):  # a request could change a list in place
            with self._guard:
                self._known[cookie] = (made.timestamp() + age, content)
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return self.session_class(content.copy())
