"""The bank's own page: what fits together, to be confirmed one or many; and what is open on both sides."""

from datetime import date

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.bank import forms, rules
from app.bank.queries import balance as balances
from app.bank.queries import lines as seen
from app.bank.queries import statements as found
from app.bank.service import lines as service
from app.bank.views.shared import bp, for_the_whole, hands_fault, matchers, matching, reconciles
from app.core import clock
from app.core.errors import DomainError, Invalid, NotFound
from app.core.permissions import Action
from app.fund import rules as fund_rules
from app.sheets.writing import XLSX, Table, xlsx
from app.webkit.files import attachment
from app.webkit.guards import requires
from app.webkit.htmx import render


@bp.get("/fund/bank")
@requires(Action.FUND_READ)
def index() -> Response:
    actor = for_the_whole(Action.FUND_READ)
    tried = matchers(actor)
    lines, asked = seen.free_lines(), seen.candidates()
    by_line, by_request = {line.id: line for line in lines}, {one.id: one for one in asked}
    pairs = rules.suggest(lines, asked)
    shown = pairs[: rules.MOST_PAIRS]
    faults = {pair: hands_fault(by_line[pair.line_id], by_request[pair.request_id], tried) for pair in shown}
    paired = {pair.line_id for pair in pairs}, {pair.request_id for pair in pairs}
    together = rules.suggest_groups([line for line in lines if line.id not in paired[0]], [one for one in asked if one.id not in paired[1]])
    statements = found.statements()
    last = balances.last_day()
    return render(
        "bank/page.html",
        pairs=shown,
        more=len(pairs) - len(shown),
        lines=by_line,
        asked=by_request,
        requests=seen.requests_seen([*(pair.request_id for pair in shown), *(one for some in together for one in some.request_ids)]),
        together=together,
        faults=faults,
        open_lines=seen.count_open(),
        open_requests=len(asked),
        statements=statements,
        holes=found.holes(statements),
        balance=balances.balance(last) if last else None,
        may=reconciles(actor),
        hats=tried,
        rules=rules,
        fund_rules=fund_rules,
    )


@bp.post("/fund/bank/matches")
@requires(Action.FUND_STEP)
@recently
def confirm() -> BaseResponse:
    """Each pair by itself: one that has moved on, or is not this person's, holds up no other."""
    if not matchers(for_the_whole(Action.FUND_READ)):
        raise NotFound
    now = clock.now()
    back = redirect(url_for("bank.index"), 303)
    try:
        pairs = forms.pairs(request.form)
    except Invalid as error:
        flash(error.message, "warn")
        return back
    done, faults = 0, []
    for line_id, request_id in pairs:
        try:
            matching(lambda by_id, for_id, line=line_id, asked=request_id: service.match(line, asked, by_id, now, for_id))  # type: ignore[misc]  # bound at once
            done += 1
        except DomainError as error:
            faults.append(error.message)
    if done:
        flash(f"对上了 {done} 笔。", "yes")
    if faults:
        flash(f"有 {len(faults)} 笔没有对：{'；'.join(dict.fromkeys(faults))}", "warn")
    return back


MOST = 200  # of each side, on the screen; all are in the workbook


def _age(day: date, today: date) -> int:
    return (today - day).days


@bp.get("/fund/bank/open")
@requires(Action.FUND_READ)
def show_open() -> Response:
    """What is on one side only, oldest first, with its age."""
    actor = for_the_whole(Action.FUND_READ)
    tried = matchers(actor)
    lines, asked = seen.open_lines(MOST), seen.candidates()
    oldest = sorted(asked, key=lambda one: one.day)[:MOST]
    return render(
        "bank/open.html",
        lines=lines,
        open_lines=seen.count_open(),
        asked=oldest,
        more=len(asked) - len(oldest),
        requests=seen.requests_seen(one.id for one in oldest),
        age=_age,
        may=reconciles(actor),
        hats=tried,
        fund_rules=fund_rules,
    )


@bp.get("/fund/bank/open.xlsx")
@requires(Action.FUND_READ)
def open_sheet() -> Response:
    for_the_whole(Action.FUND_READ)
    today = clock.today()
    asked = sorted(seen.candidates(), key=lambda one: one.day)
    named = seen.requests_seen(one.id for one in asked)
    bank = Table(
        "银行有、账上没有",
        ["账户", "日期", "收入", "支出", "余额", "对方户名", "流水号", "摘要", "几天了", "状态"],
        (
            [
                line.account, line.booked_on, line.fen / 100 if line.fen > 0 else None, -line.fen / 100 if line.fen < 0 else None,
                line.balance / 100, line.party, line.reference, line.memo, _age(line.booked_on, today),
                "等另一位同意另列" if line.state == "asked" else "没有对上",
            ]
            for line in seen.open_lines()
        ),
    )  # fmt: skip
    books = Table(
        "账上有、银行没有",
        ["编号", "种类", "项目", "用途", "日期", "收入", "支出", "对方", "流水号或回单", "几天了", "到哪一步"],
        (
            [
                named[one.id].number,
                fund_rules.REQUEST_NAMES[named[one.id].kind], named[one.id].project or "基金整体", named[one.id].purpose,
                one.day, one.fen / 100 if one.fen > 0 else None, -one.fen / 100 if one.fen < 0 else None, one.party, one.reference,
                _age(one.day, today), fund_rules.STEP_NAMES[named[one.id].state],
            ]
            for one in asked
        ),
    )  # fmt: skip
    return attachment(xlsx(bank, books), XLSX, f"bank-open-{today.isoformat()}.xlsx")
