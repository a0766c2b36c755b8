"""Statements: the list, a file read into a preview, brought in whole, looked at, taken out."""

import hashlib
from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.bank import forms
from app.bank.models import BankLineEntry, BankPreview
from app.bank.queries import lines as seen
from app.bank.queries import statements as found
from app.bank.reading import read_statement
from app.bank.service import statements as service
from app.bank.views.shared import bp, for_the_whole, reconciles
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.sheets.corrections import OWN
from app.sheets.reading import LARGEST_FILE, read
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment, upload
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

PAGE = 100  # rows, or faulty ones, on a page


@bp.get("/fund/bank/statements")
@requires(Action.FUND_READ)
def list_statements() -> Response:
    actor = for_the_whole(Action.FUND_READ)
    rows = found.statements()
    mine = found.previews(actor.person_id) if reconciles(actor) else []
    return render("bank/statements.html", rows=rows, holes=found.holes(rows), previews=mine, may=reconciles(actor))


def _form(values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render("bank/upload.html", status=422 if faults else 200, kept=values, faults=faults, accounts=found.accounts())


@bp.get("/fund/bank/statements/new")
@requires(Action.FUND_RECONCILE)
def new_statement() -> Response:
    for_the_whole(Action.FUND_RECONCILE)
    return _form({}, {})


@bp.post("/fund/bank/previews")
@requires(Action.FUND_RECONCILE)
def read_file() -> BaseResponse:
    """Reads the file into a preview; nothing else is written, but the account where it is a new one."""
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    try:
        wanted = forms.statement(request.form, [account[0] for account in found.accounts()])
        sent = upload(request.files, LARGEST_FILE, called="对账单", missing="请选一份对账单")
        statement = read_statement(read(sent.data, sent.name))
        digest = hashlib.sha256(sent.data).hexdigest()

        def work() -> int:
            account_id = wanted.account_id or service.add_account(wanted.name, wanted.tail, by_id, now)
            return service.preview(account_id, sent.name, digest, statement, (wanted.first_on, wanted.last_on), by_id, now)

        preview_id = in_transaction(work)
    except Invalid as error:
        return _form(kept(request.form), error.fields)
    return redirect(url_for("bank.show_preview", preview_id=preview_id), 303)


def _preview(preview_id: int) -> BankPreview:
    for_the_whole(Action.FUND_RECONCILE)
    one = found.preview(preview_id)
    if one is None:
        raise NotFound
    return one


@bp.get("/fund/bank/previews/<int:preview_id>")
@requires(Action.FUND_RECONCILE)
def show_preview(preview_id: int) -> Response:
    one = _preview(preview_id)
    blocks: list[str] = []
    if one.first_on and one.last_on and not one.faults:
        blocks = found.blocks(one.account_id, one.digest, one.first_on, one.last_on, one.opening, one.closing)
    account = next(account for account in found.accounts() if account[0] == one.account_id)
    shown = one.faults or one.rows
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    part = shown[(page - 1) * PAGE : page * PAGE]
    return render("bank/preview.html", preview=one, blocks=blocks, account=account, part=part, at=page, pages=pages)


@bp.get("/fund/bank/previews/<int:preview_id>/corrections.xlsx")
@requires(Action.FUND_RECONCILE)
def corrections_sheet(preview_id: int) -> Response:
    """The refused rows in the bank's own columns, only the bad cells red, each with what was read and what is expected."""
    one = _preview(preview_id)
    titles: list[str] = list(one.titles)
    places = {title: place for place, title in reversed(list(enumerate(titles)))}
    rows: list[list[Value]] = []
    red: set[tuple[int, int]] = set()
    told = dict(one.faults)
    for at, (number, *cells) in enumerate(row for row in one.rows if row[0] in told):
        faults = told[number]
        said = "；".join(f"{column}：读到 {was}，应是 {expected}" for column, was, expected in faults)
        rows.append([*[*cells, *[None] * len(titles)][: len(titles)], number, said])
        red.update((at, places[column]) for column, _was, _expected in faults if column in places)
    note = "红格是读不懂或对不上的。请在原来的对账单里改好，整份再传一次；一行也没有导入。"
    sheet = Table("改正表", [*titles, *OWN], rows, red, title="没有收下的行", note=note)
    return attachment(xlsx(sheet), XLSX, "bank-corrections.xlsx")


@bp.post("/fund/bank/previews/<int:preview_id>/removal")
@requires(Action.FUND_RECONCILE)
def discard(preview_id: int) -> BaseResponse:
    _preview(preview_id)
    in_transaction(lambda: service.discard(preview_id))
    flash("预览已去掉，什么也没有导入。", "yes")
    return redirect(url_for("bank.list_statements"), 303)


@bp.post("/fund/bank/previews/<int:preview_id>/statement")
@requires(Action.FUND_RECONCILE)
@recently
def bring_in(preview_id: int) -> BaseResponse:
    one, by_id, now = _preview(preview_id), current_actor().person_id, clock.now()
    try:
        statement_id = in_transaction(lambda: service.bring_in(preview_id, by_id, now))
    except Conflict as error:
        flash(error.message, "warn")
        return redirect(url_for("bank.show_preview", preview_id=preview_id), 303)
    flash(f"已导入 {one.count:,} 笔流水。", "yes")
    return redirect(url_for("bank.show_statement", statement_id=statement_id), 303)


def _page(statement_id: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    actor = for_the_whole(Action.FUND_READ)
    one = found.statement(statement_id)
    if one is None:
        raise NotFound
    pages = max(1, -(-one.lines // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = seen.lines(BankLineEntry.statement_id == statement_id, page=page, size=PAGE)
    status = 422 if faults else 200
    return render(
        "bank/statement.html",
        status=status,
        one=one,
        rows=rows,
        at=page,
        pages=pages,
        may=reconciles(actor),
        kept=values,
        faults=faults,
    )


@bp.get("/fund/bank/statements/<int:statement_id>")
@requires(Action.FUND_READ)
def show_statement(statement_id: int) -> Response:
    return _page(statement_id, {}, {})


@bp.post("/fund/bank/statements/<int:statement_id>/voiding")
@requires(Action.FUND_RECONCILE)
@recently
def void(statement_id: int) -> BaseResponse:
    by_id, now = for_the_whole(Action.FUND_RECONCILE).person_id, clock.now()
    try:
        reason = forms.reason(request.form)
        in_transaction(lambda: service.void(statement_id, reason, by_id, now))
    except Invalid as error:
        return _page(statement_id, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("这份对账单已作废，流水留着备查，不再算数。", "yes")
    return redirect(url_for("bank.show_statement", statement_id=statement_id), 303)
