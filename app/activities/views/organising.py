"""An activity that stands: letting a shift run on, and who signed up."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import forms, queries, service
from app.activities.queries import ActivityRow, SignupRow
from app.activities.views.common import bp, shift_to_manage
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.core.words import time_words
from app.people.queries import phones_of
from app.webkit.forms import Form
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.post("/shifts/<int:shift_id>/extension")
@requires(Action.ACTIVITY_MANAGE)
def extend(shift_id: int) -> Response:
    """`until` is a time of day; a time that can not be is said in a line on the page."""
    shift, by_id = shift_to_manage(shift_id), current_actor().person_id
    try:
        until = forms.end_time(request.form, shift)
        extended = in_transaction(lambda: service.extend_shift(shift_id, until, by_id, clock.now()))
    except Invalid as error:
        flash(f"没有延长：{error.fields['until']}。", "warn")
    else:
        flash(f"{extended.name}延长到 {time_words(extended.last_end)}。", "yes")
    return redirect(url_for("activities.show", activity_id=shift.activity_id), 303)


@bp.get("/activities/<int:activity_id>/signups")
@requires(Action.ACTIVITY_READ)
def signups(activity_id: int) -> Response:
    """Who comes, by shift and position, and who waits; the organiser seats the next one by hand in the last 12 hours.

    Who manages it also reads the last four digits, by which a door knows people; from when the door opens, who has come.
    """
    row = queries.readable_activity(current_actor(), activity_id)
    if row is None:
        raise NotFound
    return _list(row, {})


def _list(row: ActivityRow, faults: dict[int, str], status: int = 200) -> Response:
    """`faults` by sign-up: why somebody could not be seated."""
    standing = queries.signups_in(row.id)
    manages = queries.managed_activity(current_actor(), row.id) is not None
    everyone = {signup.person_id for signup in standing}
    numbers = phones_of(everyone, clock.today()) if manages else {}
    return render(
        "activities/signups.html",
        status=status,
        row=row,
        manages=manages,
        shifts=queries.shifts_of(row.id),
        signups=standing,
        names=queries.names_of(everyone, clock.today()),
        tails={person_id: number[-4:] for person_id, number in numbers.items()},
        came=service.arrivals(row.id),
        faults=faults,
    )


@bp.post("/signups/<int:signup_id>/seat")
@requires(Action.ACTIVITY_MANAGE)
def seat(signup_id: int) -> Response:
    """`position`: where, when both agreed on another one than they wait for."""
    standing, row = _managed_signup(signup_id)
    by_id, chosen = current_actor().person_id, request.form.get("position", type=int)
    try:
        seated = in_transaction(lambda: service.seat_by_hand(signup_id, row.id, by_id, clock.now(), position_id=chosen))
    except Conflict as error:
        return _list(row, {signup_id: error.message}, 409)
    where = f"，在“{seated.signup.position_name}”" if seated.signup.position_name else ""
    if seated.fresh:
        flash(f"补上了{where}，已通知本人。", "yes")
    else:
        flash(f"刚才已经补上了{where}，没有再通知。", "info")
    return redirect(url_for("activities.signups", activity_id=standing.activity_id), 303)


def _managed_signup(signup_id: int) -> tuple[SignupRow, ActivityRow]:
    standing = queries.signup(signup_id)
    if standing is None:
        raise NotFound("这次报名已经退出了。")
    return standing, queries.to_manage(current_actor(), standing.activity_id)


@bp.get("/signups/<int:signup_id>/removal")
@requires(Action.ACTIVITY_MANAGE)
def ask_removal(signup_id: int) -> Response:
    """请他退出: who it is, and why."""
    return _removal(*_managed_signup(signup_id), {})


def _removal(standing: SignupRow, row: ActivityRow, faults: dict[str, str], status: int = 200) -> Response:
    name = queries.names_of({standing.person_id}, clock.today())[standing.person_id].name
    return render("activities/removal.html", status=status, row=row, signup=standing, name=name, faults=faults)


@bp.post("/signups/<int:signup_id>/removal")
@requires(Action.ACTIVITY_MANAGE)
def remove(signup_id: int) -> Response:
    """Off the list, with a reason that they are told. Sent twice, it is done all the same."""
    if gone := queries.left_before(signup_id):
        queries.to_manage(current_actor(), gone)
        flash("已经退出了，不用再请。", "info")
        return redirect(url_for("activities.signups", activity_id=gone), 303)
    standing, row = _managed_signup(signup_id)
    by_id, form = current_actor().person_id, Form(request.form)
    reason = form.text("reason", "原因，本人会看到", longest=100)
    try:
        form.done()
        in_transaction(lambda: service.remove(signup_id, row.id, by_id, reason.rstrip("。"), clock.now()))
    except Invalid as error:
        return _removal(standing, row, error.fields, 422)
    except Conflict as error:
        return _removal(standing, row, {"reason": error.message}, 409)
    name = queries.names_of({standing.person_id}, clock.today())[standing.person_id].name
    flash(f"{name}已退出 {standing.where}，原因已通知本人。有人候补的，按先后补上。", "yes")
    return redirect(url_for("activities.signups", activity_id=row.id), 303)
