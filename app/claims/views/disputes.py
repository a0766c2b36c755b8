"""这条记录不对: the page of the person, and of whoever answers; in the work list too."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.deciders import Risen, risen
from app.checkin.queries import deciding
from app.checkin.queries.deciding import Why
from app.claims import forms, queries, service
from app.claims.queries import DisputeRow
from app.claims.views import bp
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "这条记录不对"


@bp.route("/attendances/<int:attendance_id>/disputes", methods=["GET", "POST"])
@signed_in
def dispute(attendance_id: int) -> BaseResponse:
    """A record of one's own: say what is wrong, see what was answered. Anybody else's is not found."""
    actor, now, work_url = current_actor(), clock.now(), url_for("worklist.index")
    record = queries.own_record(actor.person_id, attendance_id)
    if record is None:
        raise NotFound
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            said = forms.parse_said(request.form)
            in_transaction(lambda: service.dispute(attendance_id, actor.person_id, said, work_url, now))
            flash("已记下，请组织查实后答复您，5 个工作日内。", "yes")
            return redirect(url_for("claims.dispute", attendance_id=attendance_id), 303)
        except Invalid as error:
            faults = error.fields
    past = queries.disputes_about(attendance_id)
    return render(
        "claims/dispute.html",
        status=422 if faults else 200,
        attendance_id=attendance_id,
        record=record,
        past=past,
        waits=any(row.answered_at is None for row in past),
        kept=kept(request.form),
        faults=faults,
    )


@dataclass(frozen=True)
class Answerable:
    """A dispute as the answerer meets it; `may_void` where the tick 这条作废 is theirs to set."""

    row: DisputeRow
    may_void: bool
    why: list[Why]  # what the door noted about it, for those who answer only


def answerable(dispute_id: int, action: Action = Action.DISPUTE_ANSWER) -> Answerable:
    row, actor = queries.dispute(dispute_id), current_actor()
    if row is None or row.person_id == actor.person_id or not is_below(row.unit_id, actor.roots(action), clock.today()):
        raise NotFound
    why = deciding.reasons_of([row.attendance_id]).get(row.attendance_id, [])
    return Answerable(row, queries.may_void(row, actor.person_id, clock.now()), why)


@bp.get("/disputes/<int:dispute_id>")
@requires(Action.CLAIM_READ)
def show_dispute(dispute_id: int) -> BaseResponse:
    return render("claims/answer.html", one=answerable(dispute_id, Action.CLAIM_READ), kept={}, faults={})


@bp.post("/disputes/<int:dispute_id>/answer")
@requires(Action.DISPUTE_ANSWER)
def answer(dispute_id: int) -> BaseResponse:
    one, actor, now = answerable(dispute_id), current_actor(), clock.now()
    own_url = url_for("claims.dispute", attendance_id=one.row.attendance_id)
    try:
        words, void = forms.parse_answer(request.form)
    except Invalid as error:
        return render("claims/answer.html", status=422, one=one, kept=kept(request.form), faults=error.fields)
    in_transaction(lambda: service.answer(dispute_id, actor.person_id, words, void=void, own_url=own_url, now=now))
    flash(f"已答复{one.row.person_name}。" + ("这条作废了。" if void else ""), "yes")
    return redirect(url_for("worklist.index"), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    rows = queries.waiting_disputes(actor, now)
    old = [Risen(f"dispute-{row.id}", row.unit_id, row.made_at, frozenset({row.person_id})) for row in rows]
    words = risen(old, Action.DISPUTE_ANSWER, actor.roots(Action.DISPUTE_ANSWER), now)
    return [WorkItem(key := f"dispute-{row.id}", GROUP, row.made_at, "claims/_dispute_work.html", row, words.get(key, "")) for row in rows]


register(Source(GROUP, lambda actor: queries.waiting_disputes_count(actor, clock.now()), _items))
