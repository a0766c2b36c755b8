"""What a correction changes of 双50: told beside hours and points before somebody approves it."""

from datetime import date

from app.claims.gauges import Gauge, also_tell
from app.hours.rules import KIND_NAMES
from app.requirements import queries as requirements


def double50(person_id: int, day: date) -> list[Gauge]:
    return [
        Gauge(f"双50：{KIND_NAMES[one.need.kind]}", one.done, private=True)
        for one in requirements.progress_of([person_id], day).get(person_id, [])
    ]


also_tell(double50)
