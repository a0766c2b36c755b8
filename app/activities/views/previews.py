"""The days of a series before it is made: each can be unticked, nothing is written yet."""

from flask import request
from werkzeug.wrappers import Response

from app.activities import series_forms
from app.activities.rules import ActivityDraft
from app.activities.series_rules import every_words
from app.webkit.forms import kept as as_typed
from app.webkit.htmx import render

NOT_CARRIED = ("do", "on")


def preview(draft: ActivityDraft, faults: dict[str, str] | None = None, status: int = 200) -> Response:
    """The days that it would be on, all ticked at first; nothing is written yet. Raises Invalid for a rule that gives none."""
    plan = series_forms.read_plan(request.form, draft)
    shifts = sorted(draft.shifts, key=lambda shift: shift.starts_at)
    return render(
        "activities/series_new.html",
        status=status,
        title=draft.title,
        plan=plan,
        words=every_words(plan.first, plan.every),
        shifts=shifts,
        typed={name: value for name, value in as_typed(request.form).items() if name not in NOT_CARRIED},
        off=set() if "on" not in request.form else {day for day in plan.days if day.isoformat() not in request.form.getlist("on")},
        faults=faults or {},
    )
