"""双50小时: one's own, somebody's, the tables, what was confirmed, and the versions of the rule."""

from flask import Blueprint

bp = Blueprint("requirements", __name__)

from app.requirements.views import packs, personal, rule_pages, table  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "packs", "personal", "rule_pages", "table"]
