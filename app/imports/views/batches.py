"""名册: upload, preview, write, take back. Everything here is for those who may import below some unit."""

from collections.abc import Mapping

from flask import Response, flash, make_response, redirect, render_template, request, url_for
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
from app.imports.views.common import batch_of, bp
from app.imports.views.lists import asked_about
from app.sheets.reading import LARGEST_FILE, read
from app.sheets.writing import XLSX
from app.webkit.files import attachment, upload
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import while_running

FIRST = 8  # refused rows on the preview itself


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
    found = batch_of(batch_id, day)
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
            asked=[asked_about(batch_id, asks, most=FIRST) for asks in (Ask.PHONE, Ask.SHARE)],
            decided=questions.decided(batch_id),
            choices=forms.column_choices(found.columns),
        )
    )


@bp.get("/imports/<int:batch_id>/progress")
@requires(Action.ROSTER_READ)
def progress(batch_id: int) -> Response:
    """A fragment while writing or taking back goes on; 204 before, a reload when it has ended."""
    found = batch_of(batch_id, clock.today())
    return while_running(render_template("imports/_run.html", b=found, progress=status.progress(batch_id)) if found.running else None)


@bp.post("/imports/<int:batch_id>/answers")
@requires(Action.ROSTER_IMPORT)
def answer(batch_id: int) -> BaseResponse:
    """Keeps what was decided about changed and shared numbers; nothing about people is written yet."""
    batch_of(batch_id, clock.today(), Action.ROSTER_IMPORT)
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
    found, actor = batch_of(batch_id, clock.today(), Action.ROSTER_IMPORT), current_actor()
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
    batch_of(batch_id, clock.today(), Action.ROSTER_IMPORT)
    try:
        running.undo(batch_id, current_actor().person_id, clock.now())
        flash("已整批退回，名册和写入前一样。", "yes")
    except Conflict as refusal:
        flash(refusal.message, "warn")
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)
