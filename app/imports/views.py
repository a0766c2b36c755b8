"""名册: upload, preview, write, take back. Everything here is for those who may import below some unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.imports import answers, corrections, endings, forms, headings, listing, queries, questions, running, service, status
from app.imports import work as work  # what stopped stands in the work list
from app.imports.planning import Ask
from app.imports.rules import COLUMN_NAMES, Heading, missing_columns
from app.sheets.reading import LARGEST_FILE, read
from app.sheets.writing import XLSX
from app.webkit.files import attachment, upload
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import while_running

bp = Blueprint("imports", __name__)

FIRST = 8  # refused rows on the preview itself
PAGE = 100


def _batch(batch_id: int, day: date, action: Action = Action.ROSTER_READ) -> status.Batch:
    found = status.batch_in_scope(batch_id, current_actor().roots(action), day)
    if found is None:
        raise NotFound
    return found


def _index(code: int = 200, faults: Mapping[str, str] | None = None, unread: Heading | None = None) -> Response:
    """`unread`: the heading of a file in which needed columns were not recognised; its columns are asked about."""
    roots, day = current_actor().roots(Action.ROSTER_READ), clock.today()
    page = render_template(
        "imports/page.html",
        batches=status.recent(roots, day),
        faults=faults or {},
        unread=unread,
        missing=missing_columns(unread) if unread else [],
        kept=dict(zip(request.form.getlist("word"), request.form.getlist("means"), strict=False)),
        choices=forms.column_choices(unread.columns if unread else ()),
        names=COLUMN_NAMES,
        own=queries.own_words(service.root_of(roots, day)),
    )
    return make_response(page, code)


@bp.get("/imports")
@requires(Action.ROSTER_READ)
def index() -> Response:
    return _index()


@bp.post("/imports")
@requires(Action.ROSTER_IMPORT)
def create() -> BaseResponse:
    """Reads the file into a preview; nothing about people is written. What columns were said to be is kept for the next file."""
    actor, now = current_actor(), clock.now()
    root = service.root_of(actor.roots(Action.ROSTER_IMPORT), clock.local_date(now))
    try:
        said = forms.meanings(request.form)
        sent = upload(request.files, LARGEST_FILE, called="名册", missing="请选一个名册文件")
        plan = service.plan_file(read(sent.data, sent.name), root, False, clock.local_date(now), said, by=actor.person_id)
    except service.Unread as unread:
        return _index(unread.status, {} if unread.heading.unknown else unread.fields, unread.heading)
    except Invalid as fault:
        return _index(fault.status, fault.fields, _asked_again(request.form.getlist("word")))
    if said and root is not None:
        in_transaction(lambda: headings.learn(root, said, actor.person_id, now))
    batch_id = running.stage(plan, root, sent.name, actor.person_id, now)
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)


def _asked_again(words: list[str]) -> Heading | None:
    """The columns that the form asked about, where the form itself has to come back."""
    return Heading(0, {}, (), tuple(word for word in words if word)[: forms.MOST_WORDS]) if words else None


@bp.post("/imports/headings/<int:heading_id>/removal")
@requires(Action.ROSTER_IMPORT)
def forget_heading(heading_id: int) -> BaseResponse:
    actor = current_actor()
    root = service.root_of(actor.roots(Action.ROSTER_IMPORT), clock.today())
    if heading_id not in {one.id for one in queries.own_words(root)}:
        raise NotFound
    in_transaction(lambda: headings.forget(heading_id, actor.person_id))
    flash("这个表头不再认了，下次会再问。", "yes")
    return redirect(url_for("imports.index"), 303)


@bp.get("/imports/template.xlsx")
@requires(Action.ROSTER_READ)
def template() -> Response:
    return attachment(corrections.template(), XLSX, "roster-template.xlsx")


@bp.get("/imports/<int:batch_id>")
@requires(Action.ROSTER_READ)
def batch(batch_id: int) -> Response:
    day = clock.today()
    found = _batch(batch_id, day)
    if found.cleared_at:
        return make_response(render_template("imports/cleared.html", b=found))
    return make_response(
        render_template(
            "imports/batch.html",
            b=found,
            progress=status.progress(batch_id),
            refused=status.remarks(batch_id, refuses=True, most=FIRST),
            warnings=status.warning_groups(batch_id),
            changes=status.change_groups(batch_id),
            changed=listing.changed(batch_id, moves_dates=found.move_dates, most=FIRST),
            endings=endings.endings(batch_id, day),
            units=status.new_units(batch_id),
            missing=status.missing_count(batch_id),
            ready=status.ready(batch_id),
            asked=[_asked(batch_id, asks, most=FIRST) for asks in (Ask.PHONE, Ask.SHARE)],
            decided=questions.decided(batch_id),
            choices=forms.column_choices(found.columns),
        )
    )


@bp.get("/imports/<int:batch_id>/progress")
@requires(Action.ROSTER_READ)
def progress(batch_id: int) -> Response:
    """A fragment while writing or taking back goes on; 204 before, a reload when it has ended."""
    found = _batch(batch_id, clock.today())
    return while_running(render_template("imports/_run.html", b=found, progress=status.progress(batch_id)) if found.running else None)


@bp.get("/imports/<int:batch_id>/refused")
@requires(Action.ROSTER_READ)
def refused(batch_id: int) -> Response:
    return _remarks(batch_id, refuses=True)


@bp.get("/imports/<int:batch_id>/warnings")
@requires(Action.ROSTER_READ)
def warnings(batch_id: int) -> Response:
    return _remarks(batch_id, refuses=False)


def _remarks(batch_id: int, *, refuses: bool) -> Response:
    found = _batch(batch_id, clock.today())
    after = max(0, request.args.get("after", 0, type=int))
    rows = status.remarks(batch_id, refuses=refuses, after=after, most=PAGE + 1)
    further = after + PAGE if len(rows) > PAGE else None
    return make_response(
        render_template("imports/remarks.html", b=found, rows=rows[:PAGE], refuses=refuses, after=after, further=further, size=PAGE)
    )


@bp.get("/imports/<int:batch_id>/fresh")
@requires(Action.ROSTER_READ)
def fresh(batch_id: int) -> Response:
    return _people(batch_id, changes=False)


@bp.get("/imports/<int:batch_id>/changed")
@requires(Action.ROSTER_READ)
def changed(batch_id: int) -> Response:
    return _people(batch_id, changes=True)


def _people(batch_id: int, *, changes: bool) -> Response:
    """Whom the batch brings, or changes and how."""
    found = _batch(batch_id, clock.today())
    after = max(0, request.args.get("after", 0, type=int))
    rows: Sequence[object]
    if changes:
        rows = listing.changed(batch_id, moves_dates=found.move_dates, after=after, most=PAGE + 1)
    else:
        rows = listing.fresh(batch_id, after=after, most=PAGE + 1)
    further = after + PAGE if len(rows) > PAGE else None
    return make_response(
        render_template("imports/people.html", b=found, rows=rows[:PAGE], changes=changes, after=after, further=further, size=PAGE)
    )


@bp.get("/imports/<int:batch_id>/missing")
@requires(Action.ROSTER_READ)
def missing(batch_id: int) -> Response:
    found = _batch(batch_id, clock.today())
    people = status.missing(batch_id)
    branches = [(name, list(members)) for name, members in groupby(people, attrgetter("branch"))]
    return make_response(render_template("imports/missing.html", b=found, people=people, branches=branches))


@bp.get("/imports/<int:batch_id>/refused.xlsx")
@requires(Action.ROSTER_READ)
def corrections_sheet(batch_id: int) -> Response:
    return attachment(corrections.refused(_batch(batch_id, clock.today())), XLSX, f"roster-corrections-{batch_id}.xlsx")


@dataclass(frozen=True)
class Asked:
    """What a preview asks about rows of one kind, with the answers there are."""

    asks: Ask
    rows: list[questions.Question]
    answers: list[tuple[str, str]]


def _asked(batch_id: int, asks: Ask, *, after: int = 0, most: int) -> Asked:
    choices = forms.SHARE_CHOICES if asks is Ask.SHARE else forms.ANSWER_CHOICES
    return Asked(asks, questions.questions(batch_id, asks=asks, after=after, most=most), choices)


@bp.get("/imports/<int:batch_id>/questions")
@requires(Action.ROSTER_READ)
def asked(batch_id: int) -> Response:
    """疑似换号, all of them, a page at a time."""
    return _asking(batch_id, Ask.PHONE)


@bp.get("/imports/<int:batch_id>/shares")
@requires(Action.ROSTER_READ)
def shares(batch_id: int) -> Response:
    """合用一个号码, the same."""
    return _asking(batch_id, Ask.SHARE)


def _asking(batch_id: int, asks: Ask) -> Response:
    found = _batch(batch_id, clock.today())
    after = max(0, request.args.get("after", 0, type=int))
    one = _asked(batch_id, asks, after=after, most=PAGE + 1)
    rows = one.rows
    further = after + PAGE if len(rows) > PAGE else None
    return make_response(
        render_template(
            "imports/questions.html",
            b=found,
            rows=rows[:PAGE],
            after=after,
            further=further,
            size=PAGE,
            asks=asks.value,
            answers=one.answers,
        )
    )


@bp.post("/imports/<int:batch_id>/answers")
@requires(Action.ROSTER_IMPORT)
def answer(batch_id: int) -> BaseResponse:
    """Keeps what was decided about changed and shared numbers; nothing about people is written yet."""
    _batch(batch_id, clock.today(), Action.ROSTER_IMPORT)
    try:
        _keep_answers(batch_id)
    except Conflict as refusal:
        flash(refusal.message, "warn")
    return redirect(url_for("imports.batch", batch_id=batch_id, _anchor="asked"), 303)


def _keep_answers(batch_id: int) -> None:
    decided = forms.decisions(request.form)
    by, now = current_actor().person_id, clock.now()

    def keep() -> int:
        return answers.record(batch_id, decided, by, now)

    different: int = in_transaction(keep) if decided else 0
    if different:
        flash("决定记下了，写入时照办。", "yes")


@bp.post("/imports/<int:batch_id>/application")
@requires(Action.ROSTER_IMPORT)
@recently
def apply(batch_id: int) -> BaseResponse:
    """Writes in short steps until it is done; another tab (or this one, while it waits) asks for the progress."""
    found, actor = _batch(batch_id, clock.today(), Action.ROSTER_IMPORT), current_actor()
    ticks = {name: name in request.form for name in ("move_dates", "take_cards")}
    try:
        if found.is_preview:
            _keep_answers(batch_id)
        make = forms.units(request.form, status.new_units(batch_id))
        running.write(batch_id, actor.person_id, clock.now(), **ticks, make=make)
        flash("名册写好了。", "yes")
    except Conflict as refusal:
        flash(refusal.message, "warn")
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)


@bp.post("/imports/<int:batch_id>/reversal")
@requires(Action.ROSTER_IMPORT)
@recently
def reverse(batch_id: int) -> BaseResponse:
    _batch(batch_id, clock.today(), Action.ROSTER_IMPORT)
    try:
        running.undo(batch_id, current_actor().person_id, clock.now())
        flash("已整批退回，名册和写入前一样。", "yes")
    except Conflict as refusal:
        flash(refusal.message, "warn")
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)
