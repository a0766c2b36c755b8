"""A series: making it, its page, and what is done to all of it."""

from uuid import uuid4

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import queries, series_forms, service, template_forms
from app.activities.queries.series import activities_in, series_for
from app.activities.rules import STATE_NAMES
from app.activities.views.common import bp
from app.activities.views.editing import form_page, read_form
from app.activities.views.previews import preview
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.webkit.forms import kept as as_typed
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.post("/activities/series")
@requires(Action.ACTIVITY_MANAGE)
def create_series() -> Response:
    """`on`: the days that stayed ticked; `do` is publish, draft, or back to the form. The same form twice makes one series."""
    actor, asked, typed = current_actor(), request.form.get("do", "draft"), dict(as_typed(request.form))
    if asked == "back":
        return form_page(typed)
    try:
        draft = read_form(request.form, earliest=clock.today())
        whole = series_forms.read_plan(request.form, draft)
    except Invalid as error:
        return form_page(typed, faults=error.fields, status=422)
    try:
        plan = series_forms.ticked(request.form, whole)
        form_id = template_forms.read_form_id(request.form.get("form_id", "")) or str(uuid4())
        made = in_transaction(lambda: service.create_series(draft, plan, actor, clock.now(), form_id, published=asked == "publish"))
    except Invalid as error:
        return preview(draft, error.fields, 422)
    except Conflict as error:
        return preview(draft, {"on": error.message}, 409)
    flash(*_said(made, len(plan.days), asked == "publish"))
    return redirect(url_for("activities.series", series_id=made.series_id), 303)


def _said(made: service.MadeSeries, count: int, published: bool) -> tuple[str, str]:
    if not made.fresh:
        return "这一串刚才已经建好了，没有重复建。", "info"
    if not published:
        return f"{count} 场都存成草稿了，只有您这边看得见。", "yes"
    if made.public < count:
        return f"{count} 场面向全街道，要另一个人同意才发布。已经放进他们的待办了。", "info"
    return f"{count} 场都发布好了。", "yes"


@bp.get("/activities/series/<int:series_id>")
@requires(Action.ACTIVITY_READ)
def series(series_id: int) -> Response:
    now, actor = clock.now(), current_actor()
    found = series_for(actor, series_id, Action.ACTIVITY_READ)
    manages = actor.may(Action.ACTIVITY_MANAGE)
    rows = activities_in(series_id)
    drafts = [row for row in rows if not row.public and not row.cancelled_at and row.ends_at and row.ends_at > now]
    return render(
        "activities/series.html",
        found=found,
        rows=[(row, row.state(now), STATE_NAMES[row.state(now)]) for row in rows],
        seats=queries.seats([row.id for row in rows], now),
        drafts=drafts,
        manages=manages,
        own_asked=bool(drafts) and all(row.publication_asked_by_id == actor.person_id for row in drafts),
        next=next((row for row in rows if row.public and not row.cancelled_at and row.starts_at and row.starts_at > now), None),
    )


@bp.post("/activities/series/<int:series_id>/publication")
@requires(Action.ACTIVITY_MANAGE)
def publish_series(series_id: int) -> Response:
    """All drafts of it at once; what needs a second person is asked for, or published where the actor is that one."""
    actor = current_actor()
    series_for(actor, series_id)
    public, waiting = in_transaction(lambda: service.publish_series(series_id, actor.person_id, clock.now()))
    if waiting:
        flash(f"{waiting} 场面向全街道，要另一个人同意才发布。已经放进他们的待办了。", "info")
    else:
        flash(f"{public} 场都发布好了。", "yes")
    return redirect(url_for("activities.series", series_id=series_id), 303)
