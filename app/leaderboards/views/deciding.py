"""定榜: which settled boards are not frozen or not published yet, the local rule, and the two steps, each by another person."""

from datetime import datetime

from flask import flash, redirect, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict
from app.core.permissions import Action
from app.leaderboards import frozen, queries, rules, service, spans
from app.leaderboards.rules import LEAST_HEADS, MOST_HEADS, OLDEST_EXEMPT, YOUNGEST_EXEMPT, BoardKind, BoardRule
from app.leaderboards.views.board import bp
from app.people.queries.units import governs, is_the_whole, of_the_subdistrict
from app.webkit.forms import Form, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist import service as worklist
from app.worklist.service import Source, WorkItem

SHOWN, SPANS = 24, 8


@bp.get("/boards/frozen")
@requires(Action.RULES_READ)
def freezing() -> Response:
    of_the_subdistrict(current_actor(), Action.RULES_READ)
    return _page({})


def _page(faults: dict[str, str]) -> Response:
    due: dict[spans.Span, list[BoardKind]] = {}
    for kind, span in reversed(service.due(clock.today())):
        due.setdefault(span, []).insert(0, kind)
    return render(
        "leaderboards/deciding.html",
        status=422 if faults else 200,
        due=list(due.items())[:SPANS],
        more=len(due) - SPANS,
        unpublished=frozen.boards(public=False, limit=SHOWN),
        published=frozen.boards(public=True, limit=4),
        held=queries.rule(),
        rules=rules,
        spans=spans,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/boards/frozen")
@requires(Action.UNIT_MANAGE)
def freeze() -> Response:
    actor, now = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE), clock.now()
    asked = rules.choose(request.form, clock.local_date(now))
    kinds = list(BoardKind) if request.form.get("every") else [asked.kind]
    try:
        made = [_freeze(kind, asked.span, actor, now) for kind in kinds]
    except Conflict as refusal:
        flash(str(refusal), "warn")
        return redirect(url_for("leaderboards.freezing"), 303)
    if not any(made):
        flash("这一期已经定过榜了。", "info")
        return redirect(url_for("leaderboards.freezing"), 303)
    flash("定好了。请另一位管理员看过再发布。", "yes")
    if len(kinds) > 1:
        return redirect(url_for("leaderboards.freezing"), 303)
    return redirect(url_for("leaderboards.frozen_board", board_id=made[0]), 303)


def _freeze(kind: BoardKind, span: spans.Span, actor: Actor, now: datetime) -> int | None:
    settled = service.settle(kind, span, clock.local_date(now))
    return in_transaction(lambda: service.freeze(settled, actor.person_id, now))


@bp.post("/boards/published/<int:board_id>/publication")
@requires(Action.UNIT_MANAGE)
@recently
def publish(board_id: int) -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    try:
        in_transaction(lambda: service.publish(board_id, actor.person_id, clock.now()))
        flash("发布了，人人看得到。", "yes")
    except Conflict as refusal:
        flash(str(refusal), "warn")
    return redirect(url_for("leaderboards.frozen_board", board_id=board_id), 303)


@bp.post("/boards/rule")
@requires(Action.UNIT_MANAGE)
def set_rule() -> Response:
    actor = of_the_subdistrict(current_actor(), Action.UNIT_MANAGE)
    form = Form(request.form)
    heads = form.whole("min_heads", "最少几个人", least=LEAST_HEADS, most=MOST_HEADS)
    age = form.whole("exempt_age", "多少岁起不计入人数", least=YOUNGEST_EXEMPT, most=OLDEST_EXEMPT)
    if heads is None or age is None:
        return _page(form.faults)
    in_transaction(lambda: service.set_rule(BoardRule(heads, age), actor.person_id, clock.now()))
    flash("改好了，没有定榜的排行马上按新的算。", "yes")
    return redirect(url_for("leaderboards.freezing"), 303)


def _count(actor: Actor) -> Select[int] | None:
    roots = actor.roots(Action.UNIT_MANAGE)
    return frozen.count_waiting(actor.person_id).where(is_the_whole(roots)) if roots else None


def _items(actor: Actor) -> list[WorkItem]:
    if not governs(actor, Action.UNIT_MANAGE):
        return []
    return [
        WorkItem(f"board-{one.id}", "定榜待发布", one.frozen_at, "leaderboards/_work.html", (one, spans.calendar_name(one.span)))
        for one in frozen.waiting(actor.person_id)
    ]


worklist.register(Source("定榜待发布", _count, _items, stated=True))
