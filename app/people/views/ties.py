"""Where a member belongs: transfers, teams, 街坊会, 报到; all with dates, and what was before."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people import forms, queries, service
from app.people.queries import MembershipRow, UnitChoice
from app.people.rules import DEPARTURE_NAMES, MEMBERSHIP_NAMES, UNIT_KINDS_OF, MembershipKind
from app.people.views.access import editable, opened
from app.people.views.common import bp
from app.webkit.forms import clean, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

CHOICES = 12
JOINING = {  # 报到 is begun and changed on its own page: what was taken on at the community left goes back with it
    MembershipKind.TEAM: "加入志愿队",
    MembershipKind.NEIGHBOURS: "加入街坊会",
    MembershipKind.RESIDENT: "记下住在哪个社区",
}


@bp.get("/people/<int:person_id>/memberships")
@requires(Action.PERSON_EDIT)
def memberships(person_id: int) -> Response:
    person = opened(person_id)
    ties = queries.memberships(person_id)
    standing = [tie for tie in ties if tie.valid_to is None]
    return render(
        "people/memberships.html",
        person=person,
        standing=standing,
        past=[tie for tie in ties if tie.valid_to is not None],
        names=MEMBERSHIP_NAMES,
        gone=queries.departures_of(person_id),
        reasons=DEPARTURE_NAMES,
        joining=JOINING,
        own=person_id == current_actor().person_id,
    )


@bp.get("/people/<int:person_id>/transfer")
@requires(Action.PERSON_EDIT)
def transfer(person_id: int) -> Response:
    return _transfer_page(person_id, {})


@bp.post("/people/<int:person_id>/transfer")
@requires(Action.PERSON_EDIT)
def make_transfer(person_id: int) -> Response:
    """组织关系转移. `from` is the branch that the page showed: somebody else may have been quicker."""
    editable(person_id)
    actor, today = current_actor(), clock.today()

    def work() -> None:
        move = forms.move(request.form, [unit.id for unit in _choices(MembershipKind.HOME, None)])
        from_id, keep = request.form.get("from", type=int), forms.to_keep(request.form)
        service.transfer(person_id, from_id, move.unit_id, move.on, actor.person_id, today, keep=keep)

    return _tried(
        person_id,
        work,
        lambda faults: _transfer_page(person_id, faults),
        "组织关系已转。以前的时长留在原支部，以后的记在新支部。转错了，今明两天可以在支部页撤回。",
    )


@bp.get("/people/<int:person_id>/memberships/new")
@requires(Action.PERSON_EDIT)
def new_membership(person_id: int) -> Response:
    return _joining_page(person_id, _kind(request.args.get("kind", "")), {})


@bp.post("/people/<int:person_id>/memberships")
@requires(Action.PERSON_EDIT)
def create_membership(person_id: int) -> Response:
    editable(person_id)
    actor, today, kind = current_actor(), clock.today(), _kind(request.form.get("kind", ""))

    def work() -> None:
        move = forms.move(request.form, [unit.id for unit in _choices(kind, None)])
        service.join_unit(person_id, move.unit_id, kind, move.on, actor.person_id, today)

    return _tried(person_id, work, lambda faults: _joining_page(person_id, kind, faults), "记好了。")


@bp.get("/people/<int:person_id>/memberships/<int:membership_id>/closing")
@requires(Action.PERSON_EDIT)
def closing(person_id: int, membership_id: int) -> Response:
    return _closing_page(person_id, membership_id, {})


@bp.post("/people/<int:person_id>/memberships/<int:membership_id>/closing")
@requires(Action.PERSON_EDIT)
def close_membership(person_id: int, membership_id: int) -> Response:
    editable(person_id)
    actor, today = current_actor(), clock.today()
    _closable(person_id, membership_id)

    def work() -> None:
        service.leave_unit(person_id, membership_id, forms.day(request.form), actor.person_id, today)

    return _tried(person_id, work, lambda faults: _closing_page(person_id, membership_id, faults), "已经结束，以前的还看得到。")


def _tried(person_id: int, work: Callable[[], None], again: Callable[[dict[str, str]], Response], said: str) -> Response:
    """Do it and go to the memberships, or show the form again with what was wrong."""
    try:
        in_transaction(work)
    except Invalid as fault:
        return again(fault.fields)
    except Conflict as fault:
        return again({"unit": fault.message})
    flash(said, "yes")
    still_ours = queries.sight(person_id, current_actor().roots(Action.PERSON_READ), clock.today()) is queries.Sight.HOME
    return redirect(url_for("people.memberships", person_id=person_id) if still_ours else url_for("people.directory"), 303)


def _kind(text: str) -> MembershipKind:
    kind = forms.membership_kind(text)
    if kind is None or kind not in JOINING:
        raise NotFound
    return kind


def _choices(kind: MembershipKind, words: str | None) -> list[UnitChoice]:
    """Units of the right kinds; `words` None: all of them."""
    return queries.units_named(words or "", UNIT_KINDS_OF[kind], CHOICES + 1 if words is not None else 5000, clock.today())


def _transfer_page(person_id: int, faults: dict[str, str]) -> Response:
    person = editable(person_id) if faults else opened(person_id)
    since = next(
        (tie.since for tie in queries.ties_of([person_id], clock.today()).get(person_id, ()) if tie.unit_id == person.home_id), None
    )
    own = person_id == current_actor().person_id
    held = service.held_there(person_id, person.home_id, None, clock.today())
    return _choosing("people/transfer.html", MembershipKind.HOME, faults, person.home_id, person=person, since=since, own=own, held=held)


def _joining_page(person_id: int, kind: MembershipKind, faults: dict[str, str]) -> Response:
    person = editable(person_id) if faults else opened(person_id)
    return _choosing("people/joining.html", kind, faults, person=person, kind=kind, title=JOINING[kind])


def _choosing(template: str, of: MembershipKind, faults: dict[str, str], but: int | None = None, **context: Any) -> Response:
    """Choose one of the units of a kind; `but` is where they are."""
    words = clean(request.values.get("q", ""))[:40]
    found = [unit for unit in _choices(of, words) if unit.id != but]
    many = not words and len(found) > CHOICES
    if many:  # hundreds: first some words of the name
        found = []
    return render(
        template,
        status=422 if faults else 200,
        words=words,
        units=found[:CHOICES],
        more=len(found) > CHOICES,
        searched=bool(words),
        many=many,
        kept=kept(request.form),
        faults=faults,
        **context,
    )


def _closable(person_id: int, membership_id: int) -> MembershipRow:
    """A tie that ends on its own; the home branch is transferred, a report changed on the pages of 报到."""
    tie = next((tie for tie in queries.memberships(person_id) if tie.id == membership_id), None)
    if tie is None or tie.kind not in JOINING:
        raise NotFound
    return tie


def _closing_page(person_id: int, membership_id: int, faults: dict[str, str]) -> Response:
    person = editable(person_id) if faults else opened(person_id)
    tie = _closable(person_id, membership_id)
    return render(
        "people/closing.html",
        status=422 if faults else 200,
        person=person,
        tie=tie,
        names=MEMBERSHIP_NAMES,
        kept=kept(request.form),
        faults=faults,
    )
