"""岗位 and 户联系: for those who appoint, and one's own. Terms that end soon are told to the work list."""

from flask import Blueprint

bp = Blueprint("duties", __name__)

from app.duties.views import households, posts, terms  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "households", "posts", "terms"]
