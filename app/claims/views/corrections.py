"""更正: proposed by one, approved by another who sees what it changes; in the work list too."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, risen
from app.audit import service as audit
from app.checkin.service import amend_fault
from app.claims import correction_forms as forms
from app.claims.correction_rules import CHANGE_NAMES, Change, DisputeState, approval_fault
from app.claims.queries import corrections as queries
from app.claims.queries import disputes
from app.claims.queries.correctable import Subject, attendance_subject, entry_subject, past_records
from app.claims.queries.corrections import CorrectionRow
from app.claims.queries.deciders import deciders
from app.claims.service import corrections as service
from app.claims.service.carrying_out import try_out
from app.claims.views import bp
from app.claims.views.disputes import own_page_of
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "更正"
SHOWN = 30
SHOWS = ((queries.OPEN, "待确认"), (queries.APPROVED, "已更正"), (queries.OTHERS, "没改"))


def _correctable(subject: Subject | None) -> Subject:
    """A record of a unit in scope that is not one's own."""
    actor = current_actor()
    if subject is None or subject.person_id == actor.person_id:
        raise NotFound
    if not people.is_below(subject.unit_id, actor.roots(Action.RECORD_CORRECT), clock.today()):
        raise NotFound
    return subject


@bp.route("/attendances/<int:attendance_id>/correction", methods=["GET", "POST"])
@requires(Action.RECORD_CORRECT)
def correct(attendance_id: int) -> BaseResponse:
    """Propose a correction of an attendance; `dispute` in the address: it is the answer to that objection, once approved."""
    return _propose(_correctable(attendance_subject(attendance_id)), url_for("claims.correct", attendance_id=attendance_id))


@bp.route("/hour-entries/<int:hour_entry_id>/correction", methods=["GET", "POST"])
@requires(Action.RECORD_CORRECT)
def correct_entry(hour_entry_id: int) -> BaseResponse:
    """The same of hours from before this system."""
    return _propose(_correctable(entry_subject(hour_entry_id)), url_for("claims.correct_entry", hour_entry_id=hour_entry_id))


def _propose(subject: Subject, here: str) -> BaseResponse:
    actor, now, work_url = current_actor(), clock.now(), url_for("worklist.index")
    dispute = _dispute_of(subject)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            proposal = forms.parse_proposal(request.form, subject)
            dispute_id = dispute.id if dispute else None
            done = in_transaction(lambda: service.propose(subject, proposal, actor.person_id, work_url, now, dispute_id))
            flash("已提出，另一位确认以后才改。", "yes")
            return redirect(url_for("claims.correction", correction_id=done), 303)
        except Invalid as error:
            faults = error.fields
    past = queries.corrections_about(subject.attendance_id, subject.entry_id)
    spell = subject.spell
    waits = next((row for row in past if row.verdict is None), None)
    closed = amend_fault(spell, spell.confirmed, subject.closed) if spell else None
    return render(
        "claims/correct.html",
        status=422 if faults else 200,
        subject=subject,
        address=here,
        dispute=dispute,
        past=past,
        waits=waits,
        closed=closed,
        choices=[(one.value, CHANGE_NAMES[one]) for one in forms.choices(subject) if not closed or one is Change.VOID],
        kept=kept(request.form),
        faults=faults,
    )


def _dispute_of(subject: Subject) -> disputes.DisputeRow | None:
    """The objection that waits about this record, if one does: a correction of it is its answer."""
    if subject.attendance_id is not None:
        said = disputes.disputes_about(subject.attendance_id)
    else:
        past = past_records([subject.entry_id or 0]).get(subject.entry_id or 0)
        said = disputes.disputes_about_entry(past.root_id) if past else []
    waiting = [row for row in said if row.answered_at is None]
    return next((row for row in waiting if row.state is not DisputeState.CORRECTING), None)


@bp.get("/corrections")
@requires(Action.CLAIM_READ)
def correction_desk() -> BaseResponse:
    """All of the units in scope: who changed what, and why."""
    actor, today, turn = current_actor(), clock.today(), max(1, request.args.get("page", 1, type=int))
    roots = actor.roots(Action.CLAIM_READ)
    show = next((key for key, _ in SHOWS if key == request.args.get("show")), queries.OPEN)
    rows = queries.desk(roots, show, today, limit=SHOWN + 1, start=(turn - 1) * SHOWN)
    return render(
        "claims/corrections.html",
        rows=rows[:SHOWN],
        more=len(rows) > SHOWN,
        turn=turn,
        show=show,
        shows=SHOWS,
        counts=queries.desk_counts(roots, today),
    )


def readable(correction_id: int, action: Action) -> CorrectionRow:
    row, actor = queries.correction(correction_id), current_actor()
    if row is None or not people.is_below(row.unit_id, actor.roots(action), clock.today()):
        raise NotFound
    return row


@bp.get("/corrections/<int:correction_id>")
@requires(Action.CLAIM_READ)
def correction(correction_id: int) -> BaseResponse:
    row, actor = readable(correction_id, Action.CLAIM_READ), current_actor()
    if row.person_id != actor.person_id:
        in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", row.person_id))
    return page(row)


def page(row: CorrectionRow, faults: dict[str, str] | None = None) -> BaseResponse:
    """With what it would change, as long as it waits: tried out and taken back."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    may = actor.person_id != row.person_id and people.is_below(row.unit_id, actor.roots(Action.RECORD_CORRECT), today)
    own = approval_fault(actor.person_id, row.maker_id, row.person_id, row.aside)
    tried = in_transaction(lambda: try_out(row.id, now)) if row.verdict is None and may else None
    others = deciders(row.unit_id, Action.RECORD_CORRECT, today, {row.maker_id, *row.aside}, {row.person_id}) if own else []
    at_home = people.sight(row.person_id, actor.roots(Action.PERSON_READ), today) is people.Sight.HOME
    return render(
        "claims/correction.html",
        status=422 if faults else 200,
        row=row,
        change=CHANGE_NAMES[row.change],
        own=own,
        may=may,
        tried=tried,
        at_home=at_home,
        others=others,
        kept=kept(request.form),
        faults=faults or {},
    )


@bp.post("/corrections/<int:correction_id>/approval")
@requires(Action.RECORD_CORRECT)
@recently
def approve_correction(correction_id: int) -> BaseResponse:
    row, actor, now = readable(correction_id, Action.RECORD_CORRECT), current_actor(), clock.now()
    own_url = own_page_of(row.attendance_id, row.entry_id)
    desk_url = url_for("claims.correction", correction_id=row.id)
    done = in_transaction(lambda: service.approve(row.id, actor.person_id, own_url, desk_url, now))
    if done.held:
        flash(f"已更正。这样{row.person_name}当天的时间要上级核实，核实以前先不计。", "warn")
    else:
        flash(f"已更正：{row.person_name}，{row.was} → {row.becomes}。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.post("/corrections/<int:correction_id>/refusal")
@requires(Action.RECORD_CORRECT)
def refuse_correction(correction_id: int) -> BaseResponse:
    row, actor, now = readable(correction_id, Action.RECORD_CORRECT), current_actor(), clock.now()
    try:
        answer = forms.parse_answer(request.form)
    except Invalid as error:
        return page(row, error.fields)
    desk_url = url_for("claims.correction", correction_id=row.id)
    in_transaction(lambda: service.refuse(row.id, actor.person_id, answer, desk_url, now))
    flash(f"没有改。{row.maker_name}会看到原因。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.post("/corrections/<int:correction_id>/withdrawal")
@requires(Action.RECORD_CORRECT)
def withdraw_correction(correction_id: int) -> BaseResponse:
    row, actor, now = readable(correction_id, Action.RECORD_CORRECT), current_actor(), clock.now()
    in_transaction(lambda: service.withdraw(row.id, actor.person_id, now))
    flash("已撤回，记录没有变。", "yes")
    return redirect(url_for("claims.correction", correction_id=row.id), 303)


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    rows = queries.waiting_corrections(actor, now)
    old = [Risen(f"correction-{row.id}", row.unit_id, row.made_at, row.aside | {row.maker_id, row.person_id}) for row in rows]
    words = risen(old, Action.RECORD_CORRECT, actor.roots(Action.RECORD_CORRECT), now)
    return [
        WorkItem(key := f"correction-{one.id}", GROUP, one.made_at, "claims/_correction_work.html", one, words.get(key, "")) for one in rows
    ]


register(Source(GROUP, lambda actor: queries.waiting_corrections_count(actor, clock.now()), _items, stated=True))
