"""The pages of activities: what anyone sees, signing up, and organising."""

from app.activities.views import (
    acting,
    calendars,
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
    "calendars",
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
