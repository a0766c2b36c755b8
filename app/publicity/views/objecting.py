"""Objections: one's own, those keyed in for somebody who came or called, and their answers; in the work list too."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, risen
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.core.words import full_day
from app.publicity import forms, queries, service
from app.publicity.queries import ObjectionRow, PublicityRow, Sight
from app.publicity.rules import VERDICT_NAMES, WAY_NAMES, State, Way, answer_fault
from app.publicity.views import bp
from app.publicity.views.showing import manages, seen, shown_lines
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "公示异议"


def _form(row: PublicityRow, sight: Sight, actor: Actor, faults: dict[str, str], *, keying: bool) -> Response:
    return render(
        "publicity/object.html",
        status=422 if faults else 200,
        row=row,
        lines=shown_lines(row, sight, actor),
        named=sight in (Sight.NAMED, Sight.OWN),
        keying=keying,
        ways=[(way, name) for way, name in WAY_NAMES.items() if way is not Way.ONLINE],
        rule=queries.days(),
        kept=kept(request.form),
        faults=faults,
    )


@bp.get("/publicity/<int:publicity_id>/objection")
@signed_in
def object_form(publicity_id: int) -> Response:
    actor = current_actor()
    row, sight = seen(publicity_id, actor)
    if row.state(clock.today()) is not State.RUNNING:
        return redirect(url_for("publicity.show", publicity_id=row.id), 303)
    return _form(row, sight, actor, {}, keying=False)


@bp.post("/publicity/<int:publicity_id>/objections")
@signed_in
def object_to(publicity_id: int) -> Response:
    """One's own. Said twice it is one."""
    actor, now, work_url = current_actor(), clock.now(), url_for("worklist.index")
    row, sight = seen(publicity_id, actor)
    try:
        said = forms.parse_said(request.form, [line.person_id for line in shown_lines(row, sight, actor)], actor.person_id)
        objection_id = in_transaction(lambda: service.object_to(row.id, said, None, work_url, now))
    except Invalid as error:
        return _form(row, sight, actor, error.fields, keying=False)
    due = queries.objection(objection_id)
    flash(f"异议记下了，{full_day(due.answer_by)}以前答复您。" if due else "异议记下了。", "yes")
    return redirect(url_for("publicity.objection", objection_id=objection_id), 303)


def _keyable(publicity_id: int) -> tuple[PublicityRow, Actor]:
    actor = current_actor()
    row, _ = seen(publicity_id, actor)
    if not manages(row, actor, Action.DISPUTE_ANSWER):
        raise NotFound
    return row, actor


@bp.get("/publicity/<int:publicity_id>/objections/new")
@requires(Action.DISPUTE_ANSWER)
def key_form(publicity_id: int) -> Response:
    row, actor = _keyable(publicity_id)
    return _form(row, Sight.NAMED, actor, {}, keying=True)


@bp.post("/publicity/<int:publicity_id>/objections/keyed")
@requires(Action.DISPUTE_ANSWER)
def key(publicity_id: int) -> Response:
    """For somebody who came, called or wrote; somebody else than the one who keys it in answers."""
    row, actor = _keyable(publicity_id)
    now, work_url = clock.now(), url_for("worklist.index")
    try:
        said = forms.parse_keyed(request.form, [line.person_id for line in queries.lines(row.id)])
        in_transaction(lambda: service.object_to(row.id, said, actor.person_id, work_url, now))
    except Invalid as error:
        return _form(row, Sight.NAMED, actor, error.fields, keying=True)
    flash("登记好了，由另一位来答复。", "yes")
    return redirect(url_for("publicity.show", publicity_id=row.id), 303)


def _objection(objection_id: int) -> tuple[ObjectionRow, Actor]:
    """Seen by whoever made it, and by those who read the unit's things; nobody else."""
    row, actor = queries.objection(objection_id), current_actor()
    shown = queries.publicity(row.publicity_id) if row else None
    if row is None or shown is None or not (row.by_id == actor.person_id or manages(shown, actor)):
        raise NotFound
    return row, actor


def _page(row: ObjectionRow, actor: Actor, faults: dict[str, str] | None = None) -> Response:
    own = answer_fault(actor.person_id, row.by_id, row.keyed_by_id, queries.concerned(row), queries.makers(row.publicity_id))
    decides = queries.may_answer(actor, row, clock.now())
    said_so = actor.person_id in {row.by_id, row.keyed_by_id}
    return render(
        "publicity/objection.html",
        status=422 if faults else 200,
        row=row,
        own=own if decides else None,
        decides=decides and own is None,
        others=service.answerers(row, clock.today()),
        unsaid=not said_so and (not decides or own is not None),  # who objected is for those alone who may answer
        verdicts=list(VERDICT_NAMES.items()),
        verdict_names=VERDICT_NAMES,
        way_names=WAY_NAMES,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.get("/objections/<int:objection_id>")
@signed_in
def objection(objection_id: int) -> Response:
    return _page(*_objection(objection_id))


def _to_answer(objection_id: int) -> tuple[ObjectionRow, Actor]:
    row, actor = _objection(objection_id)
    if not queries.may_answer(actor, row, clock.now()):
        raise NotFound
    return row, actor


@bp.post("/objections/<int:objection_id>/acknowledgement")
@requires(Action.DISPUTE_ANSWER)
def acknowledge(objection_id: int) -> Response:
    row, actor = _to_answer(objection_id)
    now, own_url = clock.now(), url_for("publicity.objection", objection_id=row.id)
    in_transaction(lambda: service.acknowledge(row.id, actor.person_id, own_url, now))
    flash("说了收到。请查清楚，再答复。", "yes")
    return redirect(own_url, 303)


@bp.post("/objections/<int:objection_id>/answer")
@requires(Action.DISPUTE_ANSWER)
@recently
def answer(objection_id: int) -> Response:
    row, actor = _to_answer(objection_id)
    now, own_url = clock.now(), url_for("publicity.objection", objection_id=row.id)
    try:
        verdict, words = forms.parse_answer(request.form)
    except Invalid as error:
        return _page(row, actor, error.fields)
    in_transaction(lambda: service.answer(row.id, actor.person_id, verdict, words, own_url, now))
    flash("答复了，提的人会看到。", "yes")
    return redirect(url_for("publicity.show", publicity_id=row.publicity_id), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    found = queries.waiting(actor, now)
    old = [Risen(f"objection-{row.id}", row.unit_id, row.received_at, frozenset(_aside(row))) for row in found]
    words = risen(old, Action.DISPUTE_ANSWER, actor.roots(Action.DISPUTE_ANSWER), now)
    return [
        WorkItem(key := f"objection-{row.id}", GROUP, row.received_at, "publicity/_work.html", row, words.get(key, "")) for row in found
    ]


def _aside(row: ObjectionRow) -> set[int]:
    return {one for one in (row.by_id, row.keyed_by_id, row.about_now_id) if one is not None}


register(Source(GROUP, lambda actor: queries.waiting_count(actor, clock.now()), _items, stated=True))
