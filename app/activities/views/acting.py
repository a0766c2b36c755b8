"""Signing somebody up for whom one acts, and off again. Recorded with who did it."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import queries, service
from app.activities.joining_rules import own_only
from app.activities.queries import ActivityRow
from app.activities.views.cards import cards
from app.activities.views.common import bp, visible
from app.activities.views.positions import wished
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.words import when_words
from app.proxies import queries as proxies
from app.proxies import service as agreements
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render


def ward_of(ward_id: int) -> proxies.Ward:
    """The person when the reader acts for them now; a 404 for all others."""
    ward = proxies.ward(ward_id, current_actor().person_id)
    if ward is None:
        raise NotFound
    return ward


@bp.get("/activities/<int:activity_id>/for/<int:ward_id>")
@signed_in
def for_ward(activity_id: int, ward_id: int) -> Response:
    ward = ward_of(ward_id)
    row, _ = visible(activity_id)
    return _page(row, ward, {})


def _page(row: ActivityRow, ward: proxies.Ward, faults: dict[str, str], status: int = 200) -> Response:
    now = clock.now()
    barred = (service.NOT_FOR_OTHERS,) if own_only(row.who, row.for_unit_kind) else service.reasons(row, ward.person_id, now)
    return render(
        "activities/acting.html", status=status, row=row, ward=ward, cards=cards(row, ward.person_id), barred=barred, faults=faults
    )


@bp.post("/shifts/<int:shift_id>/signups/for/<int:ward_id>")
@signed_in
def sign_up_ward(shift_id: int, ward_id: int) -> Response:
    """A seat or a place on the waiting list for them; the note about risk is read by who signs them up."""
    actor, now, ward = current_actor(), clock.now(), ward_of(ward_id)
    shift = queries.shift(shift_id)
    if shift is None:
        raise NotFound
    row, _ = visible(shift.activity_id)
    risk_read = bool(request.form.get("risk_read"))

    def work() -> service.Taken:
        agreements.hold(ward_id, actor.person_id)
        return service.take_seat(shift_id, ward_id, now, position_id=wish, by_id=actor.person_id, risk_read=risk_read)

    try:
        wish = wished(shift)
        taken = in_transaction(work).signup
    except Invalid as error:
        if "risk_read" in error.fields:
            return _page(row, ward, {f"risk_read-{shift_id}": f"请先问过{ward.name}，再打个勾"}, 422)
        if "position" in error.fields:
            return _page(row, ward, {f"position-{shift_id}": f"请给{ward.name}选一个岗位，拿不定就选“哪个都行”"}, 422)
        return _page(row, ward, {"shift": error.fields["shift"]}, 422)
    when = f"{when_words(shift.starts_at, clock.today())}，{taken.where}"
    if taken.seated:
        flash(f"替 {ward.name} 报上了：{when}。", "yes")
    else:
        where = f"“{taken.position_name}”" if taken.position_name else ""
        flash(f"满员了，{ward.name} 排在{where}候补第 {taken.position} 位。", "info")
    return redirect(url_for("activities.for_ward", activity_id=row.id, ward_id=ward_id), 303)


@bp.post("/signups/<int:signup_id>/withdrawal/for/<int:ward_id>")
@signed_in
def withdraw_ward(signup_id: int, ward_id: int) -> Response:
    actor, now, ward = current_actor(), clock.now(), ward_of(ward_id)

    def work() -> queries.SignupRow:
        agreements.hold(ward_id, actor.person_id)
        return service.withdraw(signup_id, ward_id, now, by_id=actor.person_id)

    try:
        left = in_transaction(work)
    except NotFound:
        activity_id = queries.left_before(signup_id, ward_id)
        if activity_id is None:
            raise
        flash(f"{ward.name} 这一班已经退出了，不用再退。", "info")
        return redirect(url_for("activities.for_ward", activity_id=activity_id, ward_id=ward_id), 303)
    flash(f"替 {ward.name} 退出了 {left.where}。", "yes")
    return redirect(url_for("activities.for_ward", activity_id=left.activity_id, ward_id=ward_id), 303)
