"""凭证文件: added by who handles the money, read by the fund's people; 公开件 by everybody."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import photo_files
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund import rules as fund_rules
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.requests import RequestPage
from app.fund.views.shared import project_for, request_for
from app.people.queries import is_below
from app.results import forms, paper_files, rules
from app.results.blueprint import bp
from app.results.queries import papers
from app.results.queries.papers import FileRow
from app.results.service import papers as service
from app.results.service.papers import About
from app.results.views.shared import file_response, may, settings
from app.webkit.files import upload
from app.webkit.forms import kept
from app.webkit.guards import current_actor, public, requires
from app.webkit.htmx import render

KINDS = [(kind.value, words) for kind, words in rules.FILE_KIND_NAMES.items()]


def _form(about: RequestPage | ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    asked = about if isinstance(about, RequestPage) else None
    return render(
        "results/file_form.html",
        status=422 if faults else 200,
        asked=asked,
        project=None if asked else about,
        kept=values,
        faults=faults,
        kinds=KINDS,
        suggested="minute" if asked and asked.needs_minute else "invoice" if asked else "contract",
        most=paper_files.MAX_BYTES // 1024 // 1024,
    )


def _add(about: About) -> bool:
    """The file first, then the row: a row is never without its file, and a file without a row is taken away again."""
    kind, title = forms.paper(request.form)
    sent = upload(request.files, paper_files.MAX_BYTES, called="", missing="请选一份文件")
    paper, name, folder = paper_files.read(sent.data), photo_files.new_name(), settings().uploads_dir
    by_id, now = current_actor().person_id, clock.now()
    said = title or (sent.name.rsplit(".", 1)[0][:80] if sent.name else "") or rules.FILE_KIND_NAMES[kind]
    paper_files.store(folder, name, paper)
    fresh = False
    try:
        added = in_transaction(lambda: service.add(about, kind, said, name, paper, by_id, now))
        fresh = added.fresh
    finally:
        if not fresh:
            paper_files.discard(folder, name, paper.form)
    flash("已收好，只有基金的人看得到。" if fresh else "这一份已经在了，没有再收。", "yes" if fresh else "info")
    return fresh


@bp.get("/fund/requests/<int:request_id>/files/new")
@requires(Action.FUND_MANAGE)
def new_request_file(request_id: int) -> Response:
    return _form(request_for(request_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/requests/<int:request_id>/files")
@requires(Action.FUND_MANAGE)
def add_request_file(request_id: int) -> BaseResponse:
    found = request_for(request_id, Action.FUND_MANAGE)
    try:
        _add(About(request_id=request_id))
    except Invalid as error:
        return _form(found, kept(request.form), error.fields)
    return redirect(url_for("fund.show_request", request_id=request_id), 303)


@bp.get("/fund/projects/<int:project_id>/files")
@requires(Action.FUND_READ)
def project_files(project_id: int) -> Response:
    """Every paper of the project and of its requests, by what they belong to."""
    project = project_for(project_id, Action.FUND_READ)
    rows = papers.of_project(project_id)
    groups: dict[str, list[FileRow]] = {}
    for row in rows:
        groups.setdefault(f"{row.request_number} {row.purpose}" if row.request_id else "项目的文件", []).append(row)
    return render(
        "results/files.html",
        project=project,
        groups=groups,
        count=len(rows),
        officer=may(Action.FUND_MANAGE, project.unit_id),
        rules=rules,
    )


@bp.get("/fund/projects/<int:project_id>/files/new")
@requires(Action.FUND_MANAGE)
def new_project_file(project_id: int) -> Response:
    return _form(project_for(project_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/projects/<int:project_id>/files")
@requires(Action.FUND_MANAGE)
def add_project_file(project_id: int) -> BaseResponse:
    project = project_for(project_id, Action.FUND_MANAGE)
    try:
        _add(About(project_id=project_id))
    except Invalid as error:
        return _form(project, kept(request.form), error.fields)
    return redirect(url_for("results.project_files", project_id=project_id), 303)


def _file(file_id: int, action: Action) -> FileRow:
    found = papers.file(file_id)
    if found is None or not is_below(found.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return found


def _page(found: FileRow, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        "results/file.html",
        status=422 if faults else 200,
        file=found,
        steps=papers.steps(found.id),
        officer=may(Action.FUND_MANAGE, found.unit_id),
        possible=rules.file_steps(found.standing),
        may_open=rules.may_be_open(found.kind, found.has_text),
        kept=values,
        faults=faults,
        rules=rules,
    )


@bp.get("/fund/files/<int:file_id>")
@requires(Action.FUND_READ)
def show_file(file_id: int) -> Response:
    return _page(_file(file_id, Action.FUND_READ), {}, {})


@bp.post("/fund/files/<int:file_id>/opening")
@requires(Action.FUND_MANAGE)
def open_file(file_id: int) -> BaseResponse:
    found, by_id, now = _file(file_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        forms.opening(request.form)
        in_transaction(lambda: service.open_up(file_id, by_id, now))
    except Invalid as error:
        return _page(found, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("已设为公开件，谁都能看。看到不妥，随时可以收回。", "yes")
    return redirect(url_for("results.show_file", file_id=file_id), 303)


@bp.post("/fund/files/<int:file_id>/closing")
@requires(Action.FUND_MANAGE)
def close_file(file_id: int) -> BaseResponse:
    return _with_note(file_id, "closing", "已收回，从现在起只有基金的人看得到。")


@bp.post("/fund/files/<int:file_id>/striking")
@requires(Action.FUND_MANAGE)
def strike_file(file_id: int) -> BaseResponse:
    return _with_note(file_id, "striking", "已作废。它和原因都留着，不算数了。")


def _with_note(file_id: int, what: str, done: str) -> BaseResponse:
    found, by_id, now = _file(file_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    work = service.take_back if what == "closing" else service.strike
    try:
        note = forms.note(request.form)
        in_transaction(lambda: work(file_id, note, by_id, now))
    except Invalid as error:
        return _page(found, {**kept(request.form), "what": what}, error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(done, "yes")
    return redirect(url_for("results.show_file", file_id=file_id), 303)


@bp.get("/fund/files/<int:file_id>/content")
@public
def file_content(file_id: int) -> BaseResponse:
    """A 404 for whoever may not see it. Pictures open in the browser, PDFs are saved: nothing in them runs on this site's address."""
    found = papers.file(file_id)
    if found is None or not (found.public or may(Action.FUND_READ, found.unit_id)):
        raise NotFound
    try:
        data = paper_files.path(settings().uploads_dir, found.name, found.form).read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error
    name = f"shulin-{found.kind.value}-{found.id}.{rules.FORM_ENDS[found.form]}"
    picture = found.form is rules.FileForm.JPEG
    response = file_response(data, rules.FORM_TYPES[found.form], name, etag=found.digest, public=found.public, inline=picture)
    return response.make_conditional(request)


@bp.get("/fund/vouchers/<int:voucher_no>")
@public
def voucher(voucher_no: int) -> Response:
    """One entry of the books: everybody sees what is published of it, and its 公开件; the fund's people all its papers."""
    found = papers.voucher(voucher_no)
    if found is None or (found.stage is not None and found.stage not in fund_rules.PUBLIC_STAGES):
        raise NotFound
    staff = may(Action.FUND_READ, found.unit_id)
    rows = papers.of_request(found.request_id)
    return render(
        "results/voucher.html",
        entry=found,
        staff=staff,
        officer=may(Action.FUND_MANAGE, found.unit_id),
        files=[row for row in rows if row.public or staff],
        hidden=sum(1 for row in rows if not row.public and not row.struck),
        rules=rules,
        fund_rules=fund_rules,
    )
