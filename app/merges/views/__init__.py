"""重复的档案: likely pairs, both side by side, proposed by one, decided by another, undone."""

from flask import Blueprint

bp = Blueprint("merges", __name__)

from app.merges.views import deciding, pairs, work  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "deciding", "pairs", "work"]
