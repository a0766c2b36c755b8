"""历期定榜: boards as they were frozen, opened again exactly so; published ones are everybody's."""

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.shelf import Shelf
from app.hours import queries as hours
from app.leaderboards import frozen, measures, queries, rules, spans, stamps, tables
from app.leaderboards.frozen import FrozenRow
from app.leaderboards.measures import Measure
from app.leaderboards.rules import BoardKind
from app.leaderboards.tables import Table
from app.leaderboards.views.board import bp
from app.leaderboards.views.tables import ROWS, as_sheet
from app.people.queries import root_unit
from app.webkit.guards import actor_or_none, public
from app.webkit.htmx import render

LISTED = 40
since_kept: Shelf[frozen.Since] = Shelf(64)


def may(action: Action) -> bool:
    """Boards are the whole subdistrict's: so are those who decide about them."""
    actor, root = actor_or_none(), root_unit()
    return bool(actor and root and root.id in actor.roots(action))


@bp.get("/boards/published")
@public
def archive() -> Response:
    at = min(max(1, request.args.get("page", 1, type=int)), 1000)
    found = frozen.boards(public=True, limit=LISTED + 1, offset=(at - 1) * LISTED)
    return render(
        "leaderboards/archive.html",
        boards=found[:LISTED],
        at=at,
        more=len(found) > LISTED,
        rules=rules,
        spans=spans,
        decides=may(Action.RULES_READ),
    )


def _opened(board_id: int) -> FrozenRow:
    one = frozen.board(board_id)
    if one is None or (one.published_at is None and not may(Action.RULES_READ)):
        raise NotFound
    return one


def _by(one: FrozenRow) -> Measure:
    asked = next((by for by in one.measures if by.value == request.args.get("by")), None)
    return asked or (Measure.HEAD if Measure.HEAD in one.measures else one.measures[0])


def _shown(one: FrozenRow, found: list[measures.Figure], places: frozen.Places) -> tuple[Table, bool]:
    boards = {by: frozen.as_board(found, places, by, one.rule) for by in one.measures}
    before = {by: {id_: was for (id_, of), (_, _, was) in places.items() if of is by and was} for by in one.measures}
    names = _names(one, found) if one.kind is BoardKind.PERSON else {}
    return tables.make(one.kind, found, boards, before, _by(one), one.rule, names), any(before.values())


def _names(one: FrozenRow, found: list[measures.Figure]) -> dict[int, tuple[str, str]]:
    """Masked names and communities; who withdrew is hidden. Erased people are hidden too: nobody answers for them any more."""
    known = queries.names([each.id for each in found], one.span.last)
    return {each.id: known.get(each.id, queries.HIDDEN) for each in found}


def _since(one: FrozenRow, found: list[measures.Figure], places: frozen.Places, by: Measure) -> frozen.Since:
    """What today's records would say, computed once per change: the page is everybody's, and it is as much work as the whole board."""
    today = clock.today()
    version = stamps.stamp(db.engine, None, clock.now()).version
    key = (str(current_app.config["SQLALCHEMY_DATABASE_URI"]), one.id, by, today)
    return since_kept.get(key, version, lambda: frozen.since(one, found, places, by, today, tuple(hours.closing_rules())))


@bp.get("/boards/published/<int:board_id>")
@public
def frozen_board(board_id: int) -> Response:
    one = _opened(board_id)
    found, places = frozen.figures(one)
    made, any_before = _shown(one, found, places)
    today = clock.today()
    actor = actor_or_none()
    return render(
        "leaderboards/frozen.html",
        board=one,
        table=made,
        any_before=any_before,
        shown=len(made.rows) if request.args.get("all") == "1" else ROWS,
        since=_since(one, found, places, made.by),
        hidden=sum(row.name == queries.HIDDEN[0] for row in made.rows),
        held=one.rule,
        title=f"{spans.calendar_name(one.span)}{rules.KIND_NAMES[one.kind]}排行",
        span_words=spans.span_words(one.span, today),
        links={
            "by": {by: url_for("leaderboards.frozen_board", board_id=one.id, by=by.value) for by in one.measures},
            "sheet": None if one.kind is BoardKind.PERSON else url_for("leaderboards.frozen_sheet", board_id=one.id, by=made.by.value),
            "all": url_for("leaderboards.frozen_board", board_id=one.id, by=made.by.value, all=1),
        },
        publishing=one.published_at is None and may(Action.UNIT_MANAGE),
        own=bool(actor and one.frozen_by_id == actor.person_id),
        measures=measures,
        rules=rules,
        tables=tables,
    )


@bp.get("/boards/published/<int:board_id>.xlsx")
@public
def frozen_sheet(board_id: int) -> Response:
    one = _opened(board_id)
    if one.kind is BoardKind.PERSON:
        raise NotFound  # a sheet goes on being read after its people took their consent back
    found, places = frozen.figures(one)
    made, any_before = _shown(one, found, places)
    note = f"{spans.span_words(one.span, clock.today())}，{clock.local_date(one.frozen_at)} 定榜"
    title = f"{rules.KIND_NAMES[one.kind]}排行：{spans.calendar_name(one.span)}（定榜）"
    return as_sheet(made, any_before, title, note, one.span.key)
