"""积分方案: versions, drafts and what they would change; what two people decide by hand."""

from flask import Blueprint

bp = Blueprint("schemes", __name__)

from app.schemes.views import drafting, proposing, publishing, trying  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "drafting", "proposing", "publishing", "trying"]
