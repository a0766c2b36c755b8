"""封存: which days are sealed, what each covers, and the page to print and keep. For those who read the audit of the whole subdistrict."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from app.audit.queries import root_unit_id
from app.core import clock
from app.core.config import Settings
from app.core.errors import NotFound
from app.core.permissions import Action
from app.seals import exports, queries, rules
from app.seals.queries import SealRow
from app.webkit.files import attachment
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.webkit.pdf import render_pdf

bp = Blueprint("seals", __name__)

A_PAGE = 40
PDF, JSON = "application/pdf", "application/json; charset=utf-8"


def _whole_subdistrict() -> None:
    """Raises NotFound for whose right does not reach the root."""
    if root_unit_id() not in current_actor().roots(Action.AUDIT_READ):
        raise NotFound


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _seal(given: str) -> SealRow:
    """The seal of a day in the address. Raises NotFound."""
    _whole_subdistrict()
    day = _day(given)
    found = queries.seal_of(day) if day else None
    if found is None:
        raise NotFound
    return found


@bp.get("/seals")
@requires(Action.AUDIT_READ)
def index() -> Response:
    _whole_subdistrict()
    before = _day(request.args.get("before", ""))
    rows = queries.seals(limit=A_PAGE + 1, before=before)
    checks = queries.last_checks()
    last = queries.last_seal()
    return render(
        "seals/index.html",
        rows=rows[:A_PAGE],
        older=rows[A_PAGE - 1].day if len(rows) > A_PAGE else None,
        first=before is None,
        check=checks[0] if checks else None,
        overdue=(rules.last_day_over(clock.now()) - last.day).days if last else None,
    )


@bp.get("/seals/<sealed_day>")
@requires(Action.AUDIT_READ)
def show(sealed_day: str) -> Response:
    return render("seals/show.html", seal=_seal(sealed_day), beginning=rules.BEGINNING)


@bp.get("/seals/<sealed_day>/paper")
@requires(Action.AUDIT_READ)
def paper(sealed_day: str) -> Response:
    """The page to print, for hands outside of this machine."""
    return render("seals/paper.html", **_paper(_seal(sealed_day)))


@bp.get("/seals/<sealed_day>/paper.pdf")
@requires(Action.AUDIT_READ)
def paper_pdf(sealed_day: str) -> Response:
    found = _seal(sealed_day)
    return attachment(render_pdf(render_template("seals/paper_pdf.html", **_paper(found))), PDF, f"{exports.file_name(found.day)}.pdf")


@bp.get("/seals/<sealed_day>/file.json")
@requires(Action.AUDIT_READ)
def kept_file(sealed_day: str) -> Response:
    """What `flask seal check` reads. Nothing personal stands in it."""
    settings: Settings = current_app.config["SETTINGS"]
    found = _seal(sealed_day)
    return attachment(exports.as_json(found, settings.public_url).encode(), JSON, f"{exports.file_name(found.day)}.json")


def _paper(found: SealRow) -> dict[str, Any]:
    return {"seal": found, "qr_text": exports.qr_text(found)}
