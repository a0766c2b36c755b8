"""The door: for those who scan (phone), for those who work it (console), and the screen that shows the code."""

from flask import Blueprint

bp = Blueprint("checkin", __name__)

from app.checkin.views import console, phone, venue  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "console", "phone", "venue"]
