"""结项报告: written by one, published by another; then a page for everybody, and for printing."""

from collections.abc import Mapping

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.fund import queries as fund
from app.fund.queries.project_page import ProjectPage
from app.fund.views.shared import project_for
from app.results import forms, made_pdfs
from app.results.blueprint import bp
from app.results.queries import reports
from app.results.queries.reports import ReportRow
from app.results.service import reports as service
from app.results.views.shared import Seen, may, seen, settings
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, requires
from app.webkit.htmx import render
from app.webkit.pdf import render_pdf
from app.webkit.telling import tell


def decision(report: ReportRow, reader: Seen) -> str | None:
    """Whether this reader may publish it: "" for yes, else why not; None for who decides nothing."""
    actor = actor_or_none()
    if actor is None or not reader.decides or not report.waits:
        return None
    if report.made_by_id == actor.person_id:
        return "这是您写的报告，要由另一位公开。"
    own = reader.project.unit_id in fund.own_units(actor.person_id, clock.today())
    return "这是您所在组织的项目，您要回避，由别的单位的审批人来办。" if own else ""


@bp.get("/fund/projects/<int:project_id>/report")
@public
def report(project_id: int) -> Response:
    """The newest published version, or the one asked for; to the fund's people also the one that waits, with the figures of now."""
    reader = seen(project_id)
    known, chosen = _chosen(project_id, reader)
    return _page(reader, known, chosen, {}, {})


def _chosen(project_id: int, reader: Seen) -> tuple[list[ReportRow], ReportRow]:
    """The versions that this reader may see, and the one to show."""
    known = [row for row in reports.of_project(project_id) if row.published_at or reader.staff]
    asked = request.args.get("version", "")
    chosen = next((row for row in known if str(row.version) == asked), None)
    if chosen is None and not asked:
        chosen = next((row for row in known if row.waits), None) or next((row for row in known if row.published_at), None)
        chosen = chosen or next(iter(known), None)
    if chosen is None:
        raise NotFound
    return known, chosen


@bp.get("/fund/projects/<int:project_id>/report.pdf")
@public
def report_pdf(project_id: int) -> BaseResponse:
    """The same version as a document to keep, to print and to send in; what is not public yet says so on every page.

    A published one is made once, whoever asks how often.
    """
    reader = seen(project_id)
    known, chosen = _chosen(project_id, reader)
    card = reader.project.card
    html = render_template(
        "results/report_pdf.html",
        card=card,
        report=chosen,
        figures=chosen.frozen or reports.figures(card.id, clock.today()),
        newest=max((row.version for row in known if row.published_at), default=0),
    )
    name = f"{card.number}-report-{chosen.version}.pdf"
    if not chosen.published_at:
        return attachment(render_pdf(html), "application/pdf", name)
    data, mark = made_pdfs.kept(settings().data_dir, html, render_pdf)
    response = attachment(data, "application/pdf", name)
    response.headers["Cache-Control"] = "public, no-cache"
    response.set_etag(mark)
    return response.make_conditional(request)


def _page(reader: Seen, known: list[ReportRow], chosen: ReportRow, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    actor = actor_or_none()
    return render(
        "results/report.html",
        status=422 if faults else 200,
        project=reader.project,
        card=reader.project.card,
        report=chosen,
        figures=chosen.frozen or reports.figures(reader.project.card.id, clock.today()),
        versions=known,
        newest=max((row.version for row in known if row.published_at), default=0),
        staff=reader.staff,
        may_decide=decision(chosen, reader),
        may_take_back=actor is not None and chosen.waits and chosen.made_by_id == actor.person_id,
        kept=values,
        faults=faults,
    )


@bp.get("/fund/projects/<int:project_id>/report/new")
@requires(Action.FUND_MANAGE)
def new_report(project_id: int) -> Response:
    project = project_for(project_id, Action.FUND_MANAGE)
    last = next(iter(reports.of_project(project_id)), None)
    values = {"done": last.done, "people": last.people, "leftovers": last.leftovers} if last else {}
    return _form(project, values, {})


def _form(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        "results/report_form.html",
        status=422 if faults else 200,
        project=project,
        figures=reports.figures(project.card.id, clock.today()),
        published=bool(reports.published(project.card.id)),
        kept=values,
        faults=faults,
    )


@bp.post("/fund/projects/<int:project_id>/reports")
@requires(Action.FUND_MANAGE)
def write_report(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        draft = forms.report(request.form)
        tell(lambda: in_transaction(lambda: service.write(project_id, draft, by_id, now)), "已写好，等另一位看过再公开。")
    except Invalid as error:
        return _form(project, kept(request.form), error.fields)
    return redirect(url_for("results.report", project_id=project_id), 303)


def _loaded(report_id: int) -> tuple[Seen, ReportRow]:
    found = reports.report(report_id)
    if found is None:
        raise NotFound
    reader = seen(found.project_id)
    if not reader.staff:
        raise NotFound
    return reader, found


@bp.post("/fund/reports/<int:report_id>/publication")
@requires(Action.FUND_APPROVE)
@recently
def publish_report(report_id: int) -> BaseResponse:
    reader, found = _loaded(report_id)
    if not reader.decides:
        raise NotFound
    by_id, now = current_actor().person_id, clock.now()
    tell(lambda: in_transaction(lambda: service.publish(report_id, by_id, now)), "已公开，数字按现在的账定下来了。")
    return redirect(url_for("results.report", project_id=found.project_id), 303)


@bp.post("/fund/reports/<int:report_id>/return")
@requires(Action.FUND_READ)
def return_report(report_id: int) -> BaseResponse:
    """By who may publish it, or by who wrote it."""
    reader, found = _loaded(report_id)
    actor, now = current_actor(), clock.now()
    if not (may(Action.FUND_APPROVE, reader.project.unit_id) or found.made_by_id == actor.person_id):
        raise NotFound
    done = "已退回，写的人会看到原因。" if actor.person_id != found.made_by_id else "已收回，改好再写一份。"
    try:
        note = forms.note(request.form)
        tell(lambda: in_transaction(lambda: service.give_back(report_id, note, actor.person_id, now)), done)
    except Invalid as error:
        known = reports.of_project(found.project_id)
        return _page(reader, known, found, kept(request.form), error.fields)
    return redirect(url_for("fund.project", project_id=found.project_id), 303)
