"""The desk of those who handle wishes: the heaps, one wish with everything about it, keying in what was heard."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.people.rules import UnitKind
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.wishes import forms
from app.wishes.queries import desk as read
from app.wishes.queries import desk_wish as one
from app.wishes.queries import public as public_reads
from app.wishes.queries import showing
from app.wishes.queries.facts import Facts, rule
from app.wishes.queries.paying import payments_of, projects_of_wishes
from app.wishes.rules import EARLY, FULL, KEYED_IN, OVER, PUBLIC, TAKEN, PublicWords, Step
from app.wishes.service import telling as service
from app.wishes.service.words import check_words
from app.wishes.step_rules import can, consent_fault
from app.wishes.views.common import bp, communities_in, form_key, handles, short, wish_for
from app.wishes.views.public import number

MOST_UNITS = 150  # more than that nobody finds in a list
AMONG_NEIGHBOURS = frozenset(
    {UnitKind.COMMUNITY, UnitKind.NEIGHBOURS, UnitKind.SELF_GOVERNANCE, UnitKind.SOCIETY, UnitKind.OWNERS_COMMITTEE}
)


@bp.get("/fund/wishes/desk")
@requires(Action.WISH_READ)
def desk() -> Response:
    actor, today = current_actor(), clock.today()
    given = request.args.get("heap", "")
    heap, unit_id, page = given if given in read.HEAPS else read.Heap.NEW, number("unit"), max(1, number("page", 1))
    rows, counts = read.desk(actor.roots(Action.WISH_READ), today, heap, unit_id or None, page)
    return render(
        "wishes/desk.html",
        rows=rows,
        counts=counts,
        heap=heap,
        heaps=read.HEAPS,
        communities=[(one.id, short(one.name)) for one in communities_in(actor, Action.WISH_READ)],
        unit_id=unit_id,
        page_no=page,
        pages=-(-counts[heap] // read.PAGE),
        keys_in=bool(communities_in(actor, Action.WISH_MANAGE)),
    )


@bp.get("/fund/wishes/desk/new")
@requires(Action.WISH_MANAGE)
def new_at_desk() -> Response:
    return key_in_page({})


def key_in_page(faults: dict[str, str]) -> Response:
    actor = current_actor()
    return render(
        "wishes/key_in.html",
        status=422 if faults else 200,
        communities=[(one.id, short(one.name)) for one in communities_in(actor, Action.WISH_MANAGE)],
        units=_units(),
        ways=KEYED_IN,
        key=forms.key(request.form) or form_key(),
        kept=kept(request.form),
        faults=faults,
    )


def _units() -> list[tuple[int, str]]:
    """Who may say a wish in its own name, of those in scope; in a whole subdistrict those that live among the neighbours."""
    found = people.units_below(current_actor().roots(Action.WISH_MANAGE), clock.today())
    if len(found) > MOST_UNITS:
        found = [one for one in found if one.kind in AMONG_NEIGHBOURS]
    return [(one.id, one.name) for one in found]


@bp.post("/fund/wishes/desk")
@requires(Action.WISH_MANAGE)
def key_in() -> Response:
    actor, now = current_actor(), clock.now()
    communities = [one.id for one in communities_in(actor, Action.WISH_MANAGE)]
    try:
        given = forms.keyed_in(request.form, communities, [one for one, _ in _units()], actor.person_id)
        if given.words:
            _judge(given.words)
        wish_id = in_transaction(lambda: service.tell(given.telling, given.words, None, now))
    except Invalid as error:
        return key_in_page(error.fields)
    flash("记下了，等另一位核实。", "yes")
    return redirect(url_for("wishes.desk_wish", wish_id=wish_id), 303)


def _judge(words: PublicWords) -> None:
    """On this form the words for everybody stand in the field `public`."""
    try:
        check_words(None, words)
    except Invalid as error:
        raise Invalid({"public" if field == "words" else field: said for field, said in error.fields.items()}) from error


@bp.get("/fund/wishes/desk/<int:wish_id>")
@requires(Action.WISH_READ)
def desk_wish(wish_id: int) -> Response:
    return desk_page(wish_id, {})


def desk_page(wish_id: int, faults: dict[str, str]) -> Response:
    """Everything about a wish. Whom to reach is for those who handle it, the wisher excepted; that somebody looked is recorded."""
    faults = _beside_its_form(faults)
    found = wish_for(wish_id, Action.WISH_READ)
    row, actor, today = one.desk_wish(wish_id), current_actor(), clock.today()
    if row is None:
        raise NotFound
    staff = handles(found.unit_id) and found.own_id != actor.person_id
    private = one.private(wish_id, today) if staff else None
    claimer = one.claimer(wish_id, today) if staff else None
    if private is not None and not faults:
        in_transaction(lambda: audit.record(actor.person_id, "wish.view", "wish", wish_id))
    state = found.on(today)
    return render(
        "wishes/desk_wish.html",
        status=422 if faults else 200,
        row=row,
        state=state,
        staff=staff,
        private=private,
        claimer=claimer,
        claimer_phones=people.phones(claimer.by_id, today) if claimer and claimer.by_id and claimer.kind.value != "donor" else [],
        steps=one.steps(wish_id),
        can=can(found.standing, actor.person_id, handles(found.unit_id), today),
        lapsed=state is not found.state,
        photos=public_reads.photos(wish_id) if staff else [],
        shown=showing.may_show(wish_id),
        **(_showing(found, actor.person_id) if staff and state in FULL else {}),
        payments=public_reads.payments(wish_id),
        project=public_reads.project_of(wish_id),
        projects=projects_of_wishes() if staff and state in PUBLIC else [],
        linkable=payments_of(found.project_id, wish_id) if staff and found.project_id else [],
        early=state in EARLY,
        public=state in PUBLIC,
        taken=state in TAKEN,
        over=state in OVER,
        Step=Step,
        key=form_key(),
        rule=rule(),
        kept=kept(request.form) if faults else {},
        faults=faults,
    )


def _showing(found: Facts, by_id: int) -> dict[str, Any]:
    """What there is to look at before it is public, and why it is another's to say so."""
    called_back = replace(found.standing, state=Step.THANKED)
    fault = consent_fault(called_back, showing.came(found.id), by_id, handles=True)
    return {"seen": showing.seen(found.id), "consent": showing.consent(found.id), "consent_fault": fault}


def _beside_its_form(faults: dict[str, str]) -> dict[str, str]:
    """The page has several forms with a reason: a fault belongs to the one that was sent."""
    at = (request.endpoint or "").replace(".", "-")
    one_of_several = request.method == "POST" and request.endpoint not in ("wishes.thank", "wishes.verify")
    return {at if field == "note" and one_of_several else field: said for field, said in faults.items()}


def after(wish_id: int, said: str) -> Response:
    """Where a decision leads: back to the work list it was taken in, else to the wish."""
    flash(said, "yes")
    back = url_for("worklist.index") if request.form.get("back") == "work" else url_for("wishes.desk_wish", wish_id=wish_id)
    return redirect(back, 303)


def refused(wish_id: int, error: Conflict | Refused) -> Response:
    flash(error.message, "warn")
    return redirect(url_for("wishes.desk_wish", wish_id=wish_id), 303)
