"""双50 among the figures that a correction or a merge changes."""

from collections.abc import Iterable

from app.claims.gauges import Gauge
from app.hours.rules import KIND_NAMES
from app.requirements.rules import Progress


def gauges_of(found: Iterable[Progress]) -> list[Gauge]:
    """What counts for each need, in minutes; told to who may read the person at home only."""
    return [Gauge(f"双50：{KIND_NAMES[one.need.kind]}", one.done, private=True) for one in found]
