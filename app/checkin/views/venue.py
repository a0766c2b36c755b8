"""大屏链接: the code on any screen without an account, today only."""

from typing import Any

from flask import Response, current_app, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.activities.outcomes import may_name
from app.activities.queries import ActivityRow
from app.activities.rules import ActivityState, CodeWay
from app.checkin import queries
from app.checkin.queries import gates, named
from app.checkin.rules import CODE_LIFE, rotating_tail
from app.checkin.views import bp
from app.checkin.views.codes import key
from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.webkit.guards import current_actor, public, requires
from app.webkit.htmx import render


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(key(), salt="venue")


@bp.get("/activities/<int:activity_id>/screen")
@requires(Action.ACTIVITY_MANAGE)
def screen_link(activity_id: int) -> BaseResponse:
    """Opens the screen; its address can be sent to the computer at the venue and works until midnight. `gate`: that of one gate."""
    activity = activities.managed_activity(current_actor(), activity_id)
    if activity is None:
        raise NotFound
    said: list[Any] = [activity.id, clock.today().isoformat()]
    if request.args.get("gate", type=int) in gates.gate_ids(activity.id):
        said.append(request.args.get("gate", type=int))
    token = _signer().dumps(said)
    return redirect(url_for("checkin.venue", token=token))


def _activity_of(token: str) -> tuple[ActivityRow, int | None]:
    """And the number of the gate that the screen stands at."""
    try:
        activity_id, day, *gate = _signer().loads(token)
    except BadSignature as error:
        raise NotFound from error
    activity = activities.activity(activity_id)
    if activity is None or day != clock.today().isoformat() or activity.state(clock.now()) not in {ActivityState.OPEN, ActivityState.OVER}:
        raise NotFound("这个大屏链接只在当天有用。请组织者在现场页再打开一次。")
    return activity, gate[0] if gate else None


def code_text(activity: ActivityRow) -> str:
    """8F2K for a poster; 8F2K-M3QZ for this half minute of a screen."""
    if activity.code_way is CodeWay.POSTER:
        return activity.code
    return f"{activity.code}-{rotating_tail(key(), activity.id, clock.now())}"


@bp.get("/venue/<token>")
@public
def venue(token: str) -> Response:
    """The whole screen, or to htmx its code and count, asked for again every few seconds."""
    activity, gate = _activity_of(token)
    text = code_text(activity)
    settings = current_app.config["SETTINGS"]
    left = int(CODE_LIFE.total_seconds()) - int(clock.now().timestamp()) % int(CODE_LIFE.total_seconds())
    return render(
        "checkin/venue.html",
        "checkin/_venue.html",
        activity=activity,
        token=token,
        code=text,
        address=f"{settings.public_url}{url_for('checkin.code', code=text, gate=gate)}",
        gate=next((one for one in gates.gates_in_use(activity.id) if one.number == gate), None) if gate else None,
        names=named.arrivals(activity.id, clock.today()) if may_name(activity.kind, activity.who) else [],
        arrived=queries.people_at(activity.id) + queries.visitors(activity.id),
        seconds_left=left,
        rotates=activity.code_way is CodeWay.ROTATING,
    )
