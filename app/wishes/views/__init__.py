"""微心愿: the public list, claiming, one's own, the desk, rounds. What waits is told to the work list, and projects show their wishes."""

from app.wishes.views.common import bp

from app.wishes.views import claiming, deciding, desk, money, own, public, rounds, showing, work  # isort: skip  (they add their routes to bp)

__all__ = ["bp", "claiming", "deciding", "desk", "money", "own", "public", "rounds", "showing", "work"]
