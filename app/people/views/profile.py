"""Name, birth date, note and phones of a member, changed by the branch."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.people import forms, queries, service
from app.people.views.access import editable, opened
from app.people.views.common import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/people/<int:person_id>/profile")
@requires(Action.PERSON_EDIT)
def profile(person_id: int) -> Response:
    opened(person_id)
    return _page(person_id, {})


@bp.post("/people/<int:person_id>/profile")
@requires(Action.PERSON_EDIT)
def edit_profile(person_id: int) -> Response:
    editable(person_id)
    actor = current_actor()
    try:
        given = forms.profile(request.form, clock.today())
        changed = in_transaction(
            lambda: service.edit_profile(person_id, given.name, given.gender, given.birth_date, given.note, actor.person_id)
        )
    except Invalid as fault:
        return _page(person_id, fault.fields)
    flash("资料已改好。" if changed else "没有改动。", "yes" if changed else "info")
    return redirect(url_for("pages.member_page", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/phones")
@requires(Action.PERSON_EDIT)
def add_phone(person_id: int) -> Response:
    editable(person_id)
    actor, today = current_actor(), clock.today()
    try:
        number = forms.number(request.form)
        in_transaction(lambda: service.add_number(person_id, number, today, actor.person_id))
    except Invalid as fault:
        return _page(person_id, fault.fields)
    except Conflict as fault:
        return _page(person_id, {"phone": fault.message})
    flash("号码已加上。", "yes")
    return redirect(url_for("people.profile", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/phones/<int:phone_id>/closing")
@requires(Action.PERSON_EDIT)
def close_phone(person_id: int, phone_id: int) -> Response:
    editable(person_id)
    actor, today = current_actor(), clock.today()
    in_transaction(lambda: service.close_number(person_id, phone_id, today, actor.person_id))
    flash("这个号码不再用了。", "yes")
    return redirect(url_for("people.profile", person_id=person_id), 303)


def _page(person_id: int, faults: dict[str, str]) -> Response:
    today = clock.today()
    person = queries.profile(person_id)
    return render(
        "people/profile.html",
        status=422 if faults else 200,
        person=person,
        phones=queries.phone_history(person_id),
        age=queries.minor(person_id, today),
        kept=kept(request.form),
        faults=faults,
    )
