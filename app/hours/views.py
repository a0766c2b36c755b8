"""每月几号结账: the day from which a month's figures are final, one for the whole subdistrict (本地规定)."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Action
from app.hours import queries, service
from app.hours.closing import LATEST_DAY, closes_on
from app.hours.rules import STAR_LEVELS
from app.people.queries.units import of_the_subdistrict
from app.webkit.forms import Form, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

bp = Blueprint("hours", __name__)


@bp.get("/closing-days")
@requires(Action.RULES_READ)
def closing_days() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _page({})


def _page(faults: dict[str, str]) -> Response:
    rules, today = queries.closing_rules(), clock.today()
    before = today.replace(day=1) - timedelta(1)
    months = [(month, closes_on(month, rules)) for month in (before, today)]
    return render(
        "hours/closing_days.html", status=422 if faults else 200, rule=rules[-1], months=months, kept=kept(request.form), faults=faults
    )


@bp.post("/closing-days")
@requires(Action.UNIT_MANAGE)
def set_closing_days() -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    form = Form(request.form)
    month_day = form.whole("month_day", "次月几号", least=1, most=LATEST_DAY)
    year_day = form.whole("year_day", "一月几号", least=1, most=LATEST_DAY)
    if month_day is None or year_day is None:
        return _page(form.faults)
    in_transaction(lambda: service.set_closing_days(month_day, year_day, actor.person_id, clock.now()))
    flash("改好了，从这个月起按新的日子结账；以前的月份不变。", "yes")
    return redirect(url_for("hours.closing_days"), 303)


@bp.get("/star-levels")
@requires(Action.RULES_READ)
def star_levels() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return render("hours/star_levels.html", with_honour=queries.stars_with_honour(), levels=STAR_LEVELS[::-1])


@bp.post("/star-levels")
@requires(Action.UNIT_MANAGE)
def set_star_levels() -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    in_transaction(lambda: service.set_stars(actor.person_id, clock.now(), with_honour=request.form.get("honour") == "1"))
    flash("改好了，大家的星级现在就按这个算。", "yes")
    return redirect(url_for("hours.star_levels"), 303)
