"""一报到两认领双管理: a member's own page, offers, what both units see, the half-yearly word. Missing words are told to the work list."""

from flask import Blueprint

bp = Blueprint("pledges", __name__)

from app.pledges.views import both, feedback, leaving, offers, own  # noqa: E402  (they add their routes to bp)

__all__ = ["both", "bp", "feedback", "leaving", "offers", "own"]
