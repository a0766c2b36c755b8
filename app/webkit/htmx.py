"""htmx: where it comes from, and whether this request wants a fragment."""

from typing import Any

from flask import Response, make_response, render_template, request

CDN = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js"
INTEGRITY = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"
LOCAL = "vendor/htmx.min.js"
CONFIG = (
    '{"allowEval":false,"includeIndicatorStyles":false,"historyCacheSize":0,"historyRestoreAsHxRequest":false,'
    '"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},'
    '{"code":"4(?:09|22|29)","swap":true,"error":false},{"code":"[45]..","swap":false,"error":true}]}'
)


def wants_fragment() -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The whole page or, to htmx, its fragment: one URL serves both."""
    template = fragment if fragment and wants_fragment() else page
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def while_running(fragment: str | None) -> Response:
    """To a page that asks how far something is: the fragment; nothing before it begins, and a reload when it has ended (`?seen`)."""
    response = make_response(fragment or "", 200 if fragment else 204)
    if fragment is None and request.args.get("seen"):
        response.headers["HX-Refresh"] = "true"
    return response
