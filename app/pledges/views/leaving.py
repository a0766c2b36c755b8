"""结束报到, recorded by the home branch or by the community: they moved away, or it was noted for the wrong person."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.people.queries import PersonRow, is_below
from app.pledges import queries, service
from app.pledges.queries import Report
from app.pledges.rules import OFFER_NAMES
from app.pledges.views import bp
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def reported_member(person_id: int) -> tuple[PersonRow, Report | None, bool]:
    """Somebody at home (True), or who has reported in, where the actor edits people; with where they have reported in."""
    today, roots = clock.today(), current_actor().roots(Action.PERSON_EDIT)
    person, report = people.person(person_id, today), queries.report_of(person_id, today)
    if person is None:
        raise NotFound
    at_home = person.home_id is not None and is_below(person.home_id, roots, today)
    if not at_home and (report is None or not is_below(report.unit_id, roots, today)):
        raise NotFound
    return person, report, at_home


def back_to(person: PersonRow, report: Report | None, at_home: bool) -> Response:
    if at_home or report is None:
        return redirect(url_for("pledges.report_for", person_id=person.id), 303)
    return redirect(url_for("pledges.index", unit=report.unit_id), 303)


@bp.get("/pledges/people/<int:person_id>/closing")
@requires(Action.PERSON_EDIT)
def ending_for(person_id: int) -> Response:
    person, report, at_home = reported_member(person_id)
    if report is None:
        return back_to(person, report, at_home)
    reported = queries.of_person(person_id, clock.today())
    return render("pledges/ending.html", reported=reported, person=person, at_home=at_home, offer_names=OFFER_NAMES)


@bp.post("/pledges/people/<int:person_id>/closing")
@requires(Action.PERSON_EDIT)
def end_report_for(person_id: int) -> Response:
    person, report, at_home = reported_member(person_id)
    actor, now = current_actor(), clock.now()
    unit_id = request.form.get("unit", 0, type=int)
    try:
        given_back = in_transaction(lambda: service.end_report(person_id, unit_id, actor.person_id, now))
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(f"{person.name}的报到结束了{f'，退回认领 {given_back} 项' if given_back else ''}，也告诉了本人。", "yes")
    return back_to(person, report, at_home)
