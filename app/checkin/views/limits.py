"""一天最多记多久: the limits of a day above which the units above decide, one for the whole subdistrict (本地规定)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.checkin import forms, service
from app.checkin.queries import looking
from app.checkin.views import bp
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.people.queries.units import of_the_subdistrict
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/long-days")
@requires(Action.RULES_READ)
def long_days() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _page({})


def _page(faults: dict[str, str]) -> Response:
    status = 422 if faults else 200
    return render("checkin/long_days.html", status=status, limits=looking.limits(), kept=kept(request.form), faults=faults)


@bp.post("/long-days")
@requires(Action.UNIT_MANAGE)
def set_long_days() -> Response:
    actor, now = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE), clock.now()
    try:
        limits = forms.parse_limits(request.form)
    except Invalid as error:
        return _page(error.fields)
    in_transaction(lambda: service.set_limits(limits, actor.person_id, now))
    flash("改好了，以后签退的按新的算，已经定下来的不变。", "yes")
    return redirect(url_for("checkin.long_days"), 303)
