"""A draft is sent, looked at by a second administrator, and published or returned; in the work list too."""

from flask import flash, redirect, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.accounts.deciders import deciders
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.people.queries import root_unit
from app.people.queries.units import governs, is_the_whole
from app.schemes import forms
from app.schemes.queries import drafts as queries
from app.schemes.service import drafts as service
from app.schemes.views import bp
from app.schemes.views.drafting import found, manager, page
from app.webkit.guards import requires
from app.worklist.service import Source, WorkItem, register

GROUP = "积分方案"
STEPS = 15  # of booking anew, at once; the rest at the next press, or by the command


@bp.post("/schemes/drafts/<int:draft_id>/sending")
@requires(Action.UNIT_MANAGE)
def send(draft_id: int) -> BaseResponse:
    actor, now, root = manager(), clock.now(), root_unit()
    others = [one.person_id for one in deciders(root.id if root else 0, Action.UNIT_MANAGE, clock.today())]
    here = url_for("schemes.draft", draft_id=draft_id)
    try:
        in_transaction(lambda: service.send(draft_id, actor.person_id, others, here, now))
    except Invalid as error:
        return page(found(draft_id), error.fields)
    flash("已送出，等另一位管理员看过、发布。", "yes")
    return redirect(here, 303)


@bp.post("/schemes/drafts/<int:draft_id>/publication")
@requires(Action.UNIT_MANAGE)
@recently
def publish(draft_id: int) -> BaseResponse:
    """The version that holds from its day on. From a day that has been, what was earned since is booked anew, step by step."""
    actor, now = manager(), clock.now()
    try:
        in_transaction(lambda: service.publish(draft_id, actor.person_id, url_for("schemes.index"), now))
    except Invalid as error:
        return page(found(draft_id), error.fields)
    flash("已发布。已经发布的方案不会再变。", "yes")
    return book(draft_id)


@bp.post("/schemes/drafts/<int:draft_id>/booking")
@requires(Action.UNIT_MANAGE)
def go_on(draft_id: int) -> BaseResponse:
    """Go on where booking anew stopped."""
    manager()
    return book(draft_id)


def book(draft_id: int) -> BaseResponse:
    for _ in range(STEPS):
        if not in_transaction(lambda: service.book_anew(draft_id, clock.now())):
            return redirect(url_for("schemes.index"), 303)
    flash("还有一些人的积分要按新方案重算，请再按一次“接着算”。", "warn")
    return redirect(url_for("schemes.index"), 303)


@bp.post("/schemes/drafts/<int:draft_id>/return")
@requires(Action.UNIT_MANAGE)
def give_back(draft_id: int) -> BaseResponse:
    """退回，请写明原因."""
    actor, row = manager(), found(draft_id)
    try:
        said = forms.reason(request.form)
    except Invalid as error:
        return page(row, error.fields)
    in_transaction(lambda: service.give_back(draft_id, actor.person_id, said, url_for("schemes.draft", draft_id=draft_id)))
    flash(f"已退回，{row.maker_name}会看到原因。", "yes")
    return redirect(url_for("worklist.index"), 303)


def _count(actor: Actor) -> Select[int] | None:
    roots = actor.roots(Action.UNIT_MANAGE)
    return queries.waiting_drafts_count(actor.person_id).where(is_the_whole(roots)) if roots else None


def _items(actor: Actor) -> list[WorkItem]:
    rows = queries.waiting_drafts(actor.person_id) if governs(actor, Action.UNIT_MANAGE) else []
    return [WorkItem(f"scheme-{one.id}", GROUP, one.sent_at or one.made_at, "schemes/_draft_work.html", one) for one in rows]


register(Source(GROUP, _count, _items, stated=True))
