"""Reports of units, what was frozen of them, and 数读."""

from flask import Blueprint

bp = Blueprint("reports", __name__)

from app.reports.views import figures, openings, snapshots, units  # noqa: E402  (they add their routes to bp)

__all__ = ["bp", "figures", "openings", "snapshots", "units"]
