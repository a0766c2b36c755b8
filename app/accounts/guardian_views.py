"""A guardian's consent for somebody under 14, written down by an organiser or a secretary while the guardian stands there."""

from datetime import date

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import helping
from app.accounts.blueprint import bp
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people import forms as people_forms
from app.people import queries as people
from app.people import service as people_service
from app.people.rules import GIVEN_HOW_NAMES, RELATION_NAMES, GivenHow, minor_until
from app.webkit.forms import Form, kept
from app.webkit.guards import current_actor, local_path, requires
from app.webkit.htmx import render


@bp.get("/people/<int:person_id>/guardian")
@requires(Action.PERSON_CONFIRM)
def guardian(person_id: int) -> Response:
    _in_reach(person_id)
    actor = current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))
    return _page(person_id, {})


@bp.post("/people/<int:person_id>/guardian")
@requires(Action.PERSON_CONFIRM)
def record_guardian(person_id: int) -> Response:
    """Where neither birth date nor age is known, the year of birth is asked for too; of a confirmed person only from who may edit them."""
    _in_reach(person_id)
    actor, now, today = current_actor(), clock.now(), clock.today()
    try:
        given = people_forms.guardian(request.form)
        until = None if people.minor(person_id, today).minor else _said_age()
        editing = people.sight(person_id, actor.roots(Action.PERSON_EDIT), today) is people.Sight.HOME
        in_transaction(
            lambda: people_service.record_guardian(
                person_id, given.name, given.phone, given.relation, given.given_how, actor.person_id, now, until=until, editing=editing
            )
        )
    except Invalid as fault:
        return _page(person_id, fault.fields)
    except Conflict as fault:
        return _page(person_id, {"guardian_name": fault.message})
    flash("监护人的同意已记下。", "yes")
    return redirect(local_path(request.form.get("next")) or url_for("accounts.guardian", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/guardian/withdrawal")
@requires(Action.PERSON_CONFIRM)
def withdraw_guardian(person_id: int) -> Response:
    _in_reach(person_id)
    actor, now = current_actor(), clock.now()
    in_transaction(lambda: people_service.withdraw_guardian(person_id, actor.person_id, now))
    flash("已收回，马上生效。", "yes")
    return redirect(url_for("accounts.guardian", person_id=person_id), 303)


def _said_age() -> date:
    form = Form(request.form)
    year = people_forms.birth_year(form, clock.today())
    form.done()
    if year is None:
        raise Invalid(form.faults)
    return minor_until(year)


def _in_reach(person_id: int) -> None:
    """Members below the actor's units, and those who belong nowhere yet; as with codes given in person."""
    if helping.helpable(person_id, current_actor().roots(Action.PERSON_CONFIRM), clock.today()) is None:
        raise NotFound


def _page(person_id: int, faults: dict[str, str]) -> Response:
    today = clock.today()
    return render(
        "accounts/guardian.html",
        status=422 if faults else 200,
        person=people.person(person_id, today),
        age=people.minor(person_id, today),
        relations=RELATION_NAMES,
        ways={how: words for how, words in GIVEN_HOW_NAMES.items() if how is not GivenHow.BY_ACCOUNT},
        way_names=GIVEN_HOW_NAMES,
        onward=local_path(request.values.get("next")),
        own=person_id == current_actor().person_id,
        kept=kept(request.form),
        faults=faults,
    )
