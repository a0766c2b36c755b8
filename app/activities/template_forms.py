"""A template as a filled form: those that come with the site, and a unit's own."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from app.activities import joining_forms
from app.activities.forms import Kept, filled, shift_count
from app.activities.joining_rules import Who
from app.activities.position_rules import lines_of
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.templates import Template
from app.core.clock import local

ZERO = date(2000, 1, 1)  # the day that a unit's own template counts its days from


def form_id() -> str:
    return str(uuid4())


def read_form_id(given: str) -> str | None:
    """The id that the form was opened with; None where there is none, or something else."""
    try:
        return str(UUID(given))
    except ValueError:
        return None


def from_template(template: Template, *, unit_id: int, unit: str, where: str, day: date, place: str) -> Kept:
    """Only day and place are left to say, and both are guessed."""
    kept = {
        "template": template.key,
        "kind": template.kind.value,
        "title": template.title.format(where=where, unit=unit),
        "day": day.isoformat(),
        "place": place,
        "unit_id": str(unit_id),
        "description": template.description,
        "risk_note": template.risk_note,
        "insurance_note": template.insurance_note,
        "code_way": template.code_way.value if template.code_way else "",
        "shifts": str(len(template.shifts)),
    } | joining_forms.filled(Who(stages=template.stages))
    for number, shift in enumerate(template.shifts):
        kept |= {
            f"s{number}-name": shift.name,
            f"s{number}-start": f"{shift.begins:%H:%M}",
            f"s{number}-end": f"{shift.ends:%H:%M}",
            f"s{number}-break": str(shift.break_minutes),
            f"s{number}-capacity": "" if shift.capacity is None or shift.positions else str(shift.capacity),
            f"s{number}-positions": lines_of(shift.positions),
        }
    return kept


def shape(row: ActivityRow, shifts: list[ShiftRow]) -> Kept:
    """What a unit's own template keeps: everything but day, ids and who organises it."""
    kept = filled(row, shifts, day=ZERO)
    first = local(shifts[0].starts_at).date() if shifts else ZERO
    return {name: value for name, value in kept.items() if name not in {"day", "unit_id"}} | {"weekday": str(first.weekday())}


def usual_day(kept: Kept, today: date) -> date:
    """The next day of the weekday that it was held on."""
    return coming(int(kept.get("weekday", "5")), today)


def from_shape(kept: Kept, *, unit_id: int, day: date) -> Kept:
    moved = dict(kept) | {"unit_id": str(unit_id), "day": day.isoformat()}
    for number in range(shift_count(moved)):
        if moved.get(f"s{number}-positions"):  # older ones kept their sum beside them
            moved.pop(f"s{number}-capacity", None)
        own = moved.get(f"s{number}-day")
        if own:
            moved[f"s{number}-day"] = (day + (date.fromisoformat(own) - ZERO)).isoformat()
    return moved


def coming(weekday: int, today: date) -> date:
    """The next day of that weekday after today."""
    return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
