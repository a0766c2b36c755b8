"""Who has which role where: given and ended by an administrator, never for oneself."""

from flask import flash, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.accounts import forms, helping, queries, service
from app.accounts.blueprint import bp
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import ROLE_NAMES, Action
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

NOT_OWN = "自己的职责要由另一位管理员来改。"


@bp.get("/roles")
@requires(Action.ROLE_GRANT)
def roles() -> Response:
    actor = current_actor()
    return render("accounts/roles.html", grants=queries.grants(actor.roots(Action.ROLE_GRANT), clock.today()), names=ROLE_NAMES)


@bp.get("/people/<int:person_id>/roles")
@requires(Action.ROLE_GRANT)
def person_roles(person_id: int) -> Response:
    return _page(current_actor(), person_id)


@bp.post("/people/<int:person_id>/roles")
@requires(Action.ROLE_GRANT)
def give_role(person_id: int) -> Response:
    actor, today = current_actor(), clock.today()
    person = _person(actor, person_id)
    if person_id == actor.person_id:
        raise Refused(NOT_OWN)
    if not person.confirmed:
        raise Refused("还没有核实他是谁，不能给职责。请先核实。")
    units = people.units_below(actor.roots(Action.ROLE_GRANT), today)
    try:
        given = forms.appointment(request.form, [unit.id for unit in units])
    except Invalid as fault:
        return _page(actor, person_id, fault)
    try:
        in_transaction(lambda: service.grant_role(person_id, given.role, given.unit_id, today, actor.person_id))
    except IntegrityError as error:
        raise Conflict("他已经有这个职责了，没有重复添加。") from error
    flash(f"{person.name}从今天起是{ROLE_NAMES[given.role]}。", "yes")
    return redirect(url_for("accounts.person_roles", person_id=person_id), 303)


@bp.post("/roles/<int:grant_id>/end")
@requires(Action.ROLE_GRANT)
def end_role(grant_id: int) -> Response:
    actor, today = current_actor(), clock.today()
    found = next((row for row in queries.grants(actor.roots(Action.ROLE_GRANT), today) if row.id == grant_id), None)
    if found is None:
        raise NotFound
    if found.person_id == actor.person_id:
        raise Refused(NOT_OWN)
    in_transaction(lambda: service.end_role(grant_id, today, actor.person_id))
    flash(f"{found.name}不再是{found.unit_name}的{ROLE_NAMES[found.role]}，马上生效。", "yes")
    return redirect(url_for("accounts.person_roles", person_id=found.person_id), 303)


def _person(actor: Actor, person_id: int) -> helping.HelpRow:
    person = helping.helpable(person_id, actor.roots(Action.ROLE_GRANT), clock.today())
    if person is None:
        raise NotFound
    return person


def _page(actor: Actor, person_id: int, fault: Invalid | None = None) -> Response:
    roots, today = actor.roots(Action.ROLE_GRANT), clock.today()
    return render(
        "accounts/person_roles.html",
        status=422 if fault else 200,
        person=_person(actor, person_id),
        grants=queries.grants(roots, today, person_id),
        units=[(unit.id, unit.name) for unit in people.units_below(roots, today)],
        names=ROLE_NAMES,
        faults=fault.fields if fault else {},
        kept=kept(request.form),
        own=person_id == actor.person_id,
    )
