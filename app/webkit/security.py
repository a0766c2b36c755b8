"""Headers, cross-origin checks and request ids, for every request."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from app.core import trace
from app.core.errors import Refused
from app.webkit.events import noted
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
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000; includeSubDomains"
NOTED = frozenset({403, 404, 429})


def install(app: Flask) -> None:
    fixed = [(name, name.lower(), value) for name, value in HEADERS.items()]
    if app.config["SETTINGS"].public_url.startswith("https://"):
        app.config["SESSION_COOKIE_NAME"] = "__Host-shulin"  # no other host, no plain connection can set it
        fixed.append(("Strict-Transport-Security", "strict-transport-security", HSTS))

    @app.before_request
    def begin() -> None:
        trace.request_id.set(trace.new_code(6))
        if request.method not in SAFE and not from_this_site():
            raise Refused("这次提交不是从本站页面发出的，没有办理。请回到页面上再试一次。")

    @app.after_request
    def finish(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}  # one look instead of one a header: this runs at every request
        for name, lower, value in fixed:
            if lower not in there:
                response.headers.add(name, value)
        if "cache-control" not in there:
            response.headers.add("Cache-Control", "no-store" if g.get("personal", True) else "no-cache")
        response.headers.add("X-Request-Id", trace.request_id.get())
        if response.status_code in NOTED:
            _note(response.status_code)
        return response


def _note(status: int) -> None:
    """What was refused, by the name of the view. A 404 to somebody signed in may be a door that is not theirs; to others it is none."""
    known = getattr(g, "_login_user", None)  # who was loaded already
    who = getattr(getattr(known, "actor", None), "person_id", None)
    if request.endpoint and (status != 404 or who):
        noted("refused", status=status, view=request.endpoint, method=request.method, who=who)


def from_this_site() -> bool:
    """Fetch metadata where the browser sends it, else Origin, else Referer; with none of them, no."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched in {"same-origin", "none"}
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return source is not None and urlsplit(source).netloc == request.host
