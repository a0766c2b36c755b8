"""我的资料: seeing, correcting and erasing what is about oneself; and those who decide about it."""

from flask import Blueprint

bp = Blueprint("rights", __name__)

from app.rights.views import deciding, desk, own, work  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "deciding", "desk", "own", "work"]
