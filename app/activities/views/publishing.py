"""Publishing, asking a second person, taking back, cancelling."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import queries, service
from app.activities.views.cards import page_context
from app.activities.views.common import bp, said
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.webkit.forms import Form
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def _back(activity_id: int) -> Response:
    return redirect(url_for("activities.show", activity_id=activity_id), 303)


def to_decide(activity_id: int) -> queries.ActivityRow:
    """What waits for a second person is published or declined by whoever manages its unit, not by those who only made it."""
    actor = current_actor()
    row = queries.to_manage(actor, activity_id)
    asked_other = row.publication_asked_by_id not in {None, actor.person_id}
    if asked_other and not is_below(row.unit_id, actor.roots(Action.ACTIVITY_MANAGE), clock.today()):
        raise NotFound
    return row


@bp.post("/activities/<int:activity_id>/publication")
@requires(Action.ACTIVITY_MANAGE)
def publish(activity_id: int) -> Response:
    """`asked`: which request the second person looked at; one that was changed and asked for anew is looked at anew."""
    row = to_decide(activity_id)
    seen = request.form.get("asked")
    if seen and row.publication_asked_at and seen != row.publication_asked_at.isoformat():
        flash("内容刚改过，没有发布。请再看一眼。", "warn")
        return _back(activity_id)
    flash(*said(in_transaction(lambda: service.publish(activity_id, current_actor().person_id, clock.now()))))
    return _back(activity_id)


@bp.post("/activities/<int:activity_id>/publication/refusal")
@requires(Action.ACTIVITY_MANAGE)
def decline(activity_id: int) -> Response:
    """退回, with a reason, to whoever asked."""
    to_decide(activity_id)
    try:
        reason = _reason("退回的原因")
        in_transaction(lambda: service.decline(activity_id, current_actor().person_id, reason))
        flash("退回了，原因已告诉提交的人。", "yes")
    except Invalid as error:
        flash(f"没有退回：{error.fields['reason']}。", "warn")
    return _back(activity_id)


def _reason(label: str) -> str:
    form = Form(request.form)
    reason = form.text("reason", label, longest=100, required=False)
    form.done()
    return " ".join(reason.split())


@bp.post("/activities/<int:activity_id>/publication/withdrawal")
@requires(Action.ACTIVITY_MANAGE)
def unpublish(activity_id: int) -> Response:
    """撤回, while nobody signed up: a draft again."""
    queries.to_manage(current_actor(), activity_id)
    in_transaction(lambda: service.unpublish(activity_id, current_actor().person_id))
    flash("撤回了，又是草稿，只有您这边看得见。没有人报过名，不用通知。", "yes")
    return _back(activity_id)


@bp.post("/activities/<int:activity_id>/cancellation")
@requires(Action.ACTIVITY_MANAGE)
def cancel(activity_id: int) -> Response:
    row = queries.to_manage(current_actor(), activity_id)
    later = row.series_id is not None and request.form.get("scope") == "later"
    try:
        reason = _reason("为什么取消")
        if later and row.series_id:
            return _cancel_later(activity_id, row.series_id, reason)
        told = in_transaction(lambda: service.cancel(activity_id, current_actor().person_id, clock.now(), reason))
    except Invalid as error:
        return render("activities/show.html", status=422, **page_context(row, True, faults=error.fields))
    flash(f"活动取消了，已通知 {told} 位报名的街坊。" if told else "活动取消了，还没有人报名，不用通知。", "yes")
    return _back(activity_id)


def _cancel_later(activity_id: int, series_id: int, reason: str) -> Response:
    count, told = in_transaction(lambda: service.cancel_later(activity_id, current_actor().person_id, clock.now(), reason))
    flash(f"{count} 场取消了，" + (f"已通知 {told} 人次。" if told else "没有人报名，不用通知。"), "yes")
    return redirect(url_for("activities.series", series_id=series_id), 303)


@bp.post("/activities/<int:activity_id>/withdrawal")
@requires(Action.ACTIVITY_MANAGE)
def withdraw_draft(activity_id: int) -> Response:
    queries.to_manage(current_actor(), activity_id)
    in_transaction(lambda: service.withdraw_draft(activity_id, current_actor().person_id, clock.now()))
    flash("草稿撤下了，没有人收到消息。", "yes")
    return redirect(url_for("activities.index"), 303)
