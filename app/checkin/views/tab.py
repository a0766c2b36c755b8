"""The 签到 tab: what is next, 我的码, how to scan, and the short code."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.activities import queries as activities
from app.activities.queries import NextSignup
from app.checkin import queries
from app.checkin.rules import OPENS_BEFORE, split_code
from app.checkin.views import bp
from app.checkin.views.codes import code_address
from app.core import clock
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, current_actor, public, signed_in
from app.webkit.htmx import render


@bp.get("/check-in")
@signed_in
def tab() -> Response:
    """签到: the next activity, 我的码, how to use WeChat's own scanner, and the short code."""
    actor = current_actor()
    return _tab(activities.next_signup(actor.person_id, clock.now()), {})


def _tab(upcoming: NextSignup | None, faults: dict[str, str]) -> Response:
    actor = actor_or_none()
    address = code_address(actor.person_id) if actor else None
    phones = people.phones(actor.person_id, clock.today()) if actor else []
    return render(
        "checkin/tab.html",
        "checkin/_my_code.html" if not faults else None,
        status=422 if faults else 200,
        upcoming=upcoming,
        opens_before=OPENS_BEFORE,
        inside=queries.inside_now(actor.person_id, clock.now()) if actor else None,
        address=address,
        tail=phones[0][-4:] if phones else "",
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/check-in")
@public
def type_code() -> BaseResponse:
    """The short code from a poster or a screen, typed."""
    text = "".join(request.form.get("code", "").upper().split()).replace("—", "-")
    head, tail = split_code(text)
    if len(head) == 8 and not tail:
        text = f"{head[:4]}-{head[4:]}"
    if activities.activity_by_code(split_code(text)[0]) is None:
        faults = {"code": "没有这个短码。海报右下角有 4 位，大屏上有 8 位，请再看一眼"}
        return _tab(None, faults)
    return redirect(url_for("checkin.code", code=text, by="typed"), 303)
