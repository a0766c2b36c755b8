"""Errors as people read them: what happened, what was kept, what to do next, and an id that is also in the log.

Pages for browsers, fragments for htmx, problem+json (RFC 9457) where JSON is asked.
"""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from app.core import trace
from app.core.errors import DomainError, Invalid, NotFound, TooMany
from app.web import leading, troubles
from app.web.templating import look
from app.web.troubles import Trouble
from app.webkit.guards import SignInFirst, local_path, to_sign_in
from app.webkit.htmx import wants_fragment

log = logging.getLogger("shulin")

WORDS = {
    400: "这次提交的内容看不懂，没有办理。请回到上一页再试。",
    404: "没有找到这一页，可能已经移走，或不归您管理。",
    405: "这个地址不能这样用。请从页面上的按钮操作。",
    413: "文件太大了，没有收下。请压缩到 10 MB 以内再传。",
    415: "这种文件读不了，没有收下。",
}


def install(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OverflowError, out_of_range)
    app.register_error_handler(DataError, out_of_range)
    app.register_error_handler(Exception, unexpected)


def domain_error(error: DomainError) -> BaseResponse:
    if isinstance(error, SignInFirst) and not wants_json():
        if wants_fragment():
            response = make_response("", 204)
            response.headers["HX-Redirect"] = "/sign-in"
            return response
        return to_sign_in()
    if isinstance(error, NotFound) and (there := leading.instead()):
        return there
    response = answer(error.status, error.message, fields=error.fields if isinstance(error, Invalid) else None)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def http_error(error: HTTPException) -> BaseResponse:
    if error.response is not None:
        return error.get_response()
    status = error.code or 500
    if status < 400:
        return error.get_response()
    return answer(status, WORDS.get(status, "这次没有办成。请回到上一页再试。"))


def out_of_range(_error: Exception) -> Response:
    """A number in the address that no row can have: nothing is there (SQLite's driver and PostgreSQL say it their own ways)."""
    return answer(404, WORDS[404])


def unexpected(error: Exception) -> Response:
    if trouble := troubles.of(error):
        return in_trouble(trouble, error)
    log.error("unexpected %s at %s %s", trace.request_id.get(), request.method, request.url_rule, exc_info=error)
    return answer(500, "没办成，刚才的内容没有保存。请再试一次；仍不行，请把下面的编号告诉我们。")


def in_trouble(trouble: Trouble, error: Exception) -> Response:
    """The machine's fault, not the program's. Nothing is asked of the database for this page: it may be what is missing."""
    code = trace.request_id.get()
    log.error("trouble %s (%s) %s at %s %s", trouble, type(error).__name__, code, request.method, request.url_rule)
    g.personal = True
    said = troubles.words(trouble)
    if wants_json():
        response = jsonify({"title": "".join(said), "status": 503, "instance": code})
        response.content_type = "application/problem+json"
        response.status_code = 503
    else:
        page = "errors/_trouble.html" if wants_fragment() else "errors/trouble.html"
        bare = {"nobody": True, "actor": None, "look": look(), "words": said, "code": code}
        response = make_response(current_app.jinja_env.get_template(page).render(bare), 503)
    response.headers["Retry-After"] = str(troubles.AGAIN)
    return response


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html" and request.accept_mimetypes.accept_json


def answer(status: int, message: str, *, fields: dict[str, str] | None = None) -> Response:
    code = trace.request_id.get()
    g.personal = True
    if wants_json():
        body: dict[str, object] = {"title": message, "status": status, "instance": code}
        if fields:
            body["errors"] = fields
        response = jsonify(body)
        response.content_type = "application/problem+json"
        response.status_code = status
        return response
    template = "errors/_note.html" if wants_fragment() else "errors/page.html"
    told = {"status": status, "message": message, "fields": fields or {}, "code": code, "back": _back(status)}
    return make_response(render_template(template, **told), status)


def _back(status: int) -> str | None:
    """The page one came from, where it is one of ours; else, where something is there that can be shown, the page above this one."""
    came = urlsplit(request.referrer or "")
    page = local_path(came.path + (f"?{came.query}" if came.query else ""))
    if page and came.netloc == request.host and came.scheme in {"http", "https"} and (request.method != "GET" or came.path != request.path):
        return page
    above = request.path.rpartition("/")[0]
    here = current_app.create_url_adapter(request)
    while here and status in {403, 409} and above:
        if here.test(above, "GET"):
            return above
        above = above.rpartition("/")[0]
    return None
