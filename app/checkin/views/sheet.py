"""纸质签到表: a paper way beside every digital one. Printed before, signed at the door, keyed in later as a list that another confirms."""

from dataclasses import dataclass

from flask import current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.checkin.sheet_codes import SheetCode, read, write
from app.checkin.views import bp
from app.checkin.views.codes import key
from app.checkin.views.console import managed
from app.core import clock
from app.core.errors import Conflict, NotFound
from app.core.permissions import Action
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render

ROWS = 12  # on a page
EMPTY = 6  # at least, for those who did not sign up
MOST_KEPT = 60  # rows scanned and not yet sent, in the cookie


@dataclass(frozen=True)
class Line:
    """A row of the sheet. `name` is empty for those who did not sign up; `position`: where they sit, or that they wait."""

    number: int
    name: str
    address: str
    position: str | None = None


@bp.get("/activities/<int:activity_id>/sheet")
@requires(Action.ACTIVITY_MANAGE)
def sheet(activity_id: int) -> BaseResponse:
    """One shift on A4: those who signed up by name, those who wait, and empty rows, each with a code that opens it for keying in."""
    activity, shifts = managed(activity_id), activities.shifts_of(activity_id)
    if not shifts:
        raise Conflict("还没有班次，签到表上没有时间可写。请先加班次。")
    now, wanted = clock.now(), request.args.get("shift", type=int)
    shift = next((one for one in shifts if one.id == wanted), next((one for one in shifts if one.last_end > now), shifts[-1]))
    lines = _lines(shift, [one for one in activities.signups_in(activity_id) if one.shift_id == shift.id])
    whole = -(-(len(lines) + EMPTY) // ROWS) * ROWS
    lines += [Line(place, "", _address(SheetCode(shift.id, row=place))) for place in range(len(lines) + 1, whole + 1)]
    return render(
        "checkin/sheet.html",
        activity=activity,
        shifts=shifts,
        shift=shift,
        pages=[lines[start : start + ROWS] for start in range(0, whole, ROWS)],
        address=_address(SheetCode(shift.id)),
    )


def _lines(shift: activities.ShiftRow, standing: list[activities.SignupRow]) -> list[Line]:
    """Seats by position in the organiser's order, then who waits in theirs: who comes all the same is keyed in by name."""
    names = activities.names_of({one.person_id for one in standing}, clock.today())
    order = {position.id: place for place, position in enumerate(shift.positions)}
    found: list[Line] = []
    for place, one in enumerate(
        sorted(standing, key=lambda one: (not one.seated, order.get(one.position_id or 0, 0) * one.seated)), start=1
    ):
        code = SheetCode(shift.id, signup_id=one.id) if one.seated else SheetCode(shift.id, row=place)
        waits = f"候补·{one.position_name}" if one.position_name else "候补"
        found.append(Line(place, names[one.person_id].name, _address(code), one.position_name if one.seated else waits))
    return found


def _address(code: SheetCode) -> str:
    return f"{current_app.config['SETTINGS'].public_url}{url_for('checkin.key_in', token=write(key(), code))}"


@bp.get("/s/<token>")
@signed_in
def key_in(token: str) -> BaseResponse:
    """A code of the sheet, scanned by who keys it in: the page of names at that row, with the rows scanned before it ticked too."""
    code = read(key(), token)
    shift = activities.shift(code.shift_id) if code else None
    if code is None or shift is None or activities.managed_activity(current_actor(), shift.activity_id) is None:
        raise NotFound("认不出这个码，或者这场不归您管。签到表由办活动的组织录入。")
    if code.signup_id is not None:
        session["sheet"] = [shift.id, *[one for one in rows_scanned(shift.id) if one != code.signup_id][-MOST_KEPT:], code.signup_id]
    where = "row" if code.signup_id else "f-name" if code.row else None
    return redirect(url_for("claims.tick", activity_id=shift.activity_id, shift=shift.id, paper=1, _anchor=where))


def rows_scanned(shift_id: int) -> list[int]:
    """Sign-ups whose rows this browser scanned from the sheet of a shift, the last one at the end."""
    kept = session.get("sheet") or [0]
    return list(kept[1:]) if kept[0] == shift_id else []
