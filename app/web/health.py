"""/healthz: the process answers. /readyz: it can also read its database and the schema is current."""

from flask import Flask, Response, make_response
from sqlalchemy.exc import SQLAlchemyError

from app.web import revisions
from app.webkit.guards import public

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def install(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


@public
def healthz() -> Response:
    return make_response("ok\n", 200, PLAIN)


@public
def readyz() -> Response:
    """503 with a plain word when the database does not answer or migrations are pending."""
    try:
        current = revisions.current()
    except SQLAlchemyError:
        return make_response("database\n", 503, PLAIN)
    if current != revisions.newest():
        return make_response("migrations\n", 503, PLAIN)
    return make_response("ready\n", 200, PLAIN)
