"""登记册: what can be brought in besides people, upload, preview, write, take back; and everything out again."""

from collections.abc import Callable
from datetime import date
from functools import partial

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.accounts.deciders import deciders
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.registers import corrections, exports, projects, running, service, status
from app.registers.exports import EXPORTS, Export, FileType
from app.registers.rules import COLUMNS, KIND_NAMES, RIGHTS, RegisterKind, RowVerdict
from app.registers.scope import scope_of, shown_to
from app.sheets.batches import MOST_ROWS
from app.sheets.reading import LARGEST_FILE, read
from app.sheets.writing import CSV, XLSX
from app.webkit.files import attachment, upload
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import while_running
from app.worklist import service as worklist
from app.worklist.service import Source, WorkItem

bp = Blueprint("registers", __name__)

FIRST = 8  # rows of each verdict on the preview itself
PAGE = 100
SAID = {
    RegisterKind.UNITS: "党组织、分队、街坊会……的上下级，一行一个；换了上级就是移动",
    RegisterKind.PLACES: "社区、小区、楼栋、楼道和驿站，连上级一起写",
    RegisterKind.POSTS: "党员岗位、楼长、巷长、街长和任职人",
    RegisterKind.HOURS: "用本系统以前的服务和学习，记作补录时长，要写来源，另一位管理员核准",
    RegisterKind.PROJECTS: "关爱基金 2009 年以来做过的项目，标明历史数据·未附凭证，另一位核准才入账",
}


def _batch(batch_id: int, day: date) -> status.Batch:
    found = status.batch_in_scope(batch_id, current_actor().roots, day)
    if found is None:
        raise NotFound
    return found


def _kinds(actor: Actor) -> list[RegisterKind]:
    """What this actor may bring in."""
    return [kind for kind in RegisterKind if actor.may(RIGHTS[kind].bring)]


@bp.get("/registers")
@requires(Action.REGISTER_READ)
def index() -> str:
    """What can be brought in, what waits for the reader's yes, and what was brought in."""
    today = clock.today()
    return render_template(
        "registers/page.html",
        kinds=[(kind, KIND_NAMES[kind], SAID[kind]) for kind in _kinds(current_actor())],
        names=KIND_NAMES,
        waiting=_waiting(current_actor()),
        batches=status.recent(current_actor().roots, today),
    )


def upload_page(kind: RegisterKind, faults: dict[str, str] | None = None, code: int = 200) -> Response:
    page = render_template(
        "registers/upload.html", kind=kind, name=KIND_NAMES[kind], said=SAID[kind], columns=COLUMNS[kind], faults=faults or {}
    )
    return make_response(page, code)


def create(kind: RegisterKind) -> BaseResponse:
    """Reads the file into a preview; nothing else is written."""
    actor, now = current_actor(), clock.now()
    scope = scope_of(actor.roots(RIGHTS[kind].bring), clock.local_date(now))
    try:
        sent = upload(request.files, LARGEST_FILE, called="表", missing="请选一个文件")
        plan = service.plan_file(kind, read(sent.data, sent.name), scope)
    except Invalid as fault:
        return upload_page(kind, fault.fields, fault.status)
    batch_id = running.stage(plan, scope.root_id, sent.name, actor.person_id, now)
    return redirect(url_for("registers.batch", register_batch_id=batch_id), 303)


def template(kind: RegisterKind) -> Response:
    return attachment(corrections.template(kind), XLSX, f"{kind}-template.xlsx")


def _each_kind(path: str, name: str, view: Callable[[RegisterKind], BaseResponse], method: str = "GET") -> None:
    """One address for each kind: /registers/units, /registers/units/template.xlsx …"""
    for kind in RegisterKind:

        def asked(kind: RegisterKind = kind) -> BaseResponse:
            return view(kind)

        bp.add_url_rule(path.format(kind), f"{name}_{kind}", requires(RIGHTS[kind].bring)(asked), methods=[method])


_each_kind("/registers/{}/new", "upload", partial(upload_page))
_each_kind("/registers/{}", "create", create, "POST")
_each_kind("/registers/{}/template.xlsx", "template", template)


@bp.get("/registers/batches/<int:register_batch_id>")
@requires(Action.REGISTER_READ)
def batch(register_batch_id: int) -> str:
    found = _batch(register_batch_id, clock.today())
    sections = [
        (verdict, status.rows(found.id, verdict, most=FIRST)) for verdict in (RowVerdict.REFUSED, RowVerdict.CHANGED, RowVerdict.NEW)
    ]
    return render_template(
        "registers/batch.html",
        b=found,
        name=KIND_NAMES[found.kind],
        own=found.made_by_id == current_actor().person_id,
        rights=RIGHTS[found.kind],
        may_undo=_may_undo(current_actor(), found.kind),
        approvers=_approvers(found) if found.needs_approval else [],
        progress=status.progress(found.id),
        in_the_way=projects.in_the_way(found.id) if found.kind is RegisterKind.PROJECTS and found.undo_until() else [],
        sections=dict(sections),
    )


def _approvers(found: status.Batch) -> list[str]:
    """Who may approve what somebody else brought."""
    if found.unit_id is None:
        return []
    may = deciders(found.unit_id, RIGHTS[found.kind].approve, clock.today(), but=[found.made_by_id] if found.made_by_id else [])
    return [one.name for one in may][:5]


@bp.get("/registers/batches/<int:register_batch_id>/progress")
@requires(Action.REGISTER_READ)
def progress(register_batch_id: int) -> Response:
    """A fragment while writing or taking back goes on; 204 before, a reload when it has ended."""
    found = _batch(register_batch_id, clock.today())
    return while_running(render_template("registers/_run.html", b=found, progress=status.progress(found.id)) if found.running else None)


@bp.get("/registers/batches/<int:register_batch_id>/rows")
@requires(Action.REGISTER_READ)
def rows(register_batch_id: int) -> str:
    """All rows of one verdict, page by page."""
    found = _batch(register_batch_id, clock.today())
    asked = request.args.get("verdict", RowVerdict.REFUSED)
    if asked not in {verdict.value for verdict in RowVerdict}:
        raise NotFound
    verdict = RowVerdict(asked)
    after = min(max(0, request.args.get("after", 0, type=int)), MOST_ROWS)
    shown = status.rows(found.id, verdict, after=after, most=PAGE + 1)
    further = after + PAGE if len(shown) > PAGE else None
    return render_template("registers/rows.html", b=found, verdict=verdict, rows=shown[:PAGE], after=after, further=further, size=PAGE)


@bp.get("/registers/batches/<int:register_batch_id>/refused.xlsx")
@requires(Action.REGISTER_READ)
def corrections_sheet(register_batch_id: int) -> Response:
    found = _batch(register_batch_id, clock.today())
    return attachment(corrections.refused(found), XLSX, f"{found.kind}-corrections-{found.id}.xlsx")


@bp.post("/registers/batches/<int:register_batch_id>/application")
@requires(Action.REGISTER_WORK)
@recently
def apply(register_batch_id: int) -> BaseResponse:
    """Writes in short steps until it is done; another tab (or this one, while it waits) asks for the progress."""
    return _do(register_batch_id, _brings, lambda actor: running.write(register_batch_id, actor.person_id, clock.now()), "写好了。")


@bp.post("/registers/batches/<int:register_batch_id>/approval")
@requires(Action.REGISTER_WORK)
@recently
def approve(register_batch_id: int) -> BaseResponse:
    """A second person says yes, which writes them."""

    def work(actor: Actor) -> None:
        running.write(register_batch_id, actor.person_id, clock.now(), approved_by_id=actor.person_id)

    return _do(register_batch_id, _approves, work, "已核准，写好了。")


@bp.post("/registers/batches/<int:register_batch_id>/reversal")
@requires(Action.REGISTER_WORK)
@recently
def reverse(register_batch_id: int) -> BaseResponse:
    def work(actor: Actor) -> None:
        running.undo(register_batch_id, actor.person_id, clock.now())

    return _do(register_batch_id, _may_undo, work, "已整批退回，和写入前一样。")


@bp.post("/registers/batches/<int:register_batch_id>/reversal-request")
@requires(Action.REGISTER_WORK)
@recently
def ask_reversal(register_batch_id: int) -> BaseResponse:
    """The first of two who take projects back."""

    def work(actor: Actor) -> None:
        in_transaction(lambda: service.ask_undo(register_batch_id, actor.person_id, clock.now()))

    return _do(register_batch_id, _may_undo, work, "已提出，等另一位同意。")


def _brings(actor: Actor, kind: RegisterKind) -> bool:
    return actor.may(RIGHTS[kind].bring)


def _approves(actor: Actor, kind: RegisterKind) -> bool:
    return actor.may(RIGHTS[kind].approve)


def _may_undo(actor: Actor, kind: RegisterKind) -> bool:
    return _brings(actor, kind) or _approves(actor, kind)


def _do(batch_id: int, may: Callable[[Actor, RegisterKind], bool], work: Callable[[Actor], None], done: str) -> BaseResponse:
    if not may(current_actor(), _batch(batch_id, clock.today()).kind):
        raise NotFound
    try:
        work(current_actor())
        flash(done, "yes")
    except (Conflict, Refused) as refusal:
        flash(refusal.message, "warn")
    return redirect(url_for("registers.batch", register_batch_id=batch_id), 303)


@bp.get("/exports")
@requires(Action.BRANCH_READ)
def exporting() -> str:
    """What can be taken out: everything below the units of one's rights."""
    this_year = clock.today().year
    years = [*((str(year), f"{year} 年") for year in range(this_year, this_year - 8, -1)), ("", "历年全部")]
    return render_template("registers/exports.html", exports=EXPORTS.values(), years=years)


def export(which: Export, file_type: FileType) -> BaseResponse:
    actor, today = current_actor(), clock.today()
    scope = shown_to(scope_of(actor.roots(Action.ROSTER_EXPORT) | actor.roots(Action.BRANCH_READ), today), actor.roots(Action.PERSON_EDIT))
    year = request.args.get("year", type=int)
    if year is not None and not 1949 <= year <= today.year:
        raise NotFound
    name = f"{which.key}-{f'{year}-' if year else ''}{today:%Y%m%d}.{file_type}"
    if file_type is FileType.XLSX:
        try:
            return attachment(exports.sheet(which, scope, year, actor.person_id), XLSX, name)
        except Conflict as refusal:
            flash(refusal.message, "warn")
            return redirect(url_for("registers.exporting"), 303)
    sent = Response(stream_with_context(exports.lines(which, scope, year, actor.person_id)), content_type=CSV)
    sent.headers["Content-Disposition"] = f"attachment; filename={name}"
    return sent


def _each_export() -> None:
    """One address for each file: /exports/people.xlsx, /exports/hours.csv …"""
    for which in EXPORTS.values():
        for file_type in FileType:

            def asked(which: Export = which, file_type: FileType = file_type) -> BaseResponse:
                return export(which, file_type)

            bp.add_url_rule(f"/exports/{which.key}.{file_type}", f"{which.key}_{file_type}", requires(Action.BRANCH_READ)(asked))


_each_export()


def _waiting(actor: Actor) -> list[status.Batch]:
    return status.waiting(actor.roots, actor.person_id, clock.today())


worklist.register(
    Source(
        "历史登记",
        lambda actor: status.waiting_count(actor.roots, actor.person_id, clock.today()),
        lambda actor: [WorkItem(f"register-{one.id}", "历史登记", one.made_at, "registers/_work.html", one) for one in _waiting(actor)],
    )
)
