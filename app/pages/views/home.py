"""首页: what now? And the look that a browser chose."""

from datetime import date

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.checkin import queries as checkin
from app.core import clock
from app.core.permissions import Action
from app.core.words import greeting
from app.hours import queries as hours
from app.hours.rules import PeriodKind, period
from app.pages import setup_queries
from app.pages.views import bp
from app.people import queries as people
from app.points import queries as points
from app.points.rules import SchemeKind
from app.requirements import queries as requirements
from app.webkit.guards import actor_or_none, local_path, public
from app.webkit.htmx import render


@bp.get("/")
@public
def home() -> Response:
    actor, now, today = actor_or_none(), clock.now(), clock.today()
    if actor is None:
        return render("pages/welcome.html", upcoming=activities.upcoming(None, today, 5), root=people.root_unit())
    upcoming = activities.next_signup(actor.person_id, now)
    shown = upcoming.activity.id if upcoming else None
    month = period(PeriodKind.MONTH, today).key
    all_points = points.totals([actor.person_id], SchemeKind.VOLUNTEER, "all").get(actor.person_id, 0)
    return render(
        "pages/home.html",
        greeting=greeting(now),
        times=checkin.times_served(actor.person_id, clock.at_local(date(today.year, 1, 1))),
        me=people.person(actor.person_id, today),
        next=upcoming,
        inside=checkin.inside_now(actor.person_id, now),
        progress=requirements.progress_of([actor.person_id], today).get(actor.person_id, []),
        sums=hours.sums(actor.person_id),
        points_all=all_points,
        points_month=points.totals([actor.person_id], SchemeKind.VOLUNTEER, month).get(actor.person_id, 0),
        upcoming=[entry for entry in activities.upcoming(actor.person_id, today, 5) if entry.activity.id != shown],
        root=people.root_unit(),
        setup=setup_queries.progress() if actor.may(Action.UNIT_MANAGE) else None,
    )


@bp.post("/look")
@public
def set_look() -> BaseResponse:
    """大字版 and the theme: a choice of this browser, kept in a plain cookie. What is not named stays as it was."""
    before = request.cookies.get("look", "").split()
    size = request.form.get("size", "big" if "big" in before else "")
    theme = request.form.get("theme", next((word for word in before if word in {"dark", "light"}), ""))
    look = " ".join(word for word in (size, theme) if word in {"big", "dark", "light"})
    response = redirect(local_path(request.form.get("next")) or url_for("pages.home"), 303)
    response.set_cookie(
        "look", look, max_age=400 * 86400, samesite="Lax", httponly=True, secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response
