"""公示几天、几天答复，和法定节假日: one rule for the whole subdistrict (本地规定)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.people.queries.units import of_the_subdistrict
from app.publicity import forms, queries, service
from app.publicity.rules import last_day
from app.publicity.views import bp
from app.settings import queries as settings
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/working-days")
@requires(Action.RULES_READ)
def working_days() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _page({})


def _page(faults: dict[str, str]) -> Response:
    holidays, rule, today = settings.holidays(), queries.days(), clock.today()
    return render(
        "publicity/rule.html",
        status=422 if faults else 200,
        rule=rule,
        off=forms.day_lines(holidays.off),
        worked=forms.day_lines(holidays.worked),
        ends_on=last_day(today, rule.shown, holidays),
        missing=today.year + (today.month > 10) if not any(day.year == today.year + (today.month > 10) for day in holidays.off) else None,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/working-days")
@requires(Action.UNIT_MANAGE)
def set_working_days() -> Response:
    actor, now = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE), clock.now()
    try:
        given = forms.parse_rule(request.form)
    except Invalid as error:
        return _page(error.fields)

    def write() -> None:
        service.set_days(given.days, actor.person_id, now)
        service.set_holidays(given.holidays.off, given.holidays.worked, actor.person_id, now)

    in_transaction(write)
    flash("改好了。已经在公示的，日子不变。", "yes")
    return redirect(url_for("publicity.working_days"), 303)
