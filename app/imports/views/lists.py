"""What a preview shows the first lines of, whole and a page at a time: refused rows, warnings, people, open questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from flask import Response, make_response, render_template, request

from app.core import clock
from app.core.permissions import Action
from app.imports import corrections, forms, listing, questions, status
from app.imports.planning import Ask
from app.imports.views.common import batch_of, bp
from app.sheets.writing import XLSX
from app.webkit.files import attachment
from app.webkit.guards import requires

PAGE = 100


@bp.get("/imports/<int:batch_id>/refused")
@requires(Action.ROSTER_READ)
def refused(batch_id: int) -> Response:
    return _remarks(batch_id, refuses=True)


@bp.get("/imports/<int:batch_id>/warnings")
@requires(Action.ROSTER_READ)
def warnings(batch_id: int) -> Response:
    return _remarks(batch_id, refuses=False)


def _remarks(batch_id: int, *, refuses: bool) -> Response:
    found = batch_of(batch_id, clock.today())
    after = max(0, request.args.get("after", 0, type=int))
    rows = status.remarks(batch_id, refuses=refuses, after=after, most=PAGE + 1)
    further = after + PAGE if len(rows) > PAGE else None
    return make_response(
        render_template("imports/remarks.html", b=found, rows=rows[:PAGE], refuses=refuses, after=after, further=further, size=PAGE)
    )


@bp.get("/imports/<int:batch_id>/fresh")
@requires(Action.ROSTER_READ)
def fresh(batch_id: int) -> Response:
    return _people(batch_id, changes=False)


@bp.get("/imports/<int:batch_id>/changed")
@requires(Action.ROSTER_READ)
def changed(batch_id: int) -> Response:
    return _people(batch_id, changes=True)


def _people(batch_id: int, *, changes: bool) -> Response:
    """Whom the batch brings, or changes and how."""
    found = batch_of(batch_id, clock.today())
    after = max(0, request.args.get("after", 0, type=int))
    rows: Sequence[object]
    if changes:
        rows = listing.changed(batch_id, moves_dates=found.move_dates, after=after, most=PAGE + 1)
    else:
        rows = listing.fresh(batch_id, after=after, most=PAGE + 1)
    further = after + PAGE if len(rows) > PAGE else None
    return make_response(
        render_template("imports/people.html", b=found, rows=rows[:PAGE], changes=changes, after=after, further=further, size=PAGE)
    )


@bp.get("/imports/<int:batch_id>/missing")
@requires(Action.ROSTER_READ)
def missing(batch_id: int) -> Response:
    found = batch_of(batch_id, clock.today())
    people = status.missing(batch_id)
    branches = [(name, list(members)) for name, members in groupby(people, attrgetter("branch"))]
    return make_response(render_template("imports/missing.html", b=found, people=people, branches=branches))


@bp.get("/imports/<int:batch_id>/refused.xlsx")
@requires(Action.ROSTER_READ)
def corrections_sheet(batch_id: int) -> Response:
    return attachment(corrections.refused(batch_of(batch_id, clock.today())), XLSX, f"roster-corrections-{batch_id}.xlsx")


@dataclass(frozen=True)
class Asked:
    """What a preview asks about rows of one kind, with the answers there are."""

    asks: Ask
    rows: list[questions.Question]
    answers: list[tuple[str, str]]


def asked_about(batch_id: int, asks: Ask, *, after: int = 0, most: int) -> Asked:
    choices = forms.SHARE_CHOICES if asks is Ask.SHARE else forms.ANSWER_CHOICES
    return Asked(asks, questions.questions(batch_id, asks=asks, after=after, most=most), choices)


@bp.get("/imports/<int:batch_id>/questions")
@requires(Action.ROSTER_READ)
def asked(batch_id: int) -> Response:
    """疑似换号, all of them, a page at a time."""
    return _asking(batch_id, Ask.PHONE)


@bp.get("/imports/<int:batch_id>/shares")
@requires(Action.ROSTER_READ)
def shares(batch_id: int) -> Response:
    """合用一个号码, the same."""
    return _asking(batch_id, Ask.SHARE)


def _asking(batch_id: int, asks: Ask) -> Response:
    found = batch_of(batch_id, clock.today())
    after = max(0, request.args.get("after", 0, type=int))
    one = asked_about(batch_id, asks, after=after, most=PAGE + 1)
    rows = one.rows
    further = after + PAGE if len(rows) > PAGE else None
    return make_response(
        render_template(
            "imports/questions.html",
            b=found,
            rows=rows[:PAGE],
            after=after,
            further=further,
            size=PAGE,
            asks=asks.value,
            answers=one.answers,
        )
    )
