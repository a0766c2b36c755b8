"""One merge: what it would do or did, and the decision about it by somebody else than its proposer."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.merges import forms, service
from app.merges.own_rules import Pair
from app.merges.queries.confirmers import confirmers
from app.merges.queries.listing import MergeRow
from app.merges.queries.preview import preview
from app.merges.rules import ORIGIN_NAMES, STATE_NAMES, TOO_LATE, UNDO_DAYS, State
from app.merges.service.merging import totals_moved
from app.merges.views import bp
from app.merges.views.common import carry_on, looked, readable
from app.merges.views.pairs import seen, told
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import notify


@bp.get("/merges/<int:merge_id>")
@requires(Action.MERGE_READ)
def merge(merge_id: int) -> Response:
    row = readable(merge_id, Action.MERGE_READ)
    looked(row.stays_id, row.goes_id)
    return _page(row)


def _page(row: MergeRow, faults: dict[str, str] | None = None) -> Response:
    actor, now = current_actor(), clock.now()
    pair = Pair(row.stays_id, row.goes_id, actor.person_id, now, clock.local_date(now))
    gone = people.who_now(row.stays_id) != row.stays_id or people.who_now(row.goes_id) != row.goes_id
    waiting = row.state is State.WAITING and not gone
    shown: dict[str, Any] = told(pair, preview(pair), row.id) if waiting else {}
    return render(
        "merges/merge.html",
        status=422 if faults else 200,
        row=row,
        state=State,
        state_name=STATE_NAMES[row.state],
        waiting=waiting,
        mine=row.maker_id == actor.person_id,
        others=confirmers(pair, row.maker_id) if waiting else [],
        own=actor.person_id in (row.stays_id, row.goes_id),
        undoable=row.state is State.MERGED
        and row.undo_until is not None
        and now <= row.undo_until
        and people.who_now(row.stays_id) == row.stays_id,
        too_late=TOO_LATE if row.undo_until is not None and now > row.undo_until else "",
        sources=totals_moved(row.id),
        origin_names=ORIGIN_NAMES,
        undo_days=UNDO_DAYS,
        kept=kept(request.form),
        faults=faults or {},
        **shown,
    )


def _as_it_stands(merge_id: int, error: Conflict) -> Response:
    """Too late, or a second time: the page says why, and what came of the merge."""
    flash(error.message, "info")
    return redirect(url_for("merges.merge", merge_id=merge_id), 303)


@bp.post("/merges/<int:merge_id>/approval")
@requires(Action.PERSON_MERGE)
@recently
def approve(merge_id: int) -> Response:
    row, actor, now = readable(merge_id), current_actor(), clock.now()
    at = url_for("merges.merge", merge_id=row.id)

    def work() -> None:
        opposite = service.approve(row.id, actor.person_id, seen(), now)
        notify(row.maker_id, "您提出的档案合并已确认", at)
        if opposite is not None and opposite.proposed_by_id != actor.person_id:
            notify(opposite.proposed_by_id, "您提出合并的两份档案已经合并，留下的是另一份", url_for("merges.merge", merge_id=opposite.id))

    try:
        in_transaction(work)
    except Conflict as error:
        there = readable(row.id)  # read again: somebody may have been faster
        return _page(there, {"approve": error.message}) if there.state is State.WAITING else _as_it_stands(row.id, error)
    carry_on(row.id)
    flash(f"已合并：以后只有{row.stays_name}这一份档案。{UNDO_DAYS} 天内可以撤销。", "yes")
    return redirect(at, 303)


@bp.post("/merges/<int:merge_id>/return")
@requires(Action.PERSON_MERGE)
def send_back(merge_id: int) -> Response:
    row, actor, now = readable(merge_id), current_actor(), clock.now()
    try:
        answer = forms.words(request.form, "answer", "写明为什么不合并")
    except Invalid as error:
        return _page(row, error.fields)
    different = request.form.get("different") == "yes"

    def work() -> None:
        service.return_(row.id, actor.person_id, answer, now)
        if different:
            service.say_different(row.stays_id, row.goes_id, answer, actor.person_id, now)
        notify(row.maker_id, "您提出的档案合并没有同意，原因写在里面", url_for("merges.merge", merge_id=row.id))

    try:
        in_transaction(work)
    except Conflict as error:
        return _as_it_stands(row.id, error)
    flash(f"没有合并。{row.maker}会看到原因。", "yes")
    return redirect(url_for("merges.merge", merge_id=row.id), 303)


@bp.post("/merges/<int:merge_id>/withdrawal")
@requires(Action.PERSON_MERGE)
def withdraw(merge_id: int) -> Response:
    row, actor, now = readable(merge_id), current_actor(), clock.now()
    try:
        in_transaction(lambda: service.withdraw(row.id, actor.person_id, now))
    except Conflict as error:
        return _as_it_stands(row.id, error)
    flash("已撤回，两份档案都没有变。", "yes")
    return redirect(url_for("merges.merge", merge_id=row.id), 303)


@bp.post("/merges/<int:merge_id>/undoing")
@requires(Action.PERSON_MERGE)
@recently
def undo(merge_id: int) -> Response:
    row, actor, now = readable(merge_id), current_actor(), clock.now()
    try:
        reason = forms.words(request.form, "undo_reason", "写明为什么撤销")
    except Invalid as error:
        return _page(row, error.fields)
    try:
        in_transaction(lambda: service.undo(row.id, actor.person_id, reason, now))
    except Conflict as error:
        return _as_it_stands(row.id, error)
    carry_on(row.id)
    flash("合并已撤销，两份档案都回到合并以前。", "yes")
    return redirect(url_for("merges.merge", merge_id=row.id), 303)


@bp.post("/merges/<int:merge_id>/continuation")
@requires(Action.PERSON_MERGE)
def go_on(merge_id: int) -> Response:
    """A merge that was interrupted between two steps."""
    row = readable(merge_id)
    carry_on(row.id)
    flash("做完了。", "yes")
    return redirect(url_for("merges.merge", merge_id=row.id), 303)
