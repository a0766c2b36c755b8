"""Reading calls, panels and what waits in them."""

from app.panels.queries.lists import (
    Known,
    Ranked,
    count_projects,
    for_officers,
    known_reviewers,
    own_seats,
    person_called,
    ranking,
    sits_anywhere,
    to_score,
    without_panel,
)
from app.panels.queries.proposals import CallPage, call, calls, count_calls, published, to_publish
from app.panels.queries.sheets import PanelRow, SeatRow, facts, panel, panels, scored_words, usual_weights

__all__ = [
    "CallPage",
    "Known",
    "PanelRow",
    "Ranked",
    "SeatRow",
    "call",
    "calls",
    "count_calls",
    "count_projects",
    "facts",
    "for_officers",
    "known_reviewers",
    "own_seats",
    "panel",
    "panels",
    "person_called",
    "published",
    "ranking",
    "scored_words",
    "sits_anywhere",
    "to_publish",
    "to_score",
    "usual_weights",
    "without_panel",
]
