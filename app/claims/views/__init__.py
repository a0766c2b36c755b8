"""补录 and 这条记录不对: naming people, deciding about lists, disputes. What waits for a decision is told to the work list."""

from flask import Blueprint

bp = Blueprint("claims", __name__)

from app.claims.views import corrections, decisions, disputes, naming, own, share  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "corrections", "decisions", "disputes", "naming", "own", "share"]
