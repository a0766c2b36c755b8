"""上报快照: a report as it stood, who sent it, and what would be different today. In the work list until it is sent."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.audit import service as audit
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.reports import forms, queries, rules, service
from app.reports.queries import Snapshot
from app.reports.rules import span_of, span_words
from app.reports.views import bp
from app.reports.views.units import readable, sheet
from app.sheets.writing import XLSX
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register

GROUP = "报表"


def address(report_id: int) -> str:
    return url_for("reports.show", report_id=report_id)


def to_read(report_id: int, action: Action = Action.BRANCH_READ) -> Snapshot:
    found = queries.snapshot(report_id)
    if found is None or not people.is_below(found.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return found


@bp.post("/reports/units/<int:unit_id>/snapshots")
@requires(Action.REPORT_SEND)
def freeze(unit_id: int) -> Response:
    """Freezes the report of the period in the form; where it says the same as the newest version, that one is shown."""
    actor, now = readable(unit_id, Action.REPORT_SEND), clock.now()
    span = span_of(request.form.get("period"), clock.today())
    if span is None:
        raise NotFound
    try:
        report_id = in_transaction(lambda: service.freeze(unit_id, span, actor.person_id, now))
    except Conflict as same:
        flash(same.message, "info")
        return redirect(address(queries.versions(unit_id, span.key)[0].id), 303)
    flash("冻结好了，以后怎么改这一版都不变。请另一位看过再上报。", "yes")
    return redirect(address(report_id), 303)


@bp.get("/reports/<int:report_id>")
@requires(Action.BRANCH_READ)
def show(report_id: int) -> Response:
    return _page(to_read(report_id), {})


def _page(found: Snapshot, faults: dict[str, str]) -> Response:
    actor, now = current_actor(), clock.now()
    report = rules.report_of(found.content)
    others = queries.versions(found.unit_id, found.period)
    return render(
        "reports/snapshot.html",
        status=422 if faults else 200,
        found=found,
        report=report,
        rules=rules,
        words=span_words(report.span),
        meanings=found.content["meanings"],
        changed=rules.differences(report, queries.figures_of(found.unit_id, report.span, now)),
        newest=others[0],
        others=[one for one in others if one.id != found.id],
        may_send=people.is_below(found.unit_id, actor.roots(Action.REPORT_SEND), clock.today()),
        own=found.made_by_id == actor.person_id,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/reports/<int:report_id>/sending")
@requires(Action.REPORT_SEND)
@recently
def send(report_id: int) -> Response:
    found, actor = to_read(report_id, Action.REPORT_SEND), current_actor()
    try:
        note = forms.note(request.form)
    except Invalid as faulty:
        return _page(found, faulty.fields)
    try:
        in_transaction(lambda: service.send(report_id, actor.person_id, note, clock.now(), address))
    except (Conflict, Refused) as late:
        flash(late.message, "warn")
        return redirect(address(report_id), 303)
    flash("已上报，上级收到了通知。", "yes")
    return redirect(address(report_id), 303)


@bp.get("/reports/<int:report_id>/report.xlsx")
@requires(Action.BRANCH_READ)
def snapshot_sheet(report_id: int) -> Response:
    """From what was frozen, so it is the same years later."""
    found, actor = to_read(report_id), current_actor()
    report = rules.report_of(found.content)
    title = f"{span_words(report.span)}，第 {found.version} 版"
    in_transaction(lambda: audit.record(actor.person_id, "report.export", "unit", found.unit_id, title=title))
    note = f"第 {found.version} 版，冻结于 {clock.local(found.cut_off_at):%Y-%m-%d %H:%M}，校验码 {found.digest[:16]}"
    return attachment(sheet(report, note), XLSX, f"report-{found.unit_id}-{found.period}-{found.version}.xlsx")


def _items(actor: Actor) -> list[WorkItem]:
    return [
        WorkItem(f"report-{one.id}", GROUP, one.cut_off_at, "reports/_work.html", (one, rules.report_of(one.content)), risen)
        for one, risen in queries.waiting(actor, clock.now())
    ]


register(Source(GROUP, lambda actor: queries.waiting_count(actor, clock.now()), _items, stated=True))
