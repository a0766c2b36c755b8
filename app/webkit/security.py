"""Headers, cross-origin checks and request ids, for every request."""

import re
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from app.core import trace
from app.core.errors import Refused
from app.webkit.htmx import CDN

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        f"script-src 'self' {CDN}",
        f"connect-src 'self' {CDN}",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
FIXED = [(name, name.lower(), value) for name, value in HEADERS.items()]
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{4,12}")


def install(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        trace.request_id.set(trace.new_code(6))
        if request.method not in SAFE and not from_this_site():
            raise Refused("这次提交不是从本站页面发出的，没有办理。请回到页面上再试一次。")

    @app.after_request
    def finish(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}  # one look instead of one a header: this runs at every request
        for name, lower, value in FIXED:
            if lower not in there:
                response.headers.add(name, value)
        if "cache-control" not in there:
            response.headers.add("Cache-Control", "no-store" if g.get("personal", True) else "no-cache")
        response.headers.add("X-Request-Id", trace.request_id.get())
        return response


def from_this_site() -> bool:
    """Fetch metadata where the browser sends it, else Origin, else Referer; with none of them, no."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched in {"same-origin", "none"}
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return source is not None and urlsplit(source).netloc == request.host
