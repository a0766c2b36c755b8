"""Pages made of several features: home, 我的, 我的支部."""

from flask import Blueprint

bp = Blueprint("pages", __name__)

from app.pages import closing, correcting, vacancies  # noqa: E402  (they register what they know)
from app.pages.views import acting, branch, components, home, me, points  # noqa: E402  (they add their routes to bp)

__all__ = ["acting", "bp", "branch", "closing", "components", "correcting", "home", "me", "points", "vacancies"]
