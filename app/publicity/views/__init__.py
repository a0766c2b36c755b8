"""公示 on the site and on paper, objections and their answers, and the local rule."""

from flask import Blueprint

bp = Blueprint("publicity", __name__)

from app.publicity.views import objecting, rule, showing  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "objecting", "rule", "showing"]
