"""扫码签到: the page with which an organiser, or today's helper, scans one person after another. What it sends goes to `uploads`."""

from flask import Response

from app.activities import queries as activities
from app.activities.rules import ActivityState
from app.checkin import queries
from app.checkin.queries.gates import gates_in_use
from app.checkin.queries.uploads import counts
from app.checkin.views import bp
from app.core import clock
from app.core.errors import NotFound
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render

CLOSED = {
    ActivityState.DRAFT: "这场活动还没发布，发布以后才能签到。现在可以先测一测。",
    ActivityState.CLOSED: "这场活动已经收场，不能再签到。来过没记上的，到现场页事后补签，另一位确认了就记入。",
    ActivityState.CANCELLED: "这场活动取消了，不能签到。",
}


@bp.get("/activities/<int:activity_id>/scanner")
@signed_in
def scanner(activity_id: int) -> Response:
    """For those who manage the activity, and for helpers until its shifts end; for nobody who may only read."""
    actor, now = current_actor(), clock.now()
    activity = activities.managed_activity(actor, activity_id)
    helper = activity is None
    if activity is None and queries.helps_at(actor.person_id, activity_id, now):
        activity = activities.activity(activity_id)
    if activity is None:
        raise NotFound
    return render(
        "checkin/scanner.html",
        activity=activity,
        helper=helper,
        crowd=counts(activity_id),
        gates=[{"id": gate.number, "name": gate.name} for gate in gates_in_use(activity_id)],
        closed=CLOSED.get(activity.state(now)),
        shut=activity.state(now) in {ActivityState.CLOSED, ActivityState.CANCELLED},
    )
