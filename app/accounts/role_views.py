"""Who has which role where: given and ended by those whom the table names, never for oneself."""

from flask import flash, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.accounts import forms, granting, helping, queries
from app.accounts.blueprint import bp
from app.accounts.confirming import recently
from app.accounts.queries import GrantRow, Standing
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound, Refused
from app.core.permissions import ALWAYS_DATED, ROLE_NAMES, Action, Role
from app.core.words import full_day
from app.people import queries as people
from app.people.rules import UNIT_KIND_NAMES
from app.webkit.forms import clean, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

OFFERED, LONGEST = 12, 40  # units at a time, letters of a search


@bp.get("/roles")
@requires(Action.ROLE_READ)
def roles() -> Response:
    """Those that hold and those to come; with ?past=yes the ended ones too."""
    past = request.args.get("past") == "yes"
    grants = queries.grants(current_actor().roots(Action.ROLE_READ), clock.today(), past=past)
    return render("accounts/roles.html", grants=grants, names=ROLE_NAMES, past=past, Standing=Standing)


@bp.get("/people/<int:person_id>/roles")
@requires(Action.ROLE_READ)
def person_roles(person_id: int) -> Response:
    return _page(current_actor(), person_id)


@bp.post("/people/<int:person_id>/roles")
@requires(Action.ROLE_GRANT)
@recently
def give_role(person_id: int) -> Response:
    actor, today = current_actor(), clock.today()
    person = _person(actor, person_id, Action.ROLE_GRANT)
    if person_id == actor.person_id:
        raise Refused(granting.NOT_OWN)
    if not person.confirmed:
        raise Refused("还没有核实他是谁，不能给职责。请先核实。")
    units = people.units_below(actor.roots(Action.ROLE_GRANT), today)
    try:
        given = forms.appointment(request.form, [unit.id for unit in units], givable(actor), today)
        until = granting.day_after(given.last_day)
        if not person.has_account and request.form.get("sure") != "1":
            raise Invalid({"sure": "他还没有开通账号。确实要先给，请勾选这里；不急就先让他开通"})
        in_transaction(lambda: granting.appoint(actor, person_id, given.role, given.unit_id, given.from_day, until))
    except Invalid as fault:
        return _page(actor, person_id, fault)
    except IntegrityError as error:
        return _page(actor, person_id, Invalid({"role": granting.fault_of(error).message}))
    flash(f"{person.name}从{'今天' if given.from_day == today else full_day(given.from_day)}起是{ROLE_NAMES[given.role]}。", "yes")
    return redirect(url_for("accounts.person_roles", person_id=person_id), 303)


@bp.post("/roles/<int:grant_id>/end")
@requires(Action.ROLE_GRANT)
@recently
def end_role(grant_id: int) -> Response:
    actor, today = current_actor(), clock.today()
    found = next((row for row in queries.grants(actor.roots(Action.ROLE_GRANT), today) if row.id == grant_id), None)
    if found is None:
        raise NotFound
    in_transaction(lambda: granting.end_role(actor, found, today))
    flash(f"{found.name}不再是{found.unit_name}的{ROLE_NAMES[found.role]}，马上生效。", "yes")
    return redirect(url_for("accounts.person_roles", person_id=found.person_id), 303)


def givable(actor: Actor) -> list[Role]:
    """What this actor may give somewhere."""
    return [role for role in Role if any(actor.giving(role))]


def _person(actor: Actor, person_id: int, action: Action) -> helping.HelpRow:
    person = helping.helpable(person_id, actor.roots(action), clock.today())
    if person is None:
        raise NotFound
    return person


def _page(actor: Actor, person_id: int, fault: Invalid | None = None) -> Response:
    today = clock.today()
    grants = queries.grants(actor.roots(Action.ROLE_READ), today, person_id, past=True)
    below = people.units_below(actor.roots(Action.ROLE_GRANT), today)
    own, person = person_id == actor.person_id, _person(actor, person_id, Action.ROLE_READ)
    words = clean(request.values.get("q", ""))[:LONGEST]
    units, more = _offered(below, words, person_id, request.form.get("unit", type=int))
    return render(
        "accounts/person_roles.html",
        status=422 if fault else 200,
        person=person,
        helpers=[] if person.has_account else helping.who_resets(person_id, today),
        grants=grants,
        endable=set() if own else {row.id for row in grants if _endable(actor, row, {unit.id for unit in below})},
        units=units,
        more=more,
        many=len(below) > OFFERED,
        words=words,
        givable=[(role.value, ROLE_NAMES[role]) for role in givable(actor)],
        dated="、".join(ROLE_NAMES[role] for role in givable(actor) if role in ALWAYS_DATED),
        names=ROLE_NAMES,
        Standing=Standing,
        faults=fault.fields if fault else {},
        kept=kept(request.form),
        own=own,
    )


def _offered(below: list[people.UnitRow], words: str, person_id: int, chosen: int | None) -> tuple[list[people.UnitChoice], bool]:
    """What the role may be for: those that the words fit; of many without words the person's own unit and what stands above it.

    What was chosen before stays, in front.
    """
    home = people.home_unit_on(person_id, clock.today())
    own = {step.id for step in people.unit_path_on(home, clock.today())} if home else set()
    known = {unit.id: unit for unit in below}
    fitting = [known[one.id] for one in people.fitting(words, [(unit.id, unit.name) for unit in below], clock.today())] if words else below
    if not words and len(below) > OFFERED:
        fitting = [unit for unit in below if unit.id in own]
    shown = fitting[:OFFERED]
    shown = [unit for unit in below if unit.id == chosen and unit not in shown] + shown
    return [people.UnitChoice(unit.id, unit.name, UNIT_KIND_NAMES[unit.kind]) for unit in shown], len(fitting) > OFFERED


def _endable(actor: Actor, row: GrantRow, below: set[int]) -> bool:
    """Whether the button is worth showing; the service decides."""
    roots, alone = actor.giving(row.role)
    return row.standing is not Standing.ENDED and (row.unit_id in alone or (bool(roots) and row.unit_id in below))
