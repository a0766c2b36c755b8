"""The public files: projects, entries and 服务人次 as csv, xlsx and JSON, sent as they are read, and not again while nothing changed."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Response, current_app, make_response, request, stream_with_context, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.errors import NotFound
from app.fund import open_data, rules
from app.fund.blueprint import bp
from app.fund.open_data import Form, Table
from app.fund.queries import projects as listed
from app.fund.queries import published
from app.fund.views import looking
from app.sheets import writing
from app.webkit.guards import public
from app.webkit.htmx import render

JSON = "application/json; charset=utf-8"
NOTE = "由本站账目逐笔相加，未与以往公开报道核对。金额单位：元。更正是相反的一行，原来那一行也留着。"


@bp.get("/fund/data")
@public
def show_data() -> Response:
    """What there is to download, and what the fields mean."""
    return render("fund/data.html", tables=open_data.NAMES, forms=list(Form), columns={t: open_data.heading(t) for t in Table})


def _download(table: Table, form: Form) -> BaseResponse:
    question = _question(table)
    etag = published.version(table, form, _address("fund.index"), *question)
    if request.if_none_match.contains_weak(etag):
        response: BaseResponse = make_response("", 304)
    else:
        response = _file(table, form, _rows(table, *question))
        response.headers["Content-Disposition"] = f"attachment; filename=fund-{table}-{clock.today():%Y%m%d}.{form}"
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def _question(table: Table) -> tuple[Any, ...]:
    """What of the table is asked for, by the same words as on its page."""
    sought = looking.sought()
    if table is Table.PROJECTS:
        return looking.show("all"), sought
    if table is Table.SERVICES:
        return (sought,)
    project_id = looking.number("project")
    found = listed.card(project_id) if project_id else None
    if project_id and (found is None or found.stage not in rules.PUBLIC_STAGES):
        raise NotFound
    return looking.way(), sought, project_id or None, looking.number("donor") or None


def _rows(table: Table, *question: Any) -> Iterator[object]:
    today = clock.today()
    if table is Table.PROJECTS:
        show, sought = question
        return published.projects(frozenset(looking.SHOWN[show]), sought, today)
    if table is Table.SERVICES:
        return published.services(question[0], today)
    way, sought, project_id, donor_of = question
    return published.entries(way, sought, today, project_id, donor_of)


def _file(table: Table, form: Form, rows: Iterator[object]) -> BaseResponse:
    if form is Form.JSON:
        return Response(stream_with_context(_json(table, rows)), content_type=JSON)
    cells = (open_data.row(table, one) for one in rows)
    if form is Form.CSV:
        return Response(stream_with_context(writing.csv_lines(open_data.heading(table), cells)), content_type=writing.CSV)
    made = writing.Table(open_data.NAMES[table], open_data.heading(table), writing.Counted(cells), note=NOTE)
    response = make_response(writing.xlsx(made))
    response.headers["Content-Type"] = writing.XLSX
    return response


def _json(table: Table, rows: Iterator[Any]) -> Iterator[str]:
    """One object; its rows come line by line. Projects that were not yet decided are no grants and are left out."""
    about = {"publisher": {"name": open_data.FUND_NAME}, "source": _address("fund.index"), "note": NOTE}
    yield json.dumps(about, ensure_ascii=False)[:-1] + f', "{open_data.LISTS[table]}": ['
    before = "\n"
    for one in rows:
        if table is Table.PROJECTS and one.awarded_on is None:
            continue
        yield before + json.dumps(_told(table, one), ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def _address(endpoint: str, **values: Any) -> str:
    """As PUBLIC_URL says, and never as the asking client's Host header does: the file goes on to others."""
    return f"{current_app.config['SETTINGS'].public_url}{url_for(endpoint, **values)}"


def _told(table: Table, one: Any) -> dict[str, Any]:
    if table is Table.PROJECTS:
        return open_data.grant(one, _address("fund.project", project_id=one.id))
    if table is Table.ENTRIES:
        return open_data.transaction(one, _address("results.voucher", voucher_no=one.voucher_no))
    return open_data.service(one, _address("fund.list_projects", q=one.project))


def _each() -> None:
    """One address for each file: /fund/data/projects.csv, /fund/data/entries.json …"""
    for table in Table:
        for form in Form:
            view: Callable[[], BaseResponse] = partial(_download, table, form)
            bp.add_url_rule(f"/fund/data/{table}.{form}", f"data_{table}_{form}", public(view), methods=["GET"])


_each()
