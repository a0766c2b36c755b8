"""A member's own page: report in, take something on, give it back, read what was said."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.pledges import forms, queries, service
from app.pledges.rules import GRADE_NAMES, OFFER_NAMES
from app.pledges.views import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render


@bp.get("/report-in")
@signed_in
def report_in() -> Response:
    return own_page()


def own_page(faults: dict[str, str] | None = None) -> Response:
    actor, today = current_actor(), clock.today()
    reported = queries.of_person(actor.person_id, today)
    offers = queries.offers_of(reported.report.unit_id, today) if reported.report else []
    return render(
        "pledges/report_in.html",
        status=422 if faults else 200,
        reported=reported,
        offers=[one for one in offers if one.is_open(today)],
        member=queries.is_party_member(actor.person_id, today),
        communities=queries.communities(),
        offer_names=OFFER_NAMES,
        grade_names=GRADE_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/report-in")
@signed_in
def do_report_in() -> Response:
    actor, now = current_actor(), clock.now()
    try:
        unit_id = forms.community(request.form, [one.id for one in queries.communities()])
        fresh = in_transaction(lambda: service.report_in(actor.person_id, unit_id, actor.person_id, now))
    except Invalid as error:
        return own_page(error.fields)
    flash("报到好了，社区和您的支部都知道了。" if fresh else "您已经在这里报到了。", "yes" if fresh else "info")
    return redirect(url_for("pledges.report_in"), 303)


@bp.get("/report-in/closing")
@signed_in
def ending() -> Response:
    """What ends with the report, before it does."""
    actor, today = current_actor(), clock.today()
    reported = queries.of_person(actor.person_id, today)
    if reported.report is None:
        return redirect(url_for("pledges.report_in"))
    return render("pledges/ending.html", reported=reported, person=None, offer_names=OFFER_NAMES)


@bp.post("/report-in/closing")
@signed_in
def end_report() -> Response:
    actor, now = current_actor(), clock.now()
    unit_id = request.form.get("unit", 0, type=int)
    try:
        given_back = in_transaction(lambda: service.end_report(actor.person_id, unit_id, actor.person_id, now))
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(f"报到结束了，退回认领 {given_back} 项。" if given_back else "报到结束了。", "yes")
    return redirect(url_for("pledges.report_in"), 303)


@bp.post("/offers/<int:offer_id>/pledges")
@signed_in
def pledge(offer_id: int) -> Response:
    """认领. A second tap changes nothing; a full offer says so."""
    actor, now = current_actor(), clock.now()
    offer = queries.offer(offer_id)
    report = queries.report_of(actor.person_id, clock.today())
    if offer is None or report is None or report.unit_id != offer.unit_id:
        raise NotFound
    try:
        fresh = in_transaction(lambda: service.pledge(offer_id, actor.person_id, actor.person_id, now))
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
        return redirect(url_for("pledges.report_in"), 303)
    flash(f"认领了“{offer.title}”，社区会和您联系。" if fresh else f"您已经认领了“{offer.title}”。", "yes" if fresh else "info")
    return redirect(url_for("pledges.report_in"), 303)


@bp.post("/pledges/<int:pledge_id>/withdrawal")
@signed_in
def withdraw(pledge_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    try:
        in_transaction(lambda: service.withdraw(pledge_id, actor.person_id, now))
        flash("退回了，名额让给别人。", "yes")
    except Conflict as error:
        flash(error.message, "info")
    return redirect(url_for("pledges.report_in"), 303)
