"""Which position somebody signs up for, and changing to another one."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import queries, service
from app.activities.queries import ShiftRow, SignupRow
from app.activities.views.common import bp
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.proxies import queries as proxies
from app.proxies import service as agreements
from app.webkit.guards import current_actor, signed_in

ANY = "any"


def wished(shift: ShiftRow) -> int | None:
    """The position chosen in the form; None for any, and where there is nothing to choose. Raises Invalid (`position`)."""
    if len(shift.positions) < 2:
        return shift.positions[0].id if shift.positions else None
    given = request.form.get("position", "")
    if given == ANY:
        return None
    chosen = next((one.id for one in shift.positions if str(one.id) == given), None)
    if chosen is None:
        raise Invalid({"position": "请选一个岗位，拿不定就选“哪个都行”"})
    return chosen


def _asked() -> int | None:
    """None for any, which only who waits may choose."""
    given = request.form.get("position", type=int)
    if given is None and request.form.get("position") != ANY:
        raise Conflict("请先选要换到哪个岗位。")
    return given


def _changed(signup: SignupRow) -> str:
    """In words, after a change."""
    if signup.seated:
        return f"换好了，您在“{signup.position_name}”。"
    return f"改好了，您现在等“{signup.position_name or '哪个都行'}”，候补第 {signup.position} 位，先后没有变。"


@bp.post("/signups/<int:signup_id>/position")
@signed_in
def change_position(signup_id: int) -> Response:
    """换岗位: all stays as it was where there is no seat; who waits may wait for another one."""
    actor, standing = current_actor(), _standing(signup_id, current_actor().person_id)
    try:
        position_id = _asked()
        changed = in_transaction(lambda: service.change_position(signup_id, actor.person_id, position_id, clock.now()))
        flash(_changed(changed), "yes")
    except Conflict as error:
        flash(error.message, "warn")
    return redirect(url_for("activities.show", activity_id=standing.activity_id), 303)


@bp.post("/signups/<int:signup_id>/position/for/<int:ward_id>")
@signed_in
def change_position_of_ward(signup_id: int, ward_id: int) -> Response:
    actor, ward = current_actor(), proxies.ward(ward_id, current_actor().person_id)
    if ward is None:
        raise NotFound
    standing = _standing(signup_id, ward_id)

    def work() -> SignupRow:
        agreements.hold(ward_id, actor.person_id)
        return service.change_position(signup_id, ward_id, position_id, clock.now(), by_id=actor.person_id)

    try:
        position_id = _asked()
        changed = in_transaction(work)
        flash(_changed(changed).replace("您", f"{ward.name} "), "yes")
    except Conflict as error:
        flash(error.message.replace("您", ward.name), "warn")
    return redirect(url_for("activities.for_ward", activity_id=standing.activity_id, ward_id=ward_id), 303)


def _standing(signup_id: int, person_id: int) -> SignupRow:
    standing = queries.signup(signup_id)
    if standing is None or standing.person_id != person_id:
        raise NotFound("这次报名已经退出了，或不是您的。")
    return standing
