"""Rounds, and the local rule: days to connect, days until names and phones are erased."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.people.queries import is_below
from app.people.queries.units import of_the_subdistrict
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.wishes import forms
from app.wishes.queries import rounds as read
from app.wishes.queries.facts import rule
from app.wishes.service import rounds as service
from app.wishes.views.common import bp


def _units() -> list[tuple[int, str]]:
    found = people.units_below(current_actor().roots(Action.WISH_MANAGE), clock.today(), service.OF_ROUNDS)
    return [(one.id, one.name) for one in found]


@bp.get("/fund/wishes/rounds")
@requires(Action.WISH_READ)
def rounds() -> Response:
    return _rounds_page({})


def _rounds_page(faults: dict[str, str], at: int = 0) -> Response:
    """`at`: the round whose last day was filled in, 0 for a new one."""
    actor, today = current_actor(), clock.today()
    found = read.rounds_in(actor.roots(Action.WISH_READ), today)
    own = {one for one, _ in _units()} if actor.may(Action.WISH_MANAGE) else set()
    return render(
        "wishes/rounds.html",
        status=422 if faults else 200,
        rounds=read.round_figures(found[:24], today),
        units=_units() if own else [],
        own=own,
        kept=kept(request.form) if faults and not at else {},
        faults=faults,
        at=at,
    )


@bp.post("/fund/wishes/rounds")
@requires(Action.WISH_MANAGE)
def announce() -> Response:
    actor, now, today = current_actor(), clock.now(), clock.today()
    try:
        new = forms.new_round(request.form, [one for one, _ in _units()])
        in_transaction(lambda: service.announce(new.unit_id, new.name, new.opens_on, new.closes_on, actor.person_id, now, today))
    except Invalid as error:
        return _rounds_page(error.fields)
    flash("定好了。上一轮没人认领的，这一轮排在最前。", "yes")
    return redirect(url_for("wishes.rounds"), 303)


@bp.post("/fund/wishes/rounds/<int:round_id>/end")
@requires(Action.WISH_MANAGE)
def move_end(round_id: int) -> Response:
    actor, today, found = current_actor(), clock.today(), read.round_row(round_id)
    if found is None or not is_below(found.unit_id, actor.roots(Action.WISH_MANAGE), today):
        raise NotFound
    try:
        closes_on = forms.last_day(request.form)
        in_transaction(lambda: service.move_end(round_id, closes_on, actor.person_id, today))
    except Invalid as error:
        return _rounds_page(error.fields, round_id)
    except Conflict as error:
        flash(error.message, "warn")
        return redirect(url_for("wishes.rounds"), 303)
    flash("最后一天改好了。", "yes")
    return redirect(url_for("wishes.rounds"), 303)


@bp.get("/fund/wishes/rule")
@requires(Action.RULES_READ)
def local_rule() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _rule_page({})


def _rule_page(faults: dict[str, str]) -> Response:
    return render("wishes/rule.html", status=422 if faults else 200, rule=rule(), kept=kept(request.form) if faults else {}, faults=faults)


@bp.post("/fund/wishes/rule")
@requires(Action.UNIT_MANAGE)
def set_rule() -> Response:
    actor, now = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE), clock.now()
    try:
        given = forms.rule(request.form)
    except Invalid as error:
        return _rule_page(error.fields)
    in_transaction(lambda: service.set_rule(given, actor.person_id, now))
    flash("改好了，以后认领的按新的算。", "yes")
    return redirect(url_for("wishes.local_rule"), 303)
