"""An activity that stands: letting a shift run on, and who signed up."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import forms, queries, service
from app.activities.views.common import bp, shift_to_manage
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.core.words import time_words
from app.people.queries import phones_of
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
    standing = queries.signups_in(activity_id)
    manages = queries.managed_activity(current_actor(), activity_id) is not None
    everyone = {signup.person_id for signup in standing}
    numbers = phones_of(everyone, clock.today()) if manages else {}
    return render(
        "activities/signups.html",
        row=row,
        manages=manages,
        shifts=queries.shifts_of(activity_id),
        signups=standing,
        names=queries.names_of(everyone, clock.today()),
        tails={person_id: number[-4:] for person_id, number in numbers.items()},
        came=service.arrivals(activity_id),
    )


@bp.post("/signups/<int:signup_id>/seat")
@requires(Action.ACTIVITY_MANAGE)
def seat(signup_id: int) -> Response:
    """`position`: where, when both agreed on another one than they wait for."""
    standing = queries.signup(signup_id)
    if standing is None:
        raise NotFound
    queries.to_manage(current_actor(), standing.activity_id)
    by_id, activity_id, chosen = current_actor().person_id, standing.activity_id, request.form.get("position", type=int)
    seated = in_transaction(lambda: service.seat_by_hand(signup_id, activity_id, by_id, clock.now(), position_id=chosen))
    flash(f"补上了{f'，在“{seated.position_name}”' if seated.position_name else ''}，已通知本人。", "yes")
    return redirect(url_for("activities.signups", activity_id=standing.activity_id), 303)
