"""The code of the day, typed."""

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.checkin import forms
from app.checkin.service.gates import record_wrong_digits
from app.checkin.views import bp
from app.checkin.views.codes import key
from app.checkin.views.digits import device, digits_typed
from app.checkin.views.opening import ask_digits, reopen_code
from app.checkin.views.pacing import digits_wait, one_more_mistake
from app.checkin.views.whose import who
from app.core import clock
from app.core.db import in_transaction
from app.webkit.forms import clean
from app.webkit.guards import public


@bp.post("/c/<code>/day-codes")
@public
def create_day_code(code: str) -> BaseResponse:
    """Right: on to the check-in, and kept for the day. Wrong: a refused scan is written; after five the phone waits (more: pacing)."""
    now, phone = clock.now(), device()
    opened = reopen_code(code)
    back = redirect(url_for("checkin.code", code=code, gate=opened.gate), 303)
    if not opened.asks_digits:
        return back
    wait = digits_wait(opened.activity.id, now)
    if wait:
        return ask_digits(code, opened, "先歇一歇，再看一眼现场写的数", wait)
    typed = clean(request.form.get("digits", "")).replace(" ", "")
    if len(typed) != 4 or not (typed.isascii() and typed.isdigit()):
        return ask_digits(code, opened, "请填四位数字")
    if digits_typed(opened.activity.id, opened.activity.rules, opened.opened_at, typed):
        session["digits"] = [opened.activity.id, typed]
        return back
    shown = forms.parse_scan(request.form, key(), now)
    person_id = who()

    def work() -> None:
        if not one_more_mistake(now):
            record_wrong_digits(shown, person_id, phone, now)

    in_transaction(work)
    return ask_digits(code, opened, "不是今天的四位数，请再看一眼现场写的数", digits_wait(opened.activity.id, now))
