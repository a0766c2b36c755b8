"""我的码 and member cards: scanned with any camera by an organiser or today's helper, who is asked which activity."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.cards import queries as cards
from app.checkin import forms, queries, service
from app.checkin.queries import ScanView
from app.checkin.rules import FOR_OTHERS, CodeFault, Way
from app.checkin.service.uploads import depart_scanned, undo_scan
from app.checkin.views import bp
from app.checkin.views.codes import CODE_LIFE, Holder, code_address, holder_of, key
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, DomainError, NotFound, Refused
from app.people import queries as people
from app.webkit.guards import actor_or_none, current_actor, public, signed_in
from app.webkit.htmx import render


class CardRevoked(DomainError):
    """A card that was good once."""

    status = 410


REVOKED = "这张卡作废了。请街坊报姓名和手机后四位，一样签到；新卡请找支部书记印。"


@bp.get("/me/code")
@signed_in
def my_code() -> Response:
    """我的码 by itself; to htmx only the code, renewed every minute. Beside it the picture for the album."""
    person_id = current_actor().person_id
    return render("checkin/my_code.html", "checkin/_my_code.html", address=code_address(person_id), card=cards.valid_card(person_id))


def _holder(token: str) -> Holder:
    """Judged now. Raises CardRevoked, and NotFound for any other code that is not good."""
    holder = holder_of(token, clock.now())
    if holder is None:
        raise NotFound("认不出这个码。请街坊打开“签到”，给您看“我的码”。")
    if holder.fault is CodeFault.REVOKED:
        if holder.way is Way.CARD:
            raise CardRevoked(REVOKED)
        raise NotFound("这台手机已经退出登录了。请街坊重新登录，再打开“我的码”。")
    if holder.fault is not None:
        raise NotFound("这个码过期了。请街坊在手机上再打开一次“我的码”。")
    return holder


@bp.get("/p/<token>")
@public
def personal(token: str) -> Response:
    """For those who work a door: which activity? One running is taken as it is, of several the one that was answered last in this

    session, unless the address asks (`?door=ask`). For anyone else: what this code is for.
    """
    actor, now = actor_or_none(), clock.now()
    doors = queries.doors_of(actor, now) if actor else []
    try:
        holder = _holder(token)
    except CardRevoked:
        return render("checkin/card_revoked.html", status=CardRevoked.status, doors=doors)
    own = actor is not None and actor.person_id == holder.person_id
    if not doors or actor is None or own:
        return render("checkin/not_yours.html", own=own, card=holder.way is Way.CARD)
    person = people.person(holder.person_id, clock.today())
    last = [one for one in doors if one.id == session.get("door")] if request.args.get("door") != "ask" else []
    others = len(doors) > 1 and bool(last)
    doors = last or doors
    tickets = {one.id: forms.write_ticket(key(), one.id, holder.way, now, None) for one in doors}
    return render(
        "checkin/personal.html", token=token, person=person, doors=doors, others=others, tickets=tickets, scan_id=forms.new_scan_id()
    )


@bp.post("/p/<token>/scans")
@signed_in
def create_personal_scan(token: str) -> BaseResponse:
    """Check the code's owner in or out, recorded with who scanned. Nobody does it for themselves."""
    actor, now = current_actor(), clock.now()
    shown = forms.parse_scan(request.form, key(), now)
    if shown.way not in FOR_OTHERS or now - shown.opened_at > CODE_LIFE:
        raise Conflict("离扫这个码有一阵了，这次没有记。请再扫一次街坊的码。")
    if all(one.id != shown.activity_id for one in queries.doors_of(actor, now)):
        raise NotFound
    holder = _holder(token)
    if holder.way is not shown.way:
        raise Conflict(forms.SCAN_AGAIN)
    if holder.person_id == actor.person_id:
        raise Refused("不能给自己签。请扫现场的码，或请另一位来扫。")
    view = in_transaction(lambda: service.record_scan(shown, holder.person_id, now, by_id=actor.person_id))
    session["door"] = shown.activity_id
    session["staff_scans"] = [view.scan_id.hex, *session.get("staff_scans", [])][:5]
    where = url_for("checkin.staff_scan", scan_id=view.scan_id)
    if request.headers.get("HX-Request") == "true":
        response = render("checkin/staff_scan.html", "checkin/_staff_verdict.html", view=view)
        response.headers["X-Page"] = where
        return response
    return redirect(where, 303)


def _made_here(scan_id: UUID) -> ScanView:
    """A scan that this browser made for somebody else. NotFound for any other."""
    view = queries.scan_view(scan_id) if scan_id.hex in session.get("staff_scans", []) else None
    if view is None:
        raise NotFound
    return view


@bp.get("/staff-scans/<uuid:scan_id>")
@signed_in
def staff_scan(scan_id: UUID) -> Response:
    """What came of a scan, to the one who made it for somebody else."""
    return render("checkin/staff_scan.html", "checkin/_staff_verdict.html", view=_made_here(scan_id))


@bp.post("/staff-scans/<uuid:scan_id>/departure")
@signed_in
def create_staff_departure(scan_id: UUID) -> BaseResponse:
    """现在签退, for somebody who was scanned a moment ago."""
    return _followed(scan_id, depart_scanned)


@bp.post("/staff-scans/<uuid:scan_id>/undoing")
@signed_in
def create_staff_undoing(scan_id: UUID) -> BaseResponse:
    """撤销签退, within ten minutes."""
    return _followed(scan_id, undo_scan)


def _followed(scan_id: UUID, work: Callable[[int, UUID, int, datetime], ScanView]) -> BaseResponse:
    """What follows a scan made here, by somebody who works that door still; then its own page."""
    before, actor, now = _made_here(scan_id), current_actor(), clock.now()
    if all(one.id != before.activity_id for one in queries.doors_of(actor, now)):
        raise NotFound
    view = in_transaction(lambda: work(before.activity_id, scan_id, actor.person_id, now))
    session["staff_scans"] = [view.scan_id.hex, *[one for one in session["staff_scans"] if one != view.scan_id.hex]][:5]
    return redirect(url_for("checkin.staff_scan", scan_id=view.scan_id), 303)
