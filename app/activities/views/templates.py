"""A unit's own templates: keeping one from an activity, the list, withdrawing."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import queries, service, template_forms
from app.activities.queries.templates import standing, template_to_use
from app.activities.views.common import bp
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import is_below
from app.webkit.forms import Form
from app.webkit.forms import kept as as_typed
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/activities/templates")
@requires(Action.ACTIVITY_MANAGE)
def templates() -> Response:
    return render("activities/templates.html", found=standing(current_actor()))


def _own(activity_id: int) -> queries.ActivityRow:
    """An activity of a unit that the actor organises for; made or answered for by them elsewhere is not enough."""
    actor = current_actor()
    row = queries.to_manage(actor, activity_id)
    if not is_below(row.unit_id, actor.roots(Action.ACTIVITY_MANAGE), clock.today()):
        raise NotFound
    return row


@bp.get("/activities/<int:activity_id>/template")
@requires(Action.ACTIVITY_MANAGE)
def template_of(activity_id: int) -> Response:
    row = _own(activity_id)
    return render("activities/template.html", row=row, kept={"name": row.title.split("：")[0][:40]}, faults={})


@bp.post("/activities/<int:activity_id>/template")
@requires(Action.ACTIVITY_MANAGE)
def keep_template(activity_id: int) -> Response:
    """Everything but the day; it belongs to the unit that organises the activity."""
    row, actor = _own(activity_id), current_actor()
    try:
        form = Form(request.form)
        name = form.text("name", "模板的名字", longest=40)
        form.done()
        shape = template_forms.shape(row, queries.shifts_of(activity_id))
        in_transaction(lambda: service.keep_template(row, name, shape, actor.person_id, clock.now()))
    except Invalid as error:
        return render("activities/template.html", status=422, row=row, kept=as_typed(request.form), faults=error.fields)
    flash(f"存好了。以后办活动时，点“{name}”就填好。", "yes")
    return redirect(url_for("activities.templates"), 303)


@bp.post("/activities/templates/<int:template_id>/withdrawal")
@requires(Action.ACTIVITY_MANAGE)
def withdraw_template(template_id: int) -> Response:
    actor = current_actor()
    found = template_to_use(actor, template_id)
    in_transaction(lambda: service.withdraw_template(template_id, actor.person_id, clock.now()))
    flash(f"“{found.name}”收起了，以后不再列出来。用它办过的活动不受影响。", "yes")
    return redirect(url_for("activities.templates"), 303)
