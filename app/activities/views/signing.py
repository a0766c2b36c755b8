"""Signing up and withdrawing."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities import queries, service
from app.activities.day_rules import full_day_words
from app.activities.queries import ShiftRow, SignupRow
from app.activities.queries.day import full_days
from app.activities.rules import promotes
from app.activities.views.cards import page_context
from app.activities.views.common import bp, visible
from app.activities.views.positions import wished
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.words import span_words, when_words
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render


@bp.post("/activities/<int:activity_id>/signups")
@signed_in
def sign_up_to_picked(activity_id: int) -> Response:
    """The page's own form: the shift is the one picked in it."""
    row, manages = visible(activity_id)
    shift_id = request.form.get("shift", type=int)
    if shift_id is None or shift_id not in {shift.id for shift in queries.shifts_of(activity_id)}:
        return render("activities/show.html", status=422, **page_context(row, manages, faults={"shift": "请先选一个班次"}))
    return sign_up(shift_id)


@bp.post("/shifts/<int:shift_id>/signups")
@signed_in
def sign_up(shift_id: int) -> Response:
    """A seat, or a place on the waiting list; `risk_read` must be ticked where the organiser wrote a note."""
    actor, now = current_actor(), clock.now()
    shift = queries.shift(shift_id)
    if shift is None:
        raise NotFound
    row, manages = visible(shift.activity_id)
    risk_read = bool(request.form.get("risk_read"))
    try:
        wish = wished(shift)
        taken = in_transaction(lambda: service.take_seat(shift_id, actor.person_id, now, position_id=wish, risk_read=risk_read))
    except Invalid as error:
        return render("activities/show.html", status=422, **page_context(row, manages, chosen=shift_id, faults=error.fields))
    for tone, words in _answer(shift, taken, row.id):
        flash(words, tone)
    return redirect(url_for("activities.show", activity_id=row.id), 303)


def _answer(shift: ShiftRow, taken: service.Taken, activity_id: int) -> list[tuple[str, str]]:
    signup, when = taken.signup, f"{when_words(shift.starts_at, clock.today())}，{taken.signup.where}"
    line = f"{f'“{signup.position_name}”' if signup.position_name else ''}候补第 {signup.position} 位"
    if not taken.fresh:
        return [("info", f"这一班您报过了：{when}。" if signup.seated else f"这一班您已排在{line}。")]
    if signup.seated:
        said = [("yes", f"报上了：{when}。到了扫码签到就行。")]
    elif promotes(shift.starts_at, clock.now()):
        said = [("info", f"满员了，您排在{line}。有人退出会自动补上，再通知您。")]
    else:
        said = [("info", f"您排在{line}。快开始了，有空位时由组织者打电话请您。")]
    clash = next((found for found in queries.clashes(signup.person_id, activity_id) if found.shift_id == shift.id), None)
    if clash:
        said.append(
            ("warn", f"同一时间您还报了《{clash.title}》{clash.shift_name} {span_words(clash.starts_at, clash.ends_at)}，请退掉一个。")
        )
    row = queries.activity(activity_id)
    full = full_days(signup.person_id, row.kind, [shift]).get(shift.id) if row else None
    return [*said, ("warn", full_day_words(full))] if full else said


@bp.post("/signups/<int:signup_id>/withdrawal")
@signed_in
def withdraw(signup_id: int) -> Response:
    """Sent twice, it is done all the same."""
    actor = current_actor()
    try:
        left: SignupRow = in_transaction(lambda: service.withdraw(signup_id, actor.person_id, clock.now()))
    except NotFound:
        activity_id = queries.left_before(signup_id, actor.person_id)
        if activity_id is None:
            raise
        flash("这一班已经退出了，不用再退。", "info")
        return redirect(url_for("activities.show", activity_id=activity_id), 303)
    flash(f"已退出 {left.where}。" + ("谢谢您早说，位子好让给别的街坊。" if left.seated else ""), "yes")
    return redirect(url_for("activities.show", activity_id=left.activity_id), 303)
