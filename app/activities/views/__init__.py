"""The pages of activities: what anyone sees, signing up, and organising."""

from app.activities.views import (
    acting,
    chain,
    editing,
    managed,
    organising,
    positions,
    posters,
    printing,
    public,
    publishing,
    results,
    series,
    signing,
    templates,
    work,
)
from app.activities.views.common import bp

__all__ = [
    "acting",
    "bp",
    "chain",
    "editing",
    "managed",
    "organising",
    "positions",
    "posters",
    "printing",
    "public",
    "publishing",
    "results",
    "series",
    "signing",
    "templates",
    "work",
]
