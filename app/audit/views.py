"""审计: who did what, before and after, by request. Only for those whose right reaches the whole subdistrict."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request, url_for

from app.audit import forms, queries, rules, service
from app.audit.details import SUBJECTS
from app.audit.queries import Place, Search
from app.audit.telling import Told, tell
from app.audit.vocabulary import GROUP_NAMES
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.forms import clean
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

bp = Blueprint("audit", __name__)

FIELDS = ("who", "group", "kind", "subject", "from", "to", "request")
PAGES = {  # kind of subject → the page that shows it, where this site has it
    "person": ("pages.member_page", "person_id"),
    "unit": ("people.unit_show", "unit_id"),
    "place": ("people.place_show", "place_id"),
    "activity": ("activities.show", "activity_id"),
    "claim_batch": ("claims.show", "batch_id"),
    "post": ("duties.show", "post_id"),
    "offer": ("pledges.show_offer", "offer_id"),
    "fund_project": ("fund.project", "project_id"),
    "fund_call": ("panels.call", "call_id"),
    "fund_request": ("fund.show_request", "request_id"),
    "spot_check": ("spotchecks.show", "check_id"),
    "import_batch": ("imports.batch", "batch_id"),
}


def page_of(kind: str, id_: int) -> str | None:
    endpoint, name = PAGES.get(kind, ("", ""))
    values: dict[str, Any] = {name: id_}
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def _whole_subdistrict() -> None:
    """Raises NotFound for whose right does not reach the root."""
    if queries.root_unit_id() not in current_actor().roots(Action.AUDIT_READ):
        raise NotFound


def _place(given: str) -> Place | None:
    """1763697600000000-4711: microseconds and id of the last line seen."""
    micros, _, id_ = given.partition("-")
    if not (micros.isascii() and micros.isdigit() and id_.isascii() and id_.isdigit() and len(micros) < 18 and len(id_) < 16):
        return None
    return Place(datetime.fromtimestamp(int(micros) // 1_000_000, UTC).replace(microsecond=int(micros) % 1_000_000), int(id_))


def _after(told: Told) -> str:
    return f"{int(told.at.timestamp())}{told.at.microsecond:06d}-{told.id}"


def _link(**changes: object) -> str:
    """This search with parts of it changed, from its first page."""
    kept: dict[str, object] = {name: request.args.get(name) for name in FIELDS}
    query = urlencode({name: str(value) for name, value in (kept | changes).items() if value})
    return url_for("audit.index") + (f"?{query}" if query else "")


@bp.get("/audit")
@requires(Action.AUDIT_READ)
def index() -> Response:
    _whole_subdistrict()
    return _index(None)


def _index(found: list[tuple[int, str]] | None, asked: str = "") -> Response:
    search, faults = forms.parse(request.args)
    rows = queries.events(search, rules.A_PAGE + 1, _place(request.args.get("after", "")))
    lines = tell(rows[: rules.A_PAGE], page_of)
    return render(
        "audit/index.html",
        status=422 if faults else 200,
        lines=lines,
        older=_link(after=_after(lines[-1])) if len(rows) > rules.A_PAGE else None,
        first=not request.args.get("after"),
        link=_link,
        sheet=url_for("audit.sheet") + "?" + urlencode({name: request.args[name] for name in FIELDS if request.args.get(name)}),
        search=search,
        searching=search != Search(),
        who=queries.names([("person", search.actor_id)]).get(("person", search.actor_id)) if search.actor_id else None,
        groups=[("", "全部"), *((key.value, words) for key, words in GROUP_NAMES.items())],
        kinds=[("", "不限"), *SUBJECTS.items()],
        kept=request.args,
        faults=faults,
        found=found,
        asked=asked,
        most=rules.MOST_EXPORTED,
    )


@bp.post("/audit/people")
@requires(Action.AUDIT_READ)
def find() -> Response:
    """Whose doings to read: a search by name that is posted, so that no name stands in an address."""
    _whole_subdistrict()
    asked = clean(request.form.get("asked", ""))[:20]
    return _index(queries.people_named(asked) if asked else [], asked)


@bp.get("/audit/<int:event_id>")
@requires(Action.AUDIT_READ)
def show(event_id: int) -> Response:
    _whole_subdistrict()
    row = queries.event(event_id)
    if row is None:
        raise NotFound
    together: list[Told] = []
    if row.request_id != "-":
        together = [one for one in tell(queries.events(Search(request_id=row.request_id), rules.A_PAGE), page_of) if one.id != row.id]
    return render("audit/show.html", one=tell([row], page_of)[0], action=row.action, together=together)


HEADING = ("时间", "谁", "志愿者编号", "做了什么", "对象", "对象编号", "改动", "其他", "请求编号")


@bp.get("/audit.xlsx")
@requires(Action.AUDIT_READ)
def sheet() -> Response:
    """A search for Excel, the newest ten thousand lines at most; that it was taken is recorded too."""
    _whole_subdistrict()
    actor, now = current_actor(), clock.now()
    search, _ = forms.parse(request.args)
    lines = tell(queries.events(search, rules.MOST_EXPORTED), page_of)
    given: dict[str, Any] = {name: request.args[name] for name in FIELDS if request.args.get(name)}
    in_transaction(lambda: service.record(actor.person_id, "audit.export", "audit", None, rows=len(lines), **_told(given)))
    note = f"导出于 {clock.local(now):%Y-%m-%d %H:%M}，{len(lines)} 行" + (
        f"；一次最多 {rules.MOST_EXPORTED} 行，更早的请缩小日期再导出" if len(lines) == rules.MOST_EXPORTED else ""
    )
    table = Table(name="审计记录", title="审计记录", note=note, heading=HEADING, rows=map(_line, lines))
    return attachment(xlsx(table), XLSX, f"audit-{clock.local_date(now)}.xlsx")


def _told(given: dict[str, Any]) -> dict[str, Any]:
    """What was searched for, in the keys of a detail: ids, groups and days."""
    return {{"from": "since", "to": "on", "request": "number", "kind": "kind"}.get(name, name): value for name, value in given.items()}


def _line(one: Told) -> list[Value]:
    return [
        one.at,
        one.who,
        one.actor_id,
        one.what,
        one.subject,
        one.subject_id,
        "；".join(f"{name}{'：' if name else ''}{before} → {after}" for name, before, after in one.changes),
        "；".join(f"{name} {value}" for name, value in one.more),
        one.request_id,
    ]
