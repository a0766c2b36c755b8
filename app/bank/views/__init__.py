"""银行对账: statements, lines, what is open, the balance of a day. What waits is told to the work list."""

from app.bank.views.shared import bp

from app.bank.views import balance, groups, lines, pairs, parts, statements, work  # isort: skip  (they add their routes to bp)

parts.register()

__all__ = ["balance", "bp", "groups", "lines", "pairs", "parts", "statements", "work"]
