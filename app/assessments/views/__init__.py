"""考核 on the site: the table of branches, one assessment with its steps, one's own results, sheets and paper."""

from flask import Blueprint

bp = Blueprint("assessments", __name__)

from app.assessments.views import own, steps, table  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "own", "steps", "table"]
