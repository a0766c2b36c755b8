"""iCalendar: one's own under a secret address, and a unit's for anyone. A 304 is told before anything is written."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities.calendar_rules import Entry, etag_of, feed_token, read_feed_token, written
from app.activities.queries import calendars as queries
from app.activities.service import calendars as service
from app.activities.views.common import bp, settings
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.people import queries as people
from app.webkit.guards import current_actor, public, signed_in
from app.webkit.htmx import render

OWN_NAME = "我的志愿活动"


@bp.get("/me/calendar")
@signed_in
def my_calendar() -> Response:
    """The secret address with how to subscribe; before it was asked for, what it is."""
    feed = queries.feed_of(current_actor().person_id)
    path = url_for("activities.own_feed", token=feed_token(settings().secret_key, feed.id)) if feed else None
    return render("activities/my_calendar.html", feed=feed, **(_addresses(path) if path else {}))


def _addresses(path: str) -> dict[str, Any]:
    """The https address, the same for phones that subscribe by themselves, and the file."""
    site = settings().public_url
    return {"address": site + path, "subscribe": f"webcal://{site.partition('://')[2]}{path}", "file": path}


@bp.post("/me/calendar")
@signed_in
def open_calendar() -> BaseResponse:
    person_id = current_actor().person_id
    in_transaction(lambda: service.open_feed(person_id, clock.now()))
    return redirect(url_for("activities.my_calendar"), 303)


@bp.post("/me/calendar/renewal")
@signed_in
def renew_calendar() -> BaseResponse:
    """`feed`: the one that is to be replaced, so that a second press replaces nothing more."""
    person_id, feed_id = current_actor().person_id, request.form.get("feed", 0, type=int)
    in_transaction(lambda: service.renew_feed(person_id, feed_id, clock.now()))
    flash("换好了。旧地址从现在起打不开，请用新地址再订阅一次。", "yes")
    return redirect(url_for("activities.my_calendar"), 303)


@bp.post("/me/calendar/revocation")
@signed_in
def revoke_calendar() -> BaseResponse:
    person_id, feed_id = current_actor().person_id, request.form.get("feed", 0, type=int)
    in_transaction(lambda: service.revoke_feed(person_id, feed_id, clock.now()))
    flash("停了，旧地址打不开了。手机日历里的那一份，请在手机上删掉。", "yes")
    return redirect(url_for("activities.my_calendar"), 303)


@bp.get("/calendars/<token>.ics")
@public
def own_feed(token: str) -> Response:
    """Whoever has the address reads it, and nobody else: a token that is unknown or revoked is a 404."""
    feed_id = read_feed_token(settings().secret_key, token)
    feed = queries.feed(feed_id) if feed_id is not None else None
    if feed is None:
        raise NotFound
    entries = queries.own_entries(people.who_now(feed.person_id), clock.now())
    return _calendar(OWN_NAME, entries, "private, no-cache", "my-activities.ics")


@bp.get("/units/<int:unit_id>/calendar")
@public
def unit_calendar(unit_id: int) -> Response:
    """How to subscribe to what a unit and those below it hold."""
    unit = _unit(unit_id)
    return render("activities/unit_calendar.html", unit=unit, **_addresses(url_for("activities.unit_feed", unit_id=unit.id)))


@bp.get("/units/<int:unit_id>/activities.ics")
@public
def unit_feed(unit_id: int) -> Response:
    """What is published, without a name of anyone."""
    unit = _unit(unit_id)
    entries = queries.unit_entries(unit.id, clock.now(), clock.today())
    return _calendar(f"{unit.name}的活动", entries, "public, max-age=900", f"unit-{unit.id}.ics")


def _unit(unit_id: int) -> people.UnitRow:
    found = people.unit(unit_id)
    if found is None:
        raise NotFound
    return found


def _calendar(name: str, entries: Sequence[Entry], cached: str, file: str) -> Response:
    site = settings().public_url
    etag = etag_of(name, entries, site)
    if request.if_none_match.contains(etag):
        response = make_response("", 304)
    else:
        response = make_response(written(name, entries, site))
        response.headers["Content-Disposition"] = f"inline; filename={file}"
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = cached
    response.set_etag(etag)
    return response
