"""A series as the form asks for it: how often, until when, and which days stay ticked."""

from datetime import timedelta

from werkzeug.datastructures import MultiDict

from app.activities.rules import ActivityDraft
from app.activities.series_rules import MOST, Every, days
from app.activities.service import Plan
from app.core.clock import local_date
from app.core.errors import Invalid
from app.webkit.forms import Form

LONGEST = timedelta(days=731)


def read_plan(values: MultiDict[str, str], draft: ActivityDraft) -> Plan:
    """All days that the rule gives. Raises Invalid."""
    form = Form(values)
    first = min(local_date(shift.starts_at) for shift in draft.shifts)
    every, until = form.choice("every", "多久一次", Every), form.day("until", "办到哪一天")
    if until and until < first:
        form.fault("until", "办到的这一天早于第一场")
    if until and until > first + LONGEST:
        form.fault("until", "最多排两年")
    form.done()
    if every is None or until is None:
        raise Invalid(form.faults)
    found = days(first, every, until)
    if len(found) > MOST:
        raise Invalid({"until": f"一次最多排 {MOST} 场，请把最后一天改早一点"})
    return Plan(every, first, until, tuple(found))


def ticked(values: MultiDict[str, str], plan: Plan) -> Plan:
    """The plan with the days that stayed ticked. Raises Invalid when none did."""
    kept = set(values.getlist("on"))
    chosen = tuple(day for day in plan.days if day.isoformat() in kept)
    if not chosen:
        raise Invalid({"on": "至少留一场"})
    return Plan(plan.every, plan.first, plan.until, chosen)
