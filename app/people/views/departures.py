"""Somebody leaves the subdistrict's branches for good; a leaving, or a transfer, that was a mistake is taken back while it is fresh."""

from flask import flash, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people import forms, queries, service
from app.people.rules import DEPARTURE_NAMES
from app.people.views.access import editable, opened
from app.people.views.common import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/people/<int:person_id>/departure")
@requires(Action.PERSON_EDIT)
def departure(person_id: int) -> Response:
    return _page(person_id, {})


@bp.post("/people/<int:person_id>/departure")
@requires(Action.PERSON_EDIT)
def depart(person_id: int) -> Response:
    """`from` is the branch that the page showed: somebody else may have been quicker."""
    person = editable(person_id)
    actor, today, from_id = current_actor(), clock.today(), request.form.get("from", type=int)
    try:
        given = forms.departure(request.form)
        keep = forms.to_keep(request.form)
        in_transaction(
            lambda: service.depart(person_id, from_id or 0, given.reason, given.note, given.on, actor.person_id, today, keep=keep)
        )
    except Invalid as fault:
        return _page(person_id, fault.fields)
    except Conflict as fault:
        return _page(person_id, {"reason": fault.message})
    flash(f"记好了，{person.name}不再是支部的成员。时长和记录都留着。记错了，今明两天可以在支部页撤回。", "yes")
    return _back(from_id)


@bp.post("/departures/<int:departure_id>/undoing")
@requires(Action.PERSON_EDIT)
def take_departure_back(departure_id: int) -> Response:
    """For who may edit the members of the branch that was left. What somebody else holds by now stays theirs."""
    actor, today = current_actor(), clock.today()
    row = queries.departure(departure_id)
    if row is None or not queries.is_below(row.from_id, actor.roots(Action.PERSON_EDIT), today):
        raise NotFound
    said, tone = f"撤回了，{row.name}还在原来的支部，职责和岗位也照旧。", "yes"
    try:
        try:
            in_transaction(lambda: service.take_back(departure_id, actor.person_id, today))
        except IntegrityError:
            in_transaction(lambda: service.take_back(departure_id, actor.person_id, today, with_held=False))
            said, tone = f"撤回了，{row.name}还在原来的支部。职责和岗位有的已经给了别人，没有恢复，请看一眼。", "warn"
    except Conflict as fault:
        said, tone = fault.message, "warn"
    flash(said, tone)
    return _back(row.from_id)


def _back(unit_id: int | None) -> Response:
    if unit_id is not None and current_actor().may(Action.BRANCH_READ):
        return redirect(url_for("pages.branch", unit=unit_id), 303)
    return redirect(url_for("people.directory"), 303)


def _page(person_id: int, faults: dict[str, str]) -> Response:
    person = editable(person_id) if faults else opened(person_id)
    if person.home_id is None:
        raise NotFound
    today = clock.today()
    own = person_id == current_actor().person_id
    held = service.held_by([person_id], today)
    reasons = [(reason.value, words) for reason, words in DEPARTURE_NAMES.items()]
    since = next((tie.since for tie in queries.ties_of([person_id], today).get(person_id, ()) if tie.unit_id == person.home_id), None)
    status = 422 if faults else 200
    return render(
        "people/departure.html",
        status=status,
        person=person,
        since=since,
        own=own,
        held=held,
        reasons=reasons,
        kept=kept(request.form),
        faults=faults,
    )
