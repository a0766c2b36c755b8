"""收场小结: what came of an activity, said by its organiser; afterwards the result to pass on."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.activities import service as activity_service
from app.activities.outcomes import CLOSES_AFTER, Report
from app.activities.queries import ActivityRow
from app.activities.result_forms import parse_report
from app.activities.result_picture import drawable
from app.activities.rules import ActivityState
from app.activities.templates import OUTCOME_NAMES, Outcome, outcomes_of
from app.activities.views.results import result_of, text_of
from app.checkin import queries, service
from app.checkin.queries import closing as figures
from app.checkin.queries.points import open_points
from app.checkin.views import bp
from app.checkin.views.console import managed
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.route("/activities/<int:activity_id>/closing", methods=["GET", "POST"])
@requires(Action.ACTIVITY_MANAGE)
def closing(activity_id: int) -> BaseResponse:
    """收场: 服务人次, 到场人次 and 办成的事 are asked; what is open stays 待核实 and counts nothing. Once closed, the result."""
    activity = managed(activity_id)
    faults: dict[str, str] = {}
    stuck = ""
    if request.method == "POST":
        try:
            flash(_close(activity, parse_report(request.form)), "yes")
            return redirect(url_for("checkin.closing", activity_id=activity_id), 303)
        except Invalid as error:
            faults = error.fields
        except Conflict as error:
            stuck, activity = error.message, managed(activity_id)
    status = 409 if stuck else 422 if faults else 200
    return render("checkin/closing.html", status=status, faults=faults, stuck=stuck, **_context(activity, bool(faults or stuck)))


def _close(activity: ActivityRow, report: Report) -> str:
    by_id, now = current_actor().person_id, clock.now()
    if activity.closed_at is not None and activity.served_count is None:
        in_transaction(lambda: activity_service.report_after(activity.id, by_id, report.served, came=report.came, outcomes=report.outcomes))
        return "小结补上了，谢谢您。"
    in_transaction(lambda: service.close(activity.id, report, by_id, now))
    return "收场了，谢谢您。时长定下来了，再改要两个人。"


def _context(activity: ActivityRow, refused: bool) -> dict[str, Any]:
    now = clock.now()
    asked = outcomes_of(activity.template) if activity.template else ()
    others = [kind for kind in Outcome if kind not in asked]
    counted = activities.counted(activity.id)
    result = result_of(activity) if activity.closed_at else None
    typed = kept(request.form) if refused else {}
    return {
        "activity": activity,
        "running": activity.state(now) is ActivityState.OPEN,
        "asks": activity.closed_at is None or activity.served_count is None,
        "attended": figures.attended(activity.id),
        "came": figures.came(activity.id) if counted.counted is None else counted.counted,
        "corrected": (counted.counted, counted.said) if counted.said is not None else None,
        "points": open_points(activity.id, queries.spells_of(activity.id), current_actor(), now, closed=activity.closed_at is not None),
        "photos": len(activities.photos_of(activity.id)),
        "days_left": max(0, (activity.ends_at + CLOSES_AFTER - now).days + 1) if activity.ends_at and activity.ends_at <= now else 0,
        "asked": asked,
        "others": others,
        "others_open": any(typed.get(f"outcome-{kind}") for kind in others),
        "outcome_names": OUTCOME_NAMES,
        "result": result,
        "text": text_of(activity, result) if result else "",
        "drawable": drawable(),
        "kept": typed,
    }
