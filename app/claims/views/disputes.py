"""这条记录不对: the page of the person, and of whoever answers; the desk of a unit; in the work list too."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.deciders import Risen, risen
from app.audit import service as audit
from app.checkin.queries import deciding
from app.checkin.queries.deciding import Why
from app.claims import forms, queries, service
from app.claims.correction_rules import STATE_NAMES, acknowledge_by, answer_fault
from app.claims.queries import DisputeRow, OwnRecord
from app.claims.queries import disputes as desks
from app.claims.queries.corrections import CorrectionRow, corrections_about, corrections_of_past
from app.claims.views import bp
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "这条记录不对"
SHOWN, SHEET_ROWS = 30, 5000
SHOWS = ((desks.OPEN, "待答复"), (desks.OVERDUE, "超期"), (desks.ANSWERED, "已答复"))
HEADING = ("提出日期", "谁", "活动", "说什么", "状态", "受理", "最晚答复", "答复日期", "答复的人", "答复", "超期")


@bp.route("/attendances/<int:attendance_id>/disputes", methods=["GET", "POST"])
@signed_in
def dispute(attendance_id: int) -> BaseResponse:
    """A record of one's own: say what is wrong, see what was answered. Anybody else's is not found."""
    record = queries.own_record(current_actor().person_id, attendance_id)
    here, work_url = url_for("claims.dispute", attendance_id=attendance_id), url_for("worklist.index")

    def say(said: str) -> int:
        return service.dispute(attendance_id, current_actor().person_id, said, work_url, clock.now())

    return _own_page(record, here, say, queries.disputes_about(attendance_id), corrections_about(attendance_id, None))


@bp.route("/hour-entries/<int:hour_entry_id>/disputes", methods=["GET", "POST"])
@signed_in
def dispute_entry(hour_entry_id: int) -> BaseResponse:
    """The same about hours from before this system that a register brought: any entry of that line leads here."""
    record = queries.own_past_record(current_actor().person_id, hour_entry_id)
    if record is None or record.past is None:
        raise NotFound
    here, work_url = url_for("claims.dispute_entry", hour_entry_id=hour_entry_id), url_for("worklist.index")

    def say(said: str) -> int:
        return service.dispute_entry(hour_entry_id, current_actor().person_id, said, work_url, clock.now())

    return _own_page(record, here, say, queries.disputes_about_entry(record.past.root_id), corrections_of_past(hour_entry_id))


def _own_page(
    record: OwnRecord | None, here: str, say: Callable[[str], int], past: list[DisputeRow], changes: list[CorrectionRow]
) -> BaseResponse:
    if record is None:
        raise NotFound
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            said = forms.parse_said(request.form)
            in_transaction(lambda: say(said))
            flash("已记下，请组织查实后答复您，10 个工作日内。", "yes")
            return redirect(here, 303)
        except Invalid as error:
            faults = error.fields
    return render(
        "claims/dispute.html",
        status=422 if faults else 200,
        address=here,
        record=record,
        past=past,
        waits=any(row.answered_at is None for row in past),
        corrections=[row for row in changes if row.verdict == "approved"],
        states=STATE_NAMES,
        kept=kept(request.form),
        faults=faults,
    )


@dataclass(frozen=True)
class Answerable:
    """A dispute as the answerer meets it."""

    row: DisputeRow
    why: list[Why]  # what the door noted about it, for those who answer only


def answerable(dispute_id: int, action: Action = Action.DISPUTE_ANSWER) -> Answerable:
    row, actor = queries.dispute(dispute_id), current_actor()
    if row is None or row.person_id == actor.person_id or not is_below(row.unit_id, actor.roots(action), clock.today()):
        raise NotFound
    return Answerable(row, deciding.reasons_of([row.attendance_id]).get(row.attendance_id, []) if row.attendance_id else [])


def own_page_of(attendance_id: int | None, entry_id: int | None) -> str:
    """Where the person reads what they said about a record, and the answer."""
    if attendance_id is not None:
        return url_for("claims.dispute", attendance_id=attendance_id)
    return url_for("claims.dispute_entry", hour_entry_id=entry_id)


@bp.get("/disputes/<int:dispute_id>")
@requires(Action.CLAIM_READ)
def show_dispute(dispute_id: int) -> BaseResponse:
    one, actor = answerable(dispute_id, Action.CLAIM_READ), current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", one.row.person_id))
    return _answer_page(one, {})


def _answer_page(one: Answerable, faults: dict[str, str]) -> BaseResponse:
    actor, row, today = current_actor(), one.row, clock.today()
    kin = bool(deciding.relatives_among(actor.person_id, [row.person_id]))
    fault = answer_fault(actor.person_id, row.person_id, service.had_a_part(row), kin=kin)
    entry_id = row.past.entry_id if row.past else None
    correct = url_for("claims.correct_entry", hour_entry_id=entry_id) if entry_id else None
    if row.attendance_id:
        correct = url_for("claims.correct", attendance_id=row.attendance_id)
    return render(
        "claims/answer.html",
        status=422 if faults else 200,
        one=one,
        states=STATE_NAMES,
        take_by=acknowledge_by(one.row.made_at, desks.holidays()),
        past=corrections_about(row.attendance_id, None) if row.attendance_id else corrections_of_past(row.entry_id or 0),
        may=is_below(row.unit_id, actor.roots(Action.DISPUTE_ANSWER), today),
        fault=fault,
        others=service.who_answers(row, today) if fault and row.answered_at is None else [],
        correct=correct,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/disputes/<int:dispute_id>/acknowledgement")
@requires(Action.DISPUTE_ANSWER)
def acknowledge(dispute_id: int) -> BaseResponse:
    """受理: the person reads that somebody is looking into it."""
    one, actor, now = answerable(dispute_id), current_actor(), clock.now()
    own_url = own_page_of(one.row.attendance_id, one.row.entry_id)
    in_transaction(lambda: service.acknowledge(dispute_id, actor.person_id, own_url, now))
    flash(f"已受理，{one.row.person_name}看得到。", "yes")
    return redirect(url_for("claims.show_dispute", dispute_id=dispute_id), 303)


@bp.post("/disputes/<int:dispute_id>/answer")
@requires(Action.DISPUTE_ANSWER)
def answer(dispute_id: int) -> BaseResponse:
    """维持原记录, in words. What changes the record is a correction."""
    one, actor, now = answerable(dispute_id), current_actor(), clock.now()
    own_url = own_page_of(one.row.attendance_id, one.row.entry_id)
    try:
        words = forms.parse_answer(request.form)
    except Invalid as error:
        return _answer_page(one, error.fields)
    in_transaction(lambda: service.answer(dispute_id, actor.person_id, words, own_url=own_url, now=now))
    flash(f"已答复{one.row.person_name}，维持原记录。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.get("/disputes")
@requires(Action.CLAIM_READ)
def dispute_desk() -> BaseResponse:
    """All of the units in scope: those that wait by the day they are due, and what became of the others."""
    actor, today = current_actor(), clock.today()
    roots = actor.roots(Action.CLAIM_READ)
    show = next((key for key, _ in SHOWS if key == request.args.get("show")), desks.OPEN)
    page = max(1, request.args.get("page", 1, type=int))
    rows = desks.desk(roots, show, today, limit=SHOWN + 1, start=(page - 1) * SHOWN)
    return render(
        "claims/desk.html",
        rows=rows[:SHOWN],
        more=len(rows) > SHOWN,
        turn=page,
        show=show,
        shows=SHOWS,
        own_page_of=own_page_of,
        counts=desks.desk_counts(roots, today),
        states=STATE_NAMES,
        holidays=desks.holidays(),
    )


@bp.get("/disputes.xlsx")
@requires(Action.CLAIM_READ)
def dispute_sheet() -> BaseResponse:
    """The same for Excel, all of them; the export is logged."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    rows = desks.desk(actor.roots(Action.CLAIM_READ), "", today, limit=SHEET_ROWS)
    in_transaction(lambda: audit.record(actor.person_id, "disputes.export", "unit", None, people=len(rows)))
    note = f"导出于 {clock.local(now):%Y-%m-%d %H:%M}；10 个工作日内答复"
    sheet = Table("异议", HEADING, [sheet_row(row) for row in rows], title="这条记录不对：异议和答复", note=note)
    return attachment(xlsx(sheet), XLSX, f"disputes-{today:%Y%m%d}.xlsx")


def sheet_row(row: DisputeRow) -> list[Value]:
    return [
        clock.local_date(row.made_at),
        row.person_name,
        row.title,
        row.said,
        STATE_NAMES[row.state],
        clock.local_date(row.acknowledged_at) if row.acknowledged_at else None,
        row.due_on,
        clock.local_date(row.answered_at) if row.answered_at else None,
        row.answerer_name or "",
        row.answer,
        "超期" if row.overdue(clock.today()) else "",
    ]


@dataclass(frozen=True)
class Waiting:
    """A dispute in the work list, with what is late about it."""

    row: DisputeRow
    overdue: bool
    unheard: bool
    state: str


def _items(actor: Actor) -> list[WorkItem]:
    now, today, holidays = clock.now(), clock.today(), desks.holidays()
    rows = queries.waiting_disputes(actor, now)
    old = [Risen(f"dispute-{row.id}", row.unit_id, row.made_at, row.aside | {row.person_id}) for row in rows]
    words = risen(old, Action.DISPUTE_ANSWER, actor.roots(Action.DISPUTE_ANSWER), now)
    return [
        WorkItem(
            key := f"dispute-{row.id}",
            GROUP,
            row.made_at,
            "claims/_dispute_work.html",
            Waiting(row, row.overdue(today), row.unheard(today, holidays), STATE_NAMES[row.state]),
            words.get(key, ""),
        )
        for row in rows
    ]


register(Source(GROUP, lambda actor: queries.waiting_disputes_count(actor, clock.now()), _items, stated=True))
