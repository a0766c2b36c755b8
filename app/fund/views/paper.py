"""用款申请单 and its sisters: one sheet of a request, to print and to sign."""

from typing import Any

from flask import Response, render_template

from app.core.permissions import Action
from app.fund import rules, step_rules
from app.fund.blueprint import bp
from app.fund.capitals import capitals
from app.fund.queries import projects
from app.fund.queries import requests as asked
from app.fund.rules import STEP_NAMES, RequestKind, Step
from app.fund.views.shared import request_for
from app.webkit.files import attachment
from app.webkit.guards import requires
from app.webkit.htmx import render
from app.webkit.pdf import render_pdf

PDF = "application/pdf"
TITLES = {
    RequestKind.OPENING: "期初入账单",
    RequestKind.DONATION: "捐赠入账单",
    RequestKind.GRANT: "拨付申请单",
    RequestKind.PAYMENT: "用款申请单",
    RequestKind.REFUND: "支出退回单",
    RequestKind.RETURN: "剩余交回单",
    RequestKind.TRANSFER: "转入限定用途申请单",
    RequestKind.PAST_SPENDING: "历史支出入账单",
    RequestKind.CORRECTION: "更正申请单",
    RequestKind.FIGURE: "更正人次申请单",
}


@bp.get("/fund/requests/<int:request_id>/form")
@requires(Action.FUND_READ)
def print_request(request_id: int) -> Response:
    return render("fund/form_printed.html", **_sheet(request_id))


@bp.get("/fund/requests/<int:request_id>/form.pdf")
@requires(Action.FUND_READ)
def request_pdf(request_id: int) -> Response:
    sheet = _sheet(request_id)
    return attachment(render_pdf(render_template("fund/form_pdf.html", **sheet)), PDF, f"{sheet['row'].number}.pdf")


def _sheet(request_id: int) -> dict[str, Any]:
    """What the sheet shows: facts, the steps taken, and the ones to come with room to sign."""
    found = request_for(request_id, Action.FUND_READ)
    standing = asked.standing(request_id)
    taken = {step.step for step in found.steps}
    over = found.row.state in (Step.RETURNED, Step.WITHDRAWN)
    ahead = () if over else (step for step in step_rules.way(standing.kind, standing.needs_second) if step not in taken)
    return {
        "asked": found,
        "row": found.row,
        "title": TITLES[found.row.kind],
        "capitals": capitals(found.row.fen) if found.row.fen else "",
        "project": projects.card(found.row.project_id) if found.row.project_id else None,
        "ahead": [STEP_NAMES[step] for step in ahead],
        "rules": rules,
    }
