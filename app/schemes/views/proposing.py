"""加分、扣分、一票否决、免考核: proposed by one, decided by another; in the work list too."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, risen
from app.audit import service as audit
from app.checkin.queries.deciding import relatives_among
from app.claims.queries.deciders import deciders
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.core.words import points_words
from app.people import queries as people
from app.people.queries import PersonRow
from app.people.rules import PARTY_MEMBERS
from app.points import queries as points
from app.points.rules import BY_HAND, SCHEME_NAMES, SchemeKind
from app.points.standings import EXEMPTION_NAMES, Exemption, rule_words
from app.schemes import forms
from app.schemes.queries import proposals as queries
from app.schemes.queries.proposals import PAGE, ProposalRow
from app.schemes.rules import Exempts, decision_fault
from app.schemes.service import proposals as service
from app.schemes.views import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "积分"


@bp.get("/points/proposals")
@requires(Action.PERSON_READ)
def proposals() -> BaseResponse:
    """Everything by hand in one's units, the newest first."""
    roots, before = current_actor().roots(Action.PERSON_READ), request.args.get("before", type=int)
    rows = queries.of_units(roots, clock.today(), before)
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render("schemes/proposals.html", rows=rows[:PAGE], more=more)


def _person(person_id: int) -> PersonRow:
    """A home member in scope, and not oneself."""
    actor, today = current_actor(), clock.today()
    person = people.person(person_id, today)
    if person is None or person_id == actor.person_id:
        raise NotFound
    if people.sight(person_id, actor.roots(Action.POINTS_DECIDE), today) is not people.Sight.HOME:
        raise NotFound
    return person


@bp.route("/people/<int:person_id>/points/proposals/new", methods=["GET", "POST"])
@requires(Action.POINTS_DECIDE)
def propose(person_id: int) -> BaseResponse:
    """One form for everything; the rules of the scheme say what there is."""
    person, actor, now = _person(person_id), current_actor(), clock.now()
    stage = people.stage_on(person_id, clock.today())
    kind = SchemeKind.MEMBER if stage is not None and stage.kind in PARTY_MEMBERS else SchemeKind.VOLUNTEER
    rules = [one for one in points.schemes_on(clock.today())[kind].rules if one.per in BY_HAND]
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            read = forms.proposal(request.form, person_id, kind, [one.code for one in rules])
            made = in_transaction(lambda: service.propose(read, actor.person_id, url_for("worklist.index", group=GROUP), now))
            flash("已提出，另一位确认以后才算。", "yes")
            return redirect(url_for("schemes.proposal", proposal_id=made), 303)
        except Invalid as error:
            faults = error.fields
    else:
        _log(person_id)
    choices = [(one.code, f"{one.name}（{rule_words(one)}）") for one in rules]
    if kind is SchemeKind.MEMBER:
        choices += [(f"{forms.EXEMPT}{one}", f"不参加考核：{EXEMPTION_NAMES[Exemption(one.value)]}") for one in Exempts]
    return render(
        "schemes/propose.html",
        status=422 if faults else 200,
        person=person,
        kind=kind,
        scheme_name=SCHEME_NAMES[kind],
        choices=choices,
        past=queries.of_person(person_id),
        kept=kept(request.form),
        faults=faults,
    )


def _found(proposal_id: int, action: Action) -> ProposalRow:
    """About somebody of the reader's own units as they are today: a branch that one was transferred from reads and decides nothing more."""
    row, actor = queries.proposal(proposal_id), current_actor()
    if row is None or row.person_id == actor.person_id:
        raise NotFound
    if not people.is_below(row.unit_id, actor.roots(action), clock.today()):
        raise NotFound
    return row


@bp.get("/points/proposals/<int:proposal_id>")
@requires(Action.PERSON_READ)
def proposal(proposal_id: int) -> BaseResponse:
    row = _found(proposal_id, Action.PERSON_READ)
    _log(row.person_id)
    return _page(row)


def _log(person_id: int) -> None:
    """An illness, a deduction: who looked at it stays on record."""
    actor = current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))


def _page(row: ProposalRow, faults: dict[str, str] | None = None) -> BaseResponse:
    actor, today = current_actor(), clock.today()
    kin = bool(relatives_among(actor.person_id, [row.person_id]))
    own = decision_fault(actor.person_id, row.maker_id, row.person_id, kin=kin)
    others = deciders(row.unit_id, Action.POINTS_DECIDE, today, [row.maker_id], [row.person_id])
    return render(
        "schemes/proposal.html",
        status=422 if faults else 200,
        row=row,
        own=own,
        others=others,
        decides=own is None and row.verdict is None and people.is_below(row.unit_id, actor.roots(Action.POINTS_DECIDE), today),
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/points/proposals/<int:proposal_id>/approval")
@requires(Action.POINTS_DECIDE)
@recently
def approve(proposal_id: int) -> BaseResponse:
    row, actor, now = _found(proposal_id, Action.POINTS_DECIDE), current_actor(), clock.now()
    here = url_for("schemes.proposal", proposal_id=row.id)
    urls = {"show": here, "own": url_for("pages.my_points", kind=row.scheme_kind.value)}
    given = in_transaction(lambda: service.approve(proposal_id, actor.person_id, urls, now))
    flash("已确认。" if given is None else f"已确认，记 {points_words(given)} 分。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.post("/points/proposals/<int:proposal_id>/return")
@requires(Action.POINTS_DECIDE)
def return_proposal(proposal_id: int) -> BaseResponse:
    """退回，请写明原因."""
    row, actor, now = _found(proposal_id, Action.POINTS_DECIDE), current_actor(), clock.now()
    try:
        said = forms.reason(request.form)
    except Invalid as error:
        return _page(row, error.fields)
    here = url_for("schemes.proposal", proposal_id=proposal_id)
    in_transaction(lambda: service.give_back(proposal_id, actor.person_id, said, here, now))
    flash(f"已退回，{row.maker_name}会看到原因。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.post("/points/proposals/<int:proposal_id>/withdrawal")
@requires(Action.POINTS_DECIDE)
def withdraw(proposal_id: int) -> BaseResponse:
    row, actor, now = _found(proposal_id, Action.POINTS_DECIDE), current_actor(), clock.now()
    in_transaction(lambda: service.withdraw(row.id, actor.person_id, now))
    flash("已收回。", "yes")
    return redirect(url_for("schemes.proposals"), 303)


@bp.route("/points/proposals/<int:proposal_id>/revocation/new", methods=["GET", "POST"])
@requires(Action.POINTS_DECIDE)
def revoke(proposal_id: int) -> BaseResponse:
    """Take back what was approved: again by two people."""
    row, actor, now = _found(proposal_id, Action.POINTS_DECIDE), current_actor(), clock.now()
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            said, on = forms.revocation(request.form)
            work_url = url_for("worklist.index", group=GROUP)
            made = in_transaction(lambda: service.revoke(row.id, said, on, actor.person_id, work_url, now))
            flash("已提出撤销，另一位确认以后才算。", "yes")
            return redirect(url_for("schemes.proposal", proposal_id=made), 303)
        except Invalid as error:
            faults = error.fields
    return render("schemes/revoke.html", status=422 if faults else 200, row=row, kept=kept(request.form), faults=faults)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    rows = queries.waiting(actor, now)
    old = [Risen(f"points-{one.id}", one.unit_id, one.made_at, one.concerned) for one in rows]
    words = risen(old, Action.POINTS_DECIDE, actor.roots(Action.POINTS_DECIDE), now)
    return [WorkItem(key := f"points-{one.id}", GROUP, one.made_at, "schemes/_work.html", one, words.get(key, "")) for one in rows]


register(Source(GROUP, lambda actor: queries.waiting_count(actor, clock.now()), _items, stated=True))
