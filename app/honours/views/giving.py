"""Honours: proposed and decided by those of a unit, one's own with its consent, and the public page."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, deciders, risen
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.honours import forms, queries, service
from app.honours.queries import HonourRow, KindRow
from app.honours.rules import STATE_NAMES, Giver, State, Verdict, decision_fault
from app.honours.views import bp
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import current_actor, public, requires, signed_in
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "荣誉"
SHOWN = 30
SHOWS = ((queries.OPEN, "进行中"), (queries.GRANTED, "已授予"), (queries.OTHERS, "没授予、已撤销"))


def _url_of(honour_id: int) -> str:
    return url_for("honours.show", honour_id=honour_id)


def _shown_url(publicity_id: int) -> str:
    return url_for("publicity.show", publicity_id=publicity_id)


def _turn() -> int:
    return max(1, request.args.get("page", 1, type=int))


@bp.get("/honours")
@public
def index() -> Response:
    """Those who agreed that this very honour is shown, by masked names, without a unit."""
    turn = _turn()
    rows = queries.public_honours(clock.now(), limit=SHOWN + 1, start=(turn - 1) * SHOWN)
    return render("honours/public.html", rows=rows[:SHOWN], more=len(rows) > SHOWN, turn=turn)


@bp.get("/me/honours")
@signed_in
def mine() -> Response:
    return render("honours/mine.html", rows=queries.of_person(current_actor().person_id), states=STATE_NAMES)


@bp.post("/me/honours/<int:honour_id>/consent")
@signed_in
def agree(honour_id: int) -> Response:
    """May this one stand on the public page? `agree` 1 or 0."""
    actor, now, yes = current_actor(), clock.now(), request.form.get("agree") == "1"
    in_transaction(lambda: service.agree(honour_id, actor.person_id, now, public=yes))
    flash("已公开，名字打码。随时可以收回。" if yes else "已收回，不再公开。", "yes")
    return redirect(url_for("honours.mine"), 303)


@bp.get("/honours/desk")
@requires(Action.HONOUR_READ)
def desk() -> Response:
    actor, today, turn = current_actor(), clock.today(), _turn()
    roots = actor.roots(Action.HONOUR_READ)
    show = next((key for key, _ in SHOWS if key == request.args.get("show")), queries.OPEN)
    rows = queries.desk(roots, show, today, limit=SHOWN + 1, start=(turn - 1) * SHOWN)
    counts = queries.desk_counts(roots, today)
    more = len(rows) > SHOWN
    return render("honours/desk.html", rows=rows[:SHOWN], more=more, turn=turn, show=show, shows=SHOWS, counts=counts, states=STATE_NAMES)


def _kinds_for(actor: Actor, home_id: int | None) -> list[KindRow]:
    """What this actor may propose somebody of that unit for."""
    roots = actor.roots(Action.HONOUR_GIVE)
    if home_id is None or not people.is_below(home_id, roots, clock.today()):
        return []
    whole = people.holds_all(roots)
    return [one for one in queries.kinds() if one.retired_on is None and (one.giver is Giver.BRANCH or whole)]


@bp.route("/people/<int:person_id>/honours/new", methods=["GET", "POST"])
@requires(Action.HONOUR_GIVE)
def propose(person_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    person = people.person(person_id, clock.today())
    kinds = _kinds_for(actor, person.home_id) if person and person_id != actor.person_id else []
    if person is None or not kinds:
        raise NotFound
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            kind, reason = forms.parse_proposal(request.form, kinds)
            made = in_transaction(lambda: service.propose(kind, person_id, reason, actor.person_id, _url_of, now))
            flash("已推荐。另一位同意以后开始公示。", "yes")
            return redirect(_url_of(made), 303)
        except Invalid as error:
            faults = error.fields
    status = 422 if faults else 200
    return render("honours/propose.html", status=status, person=person, kinds=kinds, kept=kept(request.form), faults=faults)


def _readable(honour_id: int, action: Action) -> HonourRow:
    row = queries.honour(honour_id)
    if row is None or not people.is_below(row.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return row


@bp.get("/honours/<int:honour_id>")
@requires(Action.HONOUR_READ)
def show(honour_id: int) -> Response:
    return _page(_readable(honour_id, Action.HONOUR_READ))


def _page(row: HonourRow, faults: dict[str, str] | None = None) -> Response:
    actor, today = current_actor(), clock.today()
    asked = queries.revocations(row.id)
    waits = next((one for one in asked if one.verdict is None), None)
    maker = waits.maker_id if waits else row.maker_id
    return render(
        "honours/show.html",
        status=422 if faults else 200,
        row=row,
        state=row.state(today),
        states=STATE_NAMES,
        may=people.is_below(row.unit_id, actor.roots(Action.HONOUR_GIVE), today) and actor.person_id != row.person_id,
        own=decision_fault(actor.person_id, maker, row.person_id),
        others=deciders(row.unit_id, Action.HONOUR_GIVE, today, {maker, row.person_id}),
        asked=asked,
        waits=waits,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/honours/<int:honour_id>/approval")
@requires(Action.HONOUR_GIVE)
@recently
def approve(honour_id: int) -> Response:
    row, actor, now = _readable(honour_id, Action.HONOUR_GIVE), current_actor(), clock.now()
    in_transaction(lambda: service.approve(row.id, actor.person_id, _shown_url, _url_of, now))
    flash("同意了，今天开始公示。公示期满没有异议，就授予。", "yes")
    return redirect(_url_of(row.id), 303)


@bp.post("/honours/<int:honour_id>/refusal")
@requires(Action.HONOUR_GIVE)
def refuse(honour_id: int) -> Response:
    row, actor, now = _readable(honour_id, Action.HONOUR_GIVE), current_actor(), clock.now()
    try:
        answer = forms.parse_answer(request.form)
    except Invalid as error:
        return _page(row, error.fields)
    in_transaction(lambda: service.refuse(row.id, actor.person_id, answer, _url_of, now))
    flash(f"没有同意，{row.maker_name}会看到原因。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.post("/honours/<int:honour_id>/withdrawal")
@requires(Action.HONOUR_GIVE)
def withdraw(honour_id: int) -> Response:
    row, actor, now = _readable(honour_id, Action.HONOUR_GIVE), current_actor(), clock.now()
    in_transaction(lambda: service.withdraw(row.id, actor.person_id, now))
    flash("已撤回推荐。", "yes")
    return redirect(_url_of(row.id), 303)


@bp.post("/honours/<int:honour_id>/settlement")
@requires(Action.HONOUR_GIVE)
def settle(honour_id: int) -> Response:
    """What `flask honours settle` does each day, for this one and now: after the publicity, when every objection is answered."""
    row, actor, now, own_url = _readable(honour_id, Action.HONOUR_GIVE), current_actor(), clock.now(), url_for("honours.mine")
    done = in_transaction(lambda: service.settle(row.id, own_url, _url_of, now, actor.person_id))
    flash(f"{row.person_name}：{STATE_NAMES[done]}。", "yes" if done is State.GRANTED else "warn")
    return redirect(_url_of(row.id), 303)


@bp.post("/honours/<int:honour_id>/revocations")
@requires(Action.HONOUR_GIVE)
def ask_revocation(honour_id: int) -> Response:
    row, actor, now = _readable(honour_id, Action.HONOUR_GIVE), current_actor(), clock.now()
    try:
        reason = forms.parse_reason(request.form)
        in_transaction(lambda: service.ask_revocation(row.id, reason, actor.person_id, _url_of, now))
    except Invalid as error:
        return _page(row, error.fields)
    flash("已提出，另一位同意以后撤销。", "yes")
    return redirect(_url_of(row.id), 303)


@bp.post("/honour-revocations/<int:revocation_id>/approval")
@requires(Action.HONOUR_GIVE)
@recently
def approve_revocation(revocation_id: int) -> Response:
    row = _revocation(revocation_id)
    _decide(revocation_id, Verdict.APPROVED, "")
    flash("已撤销，本人看得到原因。", "yes")
    return redirect(_url_of(row.id), 303)


@bp.post("/honour-revocations/<int:revocation_id>/refusal")
@requires(Action.HONOUR_GIVE)
def refuse_revocation(revocation_id: int) -> Response:
    row = _revocation(revocation_id)
    try:
        answer = forms.parse_answer(request.form)
    except Invalid as error:
        return _page(row, error.fields)
    _decide(revocation_id, Verdict.REFUSED, answer)
    flash("没有撤销。", "yes")
    return redirect(_url_of(row.id), 303)


def _revocation(revocation_id: int) -> HonourRow:
    found = queries.revocation_of(revocation_id)
    if found is None:
        raise NotFound
    return _readable(found[1].id, Action.HONOUR_GIVE)


def _decide(revocation_id: int, verdict: Verdict, answer: str) -> None:
    actor, now, own_url = current_actor(), clock.now(), url_for("honours.mine")
    in_transaction(lambda: service.decide_revocation(revocation_id, actor.person_id, verdict, answer, own_url, now))


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    found = queries.waiting(actor, now)
    keyed = [(f"revocation-{asked.id}" if asked else f"honour-{row.id}", row, asked) for row, asked in found]
    old = [
        Risen(key, row.unit_id, (asked or row).made_at, frozenset({(asked or row).maker_id, row.person_id})) for key, row, asked in keyed
    ]
    words = risen(old, Action.HONOUR_GIVE, actor.roots(Action.HONOUR_GIVE), now)
    return [
        WorkItem(key, GROUP, (asked or row).made_at, "honours/_work.html", (row, asked), words.get(key, "")) for key, row, asked in keyed
    ]


register(Source(GROUP, lambda actor: queries.waiting_count(actor, clock.now()), _items, stated=True))
