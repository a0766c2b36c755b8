"""What projects owe, by when: everybody is told plainly what is overdue, the fund's people also what comes next."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.fund.queries import projects
from app.people.queries.units import governs, of_the_subdistrict
from app.results import forms, rules
from app.results.blueprint import bp
from app.results.queries import duties
from app.settings import service as settings
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, requires
from app.webkit.htmx import render


@bp.get("/fund/calendar")
@public
def calendar() -> Response:
    return _page({}, {})


def _page(values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    actor, today = actor_or_none(), clock.today()
    late = duties.overdue(today)
    coming = []
    if actor is not None and actor.may(Action.FUND_READ):
        scope = projects.in_scope(actor.roots(Action.FUND_READ), today)
        coming = [one for one in duties.owed(today, scope) if not one.duty.late(today)]
    return render(
        "results/calendar.html",
        status=422 if faults else 200,
        late=late,
        coming=coming,
        staff=actor is not None and actor.may(Action.FUND_READ),
        may_rule=actor is not None and governs(actor, Action.UNIT_MANAGE),
        days=duties.money_days(),
        kept=values,
        faults=faults,
        rules=rules,
    )


@bp.post("/fund/calendar/rule")
@requires(Action.UNIT_MANAGE)
def change_rule() -> BaseResponse:
    """本地规定: within how many days of the end unspent money goes back; one for the whole subdistrict."""
    by_id, now = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE).person_id, clock.now()
    try:
        days = forms.days(request.form)
    except Invalid as error:
        return _page(kept(request.form), error.fields)
    in_transaction(lambda: settings.put(duties.RULE, {"back_days": days}, by_id, now))
    flash(f"已改：结束后 {days} 天内交回。", "yes")
    return redirect(url_for("results.calendar"), 303)
