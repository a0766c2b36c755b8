"""荣誉: proposing and deciding, one's own, the public page, and the catalogue."""

from flask import Blueprint

bp = Blueprint("honours", __name__)

from app.honours.views import catalogue, giving  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "catalogue", "giving"]
