"""A code as its page opens: judged once, with a ticket that says when and how, and with what is asked before anyone checks in."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Response, request, session

from app.activities.rules import CodeWay
from app.checkin import forms
from app.checkin.fence import judge as judge_fence
from app.checkin.fence import spot_of
from app.checkin.queries import gates
from app.checkin.queries.gates import Opening
from app.checkin.rules import SAME_SCAN, CodeFault, ShownCode, Way, judge_code, split_code
from app.checkin.views.codes import key
from app.checkin.views.digits import digits_typed
from app.checkin.views.pacing import Wait
from app.checkin.views.whose import who
from app.core import clock
from app.core.errors import NotFound
from app.webkit.htmx import render


@dataclass(frozen=True)
class Opened:
    """A code as its page opened. `asks_digits`: the code of the day has not been typed yet. `fault`: the code is not good."""

    activity: Opening
    ticket: str
    opened_at: datetime
    asks_digits: bool = False
    fault: CodeFault | None = None

    @property
    def gate(self) -> int | None:
        return self.activity.gate.number if self.activity.gate else None


def open_code(text: str, number: int | None = None) -> Opened:
    """Judge a code as its page opens. The ticket is kept in the cookie, so that signing in first does not lose it."""
    head, tail = split_code(text)
    activity = gates.opening(head, number)
    if activity is None:
        raise NotFound("认不出这个码。请核对短码，或请现场人员再给您看一次。")
    now, place, held = clock.now(), f"{text}/{number}" if number else text, session.get("ticket")
    before = _still_good(held[1], now) if held and held[0] == place else None
    if before and held and held[2:] == [True] and now - before.opened_at > SAME_SCAN:  # nobody had to sign in first: it is another scan
        before = None
    opened_at = before.opened_at if before else now
    typed_right = digits_typed(activity.id, activity.rules, opened_at)
    asked = forms.Asked(activity.gate.id if activity.gate else None, typed_right, activity.rules.fence is not None)
    fault: CodeFault | None
    if before:
        way, fault = before.way, None if before.fault is CodeFault.DAY_CODE else before.fault
    else:
        rotates = activity.code_way is CodeWay.ROTATING
        fault = judge_code(tail, rotates=rotates, key=key(), activity_id=activity.id, at=now)
        way = Way.TYPED_CODE if request.args.get("by") == "typed" else Way.ROTATING if rotates else Way.POSTER
    ticket = forms.write_ticket(key(), activity.id, way, opened_at, fault, asked)
    session["ticket"] = [place, ticket, who() is not None and typed_right is not False]
    return Opened(activity, ticket, opened_at, typed_right is False, fault)


def reopen_code(text: str) -> Opened:
    """A page further on: of the gate whose code this phone opened."""
    held = session.get("ticket")
    code, _, number = held[0].partition("/") if held else (text, "", "")
    return open_code(text, int(number) if code == text and number else None)


def _still_good(ticket: str, now: datetime) -> ShownCode | None:
    try:
        return forms.read_ticket(key(), ticket, forms.new_scan_id(), now)
    except Exception:
        return None


def fenced(shown: ShownCode) -> ShownCode:
    """With inside or outside in place of the coordinates that the page sent, where it was asked to send any."""
    if shown.fence is None:
        return shown
    spot = spot_of(request.form.get("lat", ""), request.form.get("lng", ""), request.form.get("acc", ""))
    circle = gates.rules_of(shown.activity_id).fence if spot else None
    return replace(shown, fence=judge_fence(circle, spot)) if circle else shown


def ask_digits(code: str, opened: Opened, fault: str = "", wait: Wait | None = None) -> Response:
    return render(
        "checkin/digits.html",
        status=422 if fault else 200,
        code=code,
        opened=opened,
        scan_id=forms.new_scan_id(),
        wait=wait,
        faults={"digits": fault} if fault else {},
    )
