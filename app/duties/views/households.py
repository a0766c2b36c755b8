"""户联系: one's own posts and households, and those of a branch for its secretary."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.duties import forms, queries, service
from app.duties.rules import POST_KIND_NAMES
from app.duties.views import bp
from app.duties.views.posts import chosen_unit
from app.people import queries as people
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render


@bp.get("/me/duties")
@signed_in
def mine() -> Response:
    return own_page()


def own_page(faults: dict[str, str] | None = None) -> Response:
    """我的岗位, and the households one keeps in touch with; who has no home branch yet can add none."""
    actor, today = current_actor(), clock.today()
    home = people.home_unit_on(actor.person_id, today)
    return render(
        "duties/mine.html",
        status=422 if faults else 200,
        duties=queries.of_person(actor.person_id, today),
        places=queries.places_near(home, today) if home else [],
        kind_names=POST_KIND_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/me/households")
@signed_in
def add_own() -> Response:
    actor, now, today = current_actor(), clock.now(), clock.today()
    home = people.home_unit_on(actor.person_id, today)
    if home is None:
        raise NotFound
    try:
        wanted = forms.household(request.form, queries.places_near(home, today))
    except Invalid as error:
        return own_page(error.fields)
    fresh = in_transaction(lambda: service.keep_in_touch(actor.person_id, wanted.place_id, wanted.words, actor.person_id, now))
    flash("记下了。" if fresh else "这一户已经记着了。", "yes" if fresh else "info")
    return redirect(url_for("duties.mine"), 303)


@bp.post("/me/households/<int:contact_id>/closing")
@signed_in
def close_own(contact_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    contact = queries.contact(contact_id, clock.today())
    if contact is None or contact.person_id != actor.person_id:
        raise NotFound
    in_transaction(lambda: service.close_contact(contact_id, actor.person_id, now))
    flash(f"不再联系{contact.household}，以前的还留着底。", "yes")
    return redirect(url_for("duties.mine"), 303)


@bp.get("/households")
@requires(Action.PERSON_READ)
def branch_households() -> Response:
    return households_page()


def households_page(faults: dict[str, str] | None = None) -> Response:
    """Members of one unit with the households they keep in touch with; five queries however many there are."""
    actor, today = current_actor(), clock.today()
    unit = chosen_unit(actor, Action.PERSON_READ)
    members = people.members([unit.id], today)
    households = queries.households_of([one.person_id for one in members])
    return render(
        "duties/households.html",
        status=422 if faults else 200,
        around=queries.around(unit, actor.roots(Action.PERSON_READ), today),
        members=members,
        households=households,
        places=queries.places_near(unit.id, today),
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/households")
@requires(Action.PERSON_EDIT)
def add_household() -> Response:
    """The secretary notes one for a member of the unit."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    unit = chosen_unit(actor, Action.PERSON_EDIT)
    names = {one.person_id: one.name for one in people.members([unit.id], today)}
    try:
        person_id = forms.member(request.form, names)
        wanted = forms.household(request.form, queries.places_near(unit.id, today))
    except Invalid as error:
        return households_page(error.fields)
    fresh = in_transaction(lambda: service.keep_in_touch(person_id, wanted.place_id, wanted.words, actor.person_id, now))
    flash(f"给{names[person_id]}记下了。" if fresh else "这一户已经记着了。", "yes" if fresh else "info")
    return redirect(url_for("duties.branch_households", unit=unit.id), 303)


@bp.post("/households/<int:contact_id>/closing")
@requires(Action.PERSON_EDIT)
def close_household(contact_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    contact = queries.contact(contact_id, clock.today())
    if contact is None or contact.home_id is None or not is_below(contact.home_id, actor.roots(Action.PERSON_EDIT), clock.today()):
        raise NotFound
    in_transaction(lambda: service.close_contact(contact_id, actor.person_id, now))
    flash(f"{contact.name}不再联系{contact.household}，以前的还留着底。", "yes")
    return redirect(url_for("duties.branch_households", unit=contact.home_id), 303)
