"""/boards and what belongs to it: the page, the wide table, chosen days, boards as they were published."""

from app.leaderboards.views import archive, deciding, tables
from app.leaderboards.views.board import bp

__all__ = ["archive", "bp", "deciding", "tables"]
