"""The wide table of a board, on paper and as a sheet; choosing days of one's own."""

from collections.abc import Mapping
from datetime import date

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.shelf import Shelf
from app.hours import queries as hours
from app.leaderboards import frozen, measures, queries, rules, spans, stamps, tables
from app.leaderboards.rules import BoardKind, Choice
from app.leaderboards.spans import Length
from app.leaderboards.tables import Table
from app.leaderboards.views.board import bp
from app.people.queries import root_unit
from app.sheets.writing import XLSX, xlsx
from app.sheets.writing import Table as Sheet
from app.webkit.files import attachment
from app.webkit.forms import Form, kept
from app.webkit.guards import actor_or_none, public
from app.webkit.htmx import render

ROWS = 100
tables_kept: Shelf[tuple[Table, bool]] = Shelf(32)


def _asked() -> Choice:
    choice = rules.choose(request.args, clock.today())
    if choice.kind is BoardKind.PERSON:
        raise NotFound  # one measure, and lines that their owners may withdraw: the page alone
    return choice


def _table(choice: Choice) -> tuple[Table, bool]:
    """Everything of this span and kind, made once per change; whether there was a board before it."""

    def make() -> tuple[Table, bool]:
        held, by = queries.rule(), rules.measures_of(choice.kind, choice.span)
        found = [one for one in queries.figures(choice, held, by) if one.minutes or one.heads]
        boards = {one: measures.rank(found, one, held.min_heads) for one in by}
        before = frozen.places_before(choice, held, by)
        return tables.make(choice.kind, found, boards, before, choice.by, held, {}), any(before.values())

    database = str(current_app.config["SQLALCHEMY_DATABASE_URI"])
    key = (database, choice.kind, choice.span, choice.by, choice.today)
    return tables_kept.get(key, stamps.stamp(db.engine, None, clock.now()).version, make)


@bp.get("/boards/table")
@public
def table() -> Response:
    choice = _asked()
    made, any_before = _table(choice)
    held = queries.rule()
    return render(
        "leaderboards/table.html",
        table=made,
        any_before=any_before,
        shown=len(made.rows) if request.args.get("all") == "1" else ROWS,
        choice=choice,
        held=held,
        span_name=spans.calendar_name(choice.span),
        span_words=spans.span_words(choice.span, choice.today),
        links=_links(choice),
        freezing=_freezing(choice),
        measures=measures,
        rules=rules,
        tables=tables,
    )


def _links(choice: Choice) -> Mapping[str, object]:
    """Where the page leads: the same with another measure, the sheet, everything for paper, and back."""
    given = {name: value for name, value in choice.arguments().items() if name != "page"}
    bare = {name: value for name, value in given.items() if name != "by"}
    by = {one: url_for("leaderboards.table", **bare, by=one.value) for one in rules.measures_of(choice.kind, choice.span)}
    return {
        "by": by,
        "sheet": url_for("leaderboards.table_sheet", **given),
        "all": url_for("leaderboards.table", **given, all=1),
        "back": url_for("leaderboards.boards", **given),
        "before": _of(choice, choice.span.before),
    }


def _of(choice: Choice, span: spans.Span | None) -> str | None:
    if span is None or spans.too_old(span, choice.today):
        return None
    there = Choice(choice.kind, span, choice.by, None, 1, choice.today)
    return url_for("leaderboards.table", **there.arguments())


def _freezing(choice: Choice) -> str | None:
    """For administrators: "may" where this board can be frozen now, else the words why not yet; None where it was, or is not theirs."""
    actor, root = actor_or_none(), root_unit()
    if actor is None or root is None or root.id not in actor.roots(Action.UNIT_MANAGE) or choice.span.length is Length.ALL:
        return None
    if frozen.places_of(choice.kind, choice.span.key, ()) is not None:
        return None
    day = spans.settling_day(choice.span, tuple(hours.closing_rules()))
    return "may" if day and day <= choice.today else f"{day.year}年{day.month}月{day.day}日结账以后可以定榜" if day else None


@bp.get("/boards/table.xlsx")
@public
def table_sheet() -> Response:
    choice = _asked()
    made, any_before = _table(choice)
    words = f"{spans.span_words(choice.span, choice.today)}，{clock.local_date(clock.now()).isoformat()} 导出"
    return as_sheet(made, any_before, f"{rules.KIND_NAMES[choice.kind]}排行：{spans.calendar_name(choice.span)}", words, choice.span.key)


def as_sheet(made: Table, any_before: bool, title: str, note: str, name: str) -> Response:
    rows = tables.sheet_rows(made, any_before=any_before)
    note = f"{note}。只算志愿服务的扫码时长，补录另列。数字截到两位小数，名次按准确的数排。口径以组织部门为准"
    sheet = Sheet("排行", tables.heading(made), rows, title=title, note=note)
    return attachment(xlsx(sheet), XLSX, f"board-{made.kind.value}-{name.replace('~', '-to-')}.xlsx")


@bp.get("/boards/period")
@public
def choose_days() -> Response:
    """The form of one's own days; with days that are good it leads to their board."""
    form, today = Form(request.args), clock.today()
    if "from" not in request.args and "to" not in request.args:
        return _choosing({}, today)
    first, last = form.day("from", "开始的日子"), form.day("to", "结束的日子")
    form.faults.update({field: words for field, words in spans.faults(first, last, today).items() if field not in form.faults})
    if form.faults or first is None or last is None:
        return _choosing(form.faults, today)
    asked = rules.choose({**request.args, "period": Length.CUSTOM.value}, today)
    return redirect(url_for("leaderboards.boards", **asked.arguments()), 303)


def _choosing(faults: dict[str, str], today: date) -> Response:
    asked = rules.choose(request.args, today)
    return render(
        "leaderboards/period.html",
        status=422 if faults else 200,
        faults=faults,
        kept=kept(request.args),
        asked=asked,
        first=asked.span.first if asked.span.length is not Length.ALL else today.replace(month=1, day=1),
        last=asked.day,
    )
