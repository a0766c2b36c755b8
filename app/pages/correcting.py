"""What a correction changes of 双50: told beside hours and points before somebody approves it."""

from datetime import date

from app.claims.gauges import Gauge, also_tell
from app.requirements import queries as requirements
from app.requirements.gauges import gauges_of


def double50(person_id: int, day: date) -> list[Gauge]:
    return gauges_of(requirements.progress_of([person_id], day).get(person_id, []))


also_tell(double50)
