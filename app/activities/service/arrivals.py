"""Who of those signed up has come. Attendance lies above activities, so check-in lends its answer."""

from collections.abc import Callable

_arrived: Callable[[int], set[tuple[int, int]]] | None = None


def ask_arrivals(arrived: Callable[[int], set[tuple[int, int]]]) -> None:
    """Check-in lends its answer to "who came to this activity?" (by its id): pairs of a shift and a person."""
    global _arrived
    _arrived = arrived


def arrivals(activity_id: int) -> set[tuple[int, int]]:
    return _arrived(activity_id) if _arrived else set()
