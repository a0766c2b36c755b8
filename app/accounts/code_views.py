"""Codes made for others, in person or on slips of paper. A code is shown once, on the answer to the POST that made it:
only its digest is kept, so there is no page to go back to."""

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from app.accounts import helping, login, queries, service
from app.accounts.blueprint import bp
from app.accounts.confirming import recently
from app.accounts.rules import CODE_LIFETIME, RESET_LIFETIME, shown_code
from app.core import clock
from app.core.actor import Actor
from app.core.config import Settings
from app.core.db import in_transaction
from app.core.errors import NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.people.naming import tidy_phone
from app.webkit.forms import clean
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/codes")
@requires(Action.ACCOUNT_RESET)
def codes() -> Response:
    return render("accounts/codes.html", asked="", found=None)


@bp.post("/codes")
@requires(Action.ACCOUNT_RESET)
def find_person() -> Response:
    """A search that is posted, so that no name and no number stands in an address."""
    actor = current_actor()
    asked = clean(request.form.get("asked", ""))[:40]
    digits = tidy_phone(asked)
    words = digits if digits.isdigit() else asked
    found = helping.find_helpable(words, actor.roots(Action.ACCOUNT_RESET), clock.today()) if words else []
    return render("accounts/codes.html", asked=asked, found=found)


@bp.get("/people/<int:person_id>/code")
@requires(Action.ACCOUNT_RESET)
def person_code(person_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    person, refusal = _helpable(actor, person_id), _refusal(actor, person_id)
    refusal = refusal or helping.code_after_reset(actor.person_id, person_id, now)
    held = queries.factor_of(person_id) if actor.may(Action.STAFF_RESET) else None
    kept = helping.reset_after_code(actor.person_id, person_id, now) if held else None
    return render("accounts/person_code.html", person=person, refusal=refusal, code=None, has_factor=held is not None, kept=kept)


@bp.post("/people/<int:person_id>/code")
@requires(Action.ACCOUNT_RESET)
@recently
def make_person_code(person_id: int) -> Response:
    actor = current_actor()
    person, refusal, now = _helpable(actor, person_id), _refusal(actor, person_id), clock.now()
    if refusal:
        raise Refused(refusal)
    code = in_transaction(lambda: service.make_code(person_id, actor.person_id, login.secret_key(), now))
    until = now + (RESET_LIFETIME if person.has_account else CODE_LIFETIME)
    return render("accounts/person_code.html", person=person, refusal=None, code=shown_code(code), address=_address(code), until=until)


@bp.get("/branch/<int:unit_id>/slips")
@requires(Action.ACCOUNT_RESET)
def slips(unit_id: int) -> Response:
    actor = current_actor()
    unit = _unit(actor, unit_id)
    return render("accounts/slips.html", unit=unit, found=helping.without_account(unit_id, actor, clock.now()), most=helping.SLIPS_AT_ONCE)


@bp.post("/branch/<int:unit_id>/slips")
@requires(Action.ACCOUNT_RESET)
@recently
def make_slips(unit_id: int) -> Response:
    """Codes for the members without an account, a batch at a time; those whose earlier slip still holds only when asked for."""
    actor, now = current_actor(), clock.now()
    unit, again = _unit(actor, unit_id), request.form.get("again") == "yes"
    rows = helping.next_slips(unit_id, actor, now, again=again)
    made = in_transaction(lambda: service.make_codes([row.person_id for row in rows], actor.person_id, login.secret_key(), now))
    printed = [(row, shown_code(made[row.person_id]), _address(made[row.person_id])) for row in rows]
    left = helping.without_account(unit_id, actor, now).fresh
    return render("accounts/slips_printed.html", unit=unit, slips=printed, until=now + CODE_LIFETIME, left=left)


def _address(code: str) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url + url_for("accounts.activation", code=code)


def _helpable(actor: Actor, person_id: int) -> helping.HelpRow:
    person = helping.helpable(person_id, actor.roots(Action.ACCOUNT_RESET), clock.today())
    if person is None:
        raise NotFound
    return person


def _refusal(actor: Actor, person_id: int) -> str | None:
    return helping.code_refusal(actor, person_id, clock.today())


def _unit(actor: Actor, unit_id: int) -> people.UnitRow:
    unit = people.unit(unit_id)
    if unit is None or not people.is_below(unit_id, actor.roots(Action.ACCOUNT_RESET), clock.today()):
        raise NotFound
    return unit
