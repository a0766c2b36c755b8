"""Who serves at a shift without a seat. Attendance lies above activities, so check-in lends its answer."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from app.core import clock

OPENS_BEFORE = timedelta(minutes=60)  # as checkin.rules says

_counted: Callable[[Collection[int]], dict[int, int]] | None = None


def ask_walk_ins(counted: Callable[[Collection[int]], dict[int, int]]) -> None:
    """Check-in lends its answer to "how many came to these shifts without a seat?", by shift; shifts without any are absent."""
    global _counted
    _counted = counted


def walk_ins(shifts: Collection[tuple[int, datetime]]) -> dict[int, int]:
    """Of shifts as (id, start): nothing is asked about those whose door has not opened yet."""
    begun = [shift_id for shift_id, starts_at in shifts if starts_at - OPENS_BEFORE <= clock.now()]
    return _counted(begun) if _counted and begun else {}
