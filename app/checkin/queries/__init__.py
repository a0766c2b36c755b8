"""Reading scans and spells."""

from app.checkin.queries.door import Door, door
from app.checkin.queries.scans import ScanView, lit_windows, next_opening, scan_view, visitors
from app.checkin.queries.spells import (
    Event,
    SpellRow,
    activity_of_shift,
    credited,
    event_of,
    has_attendance,
    helpers_of,
    helps_at,
    overlapping,
    present,
    roster_twins,
    spells,
    spells_of,
    spells_of_person,
    waiting_of,
)

__all__ = [
    "Door",
    "Event",
    "ScanView",
    "SpellRow",
    "activity_of_shift",
    "credited",
    "door",
    "event_of",
    "has_attendance",
    "helpers_of",
    "helps_at",
    "lit_windows",
    "next_opening",
    "overlapping",
    "present",
    "roster_twins",
    "scan_view",
    "spells",
    "spells_of",
    "spells_of_person",
    "visitors",
    "waiting_of",
]
