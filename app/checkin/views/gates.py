"""门口: several gates, the code of the day, the fence; set up by who manages the activity."""

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities.queries import ActivityRow
from app.activities.rules import CodeWay
from app.activities.views.posters import show_poster
from app.checkin import gate_forms
from app.checkin.fence import LEAST_METRES, MOST_METRES, USUAL_METRES
from app.checkin.queries import gates as reading
from app.checkin.service import gates as service
from app.checkin.views import bp
from app.checkin.views.console import managed
from app.checkin.views.digits import digits_now
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/activities/<int:activity_id>/gates")
@requires(Action.ACTIVITY_MANAGE)
def gates(activity_id: int) -> Response:
    return _page(managed(activity_id), {})


def _page(activity: ActivityRow, faults: dict[str, str]) -> Response:
    rules = reading.rules_of(activity.id)
    fence = rules.fence
    return render(
        "checkin/gates.html",
        status=422 if faults else 200,
        activity=activity,
        gates=reading.gates_of(activity.id),
        on_screen=activity.code_way is CodeWay.ROTATING,
        digits=digits_now(activity.id, rules, clock.now()),
        fence=fence,
        place=f"{fence.latitude_e6 / 1_000_000:.6f}, {fence.longitude_e6 / 1_000_000:.6f}" if fence else "",
        metres=(LEAST_METRES, USUAL_METRES, MOST_METRES),
        kept=kept(request.form),
        faults=faults,
    )


def _back(activity_id: int) -> BaseResponse:
    return redirect(url_for("checkin.gates", activity_id=activity_id), 303)


@bp.post("/activities/<int:activity_id>/gates")
@requires(Action.ACTIVITY_MANAGE)
def create_gate(activity_id: int) -> BaseResponse:
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    try:
        name = gate_forms.parse_gate(request.form)
        number = in_transaction(lambda: service.add_gate(activity.id, name, actor.person_id, now))
    except Invalid as error:
        return _page(activity, error.fields)
    flash(f"{name}加好了，是 {number} 号门。", "yes")
    return _back(activity_id)


@bp.post("/activities/<int:activity_id>/gates/<int:number>/name")
@requires(Action.ACTIVITY_MANAGE)
def rename_gate(activity_id: int, number: int) -> BaseResponse:
    activity, actor = managed(activity_id), current_actor()
    try:
        name = gate_forms.parse_gate(request.form, f"name-{number}")
        in_transaction(lambda: service.rename_gate(activity.id, number, name, actor.person_id))
    except Invalid as error:
        return _page(activity, error.fields)
    flash(f"{number} 号门改名为{name}了。贴好的海报照样能扫。", "yes")
    return _back(activity_id)


@bp.post("/activities/<int:activity_id>/gates/<int:number>/closing")
@requires(Action.ACTIVITY_MANAGE)
def close_gate(activity_id: int, number: int) -> BaseResponse:
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    in_transaction(lambda: service.close_gate(activity.id, number, actor.person_id, now))
    flash(f"{number} 号门收起了。扫过的都还在，没撕下的海报也还能签到。", "yes")
    return _back(activity_id)


@bp.post("/activities/<int:activity_id>/gates/<int:number>/opening")
@requires(Action.ACTIVITY_MANAGE)
def open_gate(activity_id: int, number: int) -> BaseResponse:
    activity, actor = managed(activity_id), current_actor()
    in_transaction(lambda: service.open_gate(activity.id, number, actor.person_id))
    flash(f"{number} 号门又开了。", "yes")
    return _back(activity_id)


@bp.get("/activities/<int:activity_id>/gates/<int:number>/poster")
@requires(Action.ACTIVITY_MANAGE)
def gate_poster(activity_id: int, number: int) -> BaseResponse:
    activity = managed(activity_id)
    gate = next((one for one in reading.gates_of(activity.id) if one.number == number), None)
    if gate is None:
        raise NotFound
    address = f"{current_app.config['SETTINGS'].public_url}{url_for('checkin.code', code=activity.code, gate=number)}"
    return show_poster(activity, address, gate.name)


@bp.post("/activities/<int:activity_id>/day-code")
@requires(Action.ACTIVITY_MANAGE)
def set_day_code(activity_id: int) -> BaseResponse:
    activity, actor, now, on = managed(activity_id), current_actor(), clock.now(), request.form.get("on") == "1"
    in_transaction(lambda: service.ask_day_code(activity.id, actor.person_id, now, on=on))
    flash("从现在起，扫了码要填今天的四位数。请把它写在现场。" if on else "扫了码不用再填四位数了。", "yes")
    return _back(activity_id)


@bp.post("/activities/<int:activity_id>/fence")
@requires(Action.ACTIVITY_MANAGE)
def set_fence(activity_id: int) -> BaseResponse:
    activity, actor, now = managed(activity_id), current_actor(), clock.now()
    try:
        circle = None if "off" in request.form else gate_forms.parse_fence(request.form)
    except Invalid as error:
        return _page(activity, error.fields)
    in_transaction(lambda: service.set_fence(activity.id, circle, actor.person_id, now))
    flash(f"记好了：{circle.metres} 米以内算在现场。" if circle else "签到时不再问位置了。", "yes")
    return _back(activity_id)
