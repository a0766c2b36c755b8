"""Scanning with one's own phone. `GET /c/<code>` only shows; the page then posts itself, so a preview or reload does nothing."""

import time
from datetime import datetime
from uuid import UUID

from flask import Response, current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.checkin import forms, queries, service
from app.checkin.queries import ScanView
from app.checkin.queries.foreseeing import Foreseen, foresee
from app.checkin.rules import FOR_OTHERS, CodeFault, ShownCode, Way
from app.checkin.views import bp
from app.checkin.views.codes import key
from app.checkin.views.digits import device
from app.checkin.views.opening import Opened, ask_digits, fenced, open_code, reopen_code
from app.checkin.views.pacing import digits_wait, one_more_visit, one_more_walk_in
from app.checkin.views.whose import again, another, owner_of, remember, walk_ins, who
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.shelf import Shelf
from app.proxies import queries as proxies
from app.proxies import service as agreements
from app.webkit.forms import kept
from app.webkit.guards import SignInFirst, actor_or_none, current_actor, public
from app.webkit.htmx import render


@bp.get("/c/<code>")
@bp.get("/c/<code>/<int:gate>")
@public
def code(code: str, gate: int | None = None) -> Response:
    """Who is known checks in by the page itself; who acts for somebody is asked for whom; who is not known, what they came for.

    Where a code of the day is asked, everybody types it first, once a day.
    """
    opened, actor = open_code(code, gate), actor_or_none()
    wards = proxies.wards(actor.person_id) if actor else []
    here, own = walk_ins(), who()
    if opened.fault and (opened.asks_digits or wards or own is None or len(here) > 1):  # before anything is asked for in vain
        return render("checkin/stale.html", opened=opened, activity=opened.activity)
    if opened.asks_digits:
        return ask_digits(code, opened, wait=digits_wait(opened.activity.id, clock.now()))
    if actor and wards:
        people_here = [(actor.person_id, "我自己"), *[(one.person_id, one.name) for one in wards]]
        return render("checkin/for_whom.html", code=code, opened=opened, choices=_choices(opened, people_here))
    if here:
        names = proxies.names(here)
        choices = _choices(opened, [(person_id, names[person_id]) for person_id in here])
        if len(here) > 1 or choices[0][3].came:  # whose scan this is, only they can say
            return render("checkin/whose.html", code=code, opened=opened, choices=choices)
    template = "checkin/known.html" if own else "checkin/unknown.html"
    return render(template, code=code, opened=opened, scan_id=forms.new_scan_id())


def _choices(opened: Opened, people_here: list[tuple[int, str]]) -> list[tuple[int, str, UUID, Foreseen]]:
    """Each with an id for the scan and what it will come to."""
    seen = foresee(opened.activity.id, [person_id for person_id, _ in people_here], opened.opened_at)
    return [(person_id, name, forms.new_scan_id(), seen[person_id]) for person_id, name in people_here]


@bp.post("/scans")
@public
def create_scan() -> BaseResponse:
    person_id = who()
    if person_id is None:  # signed out in another window: the ticket waits in the cookie
        raise SignInFirst("请先登录，登录后自动签到。")
    now = clock.now()
    shown = fenced(forms.parse_scan(request.form, key(), now))
    if shown.way in FOR_OTHERS:  # an organiser's ticket is for scanning others
        raise Conflict(forms.SCAN_AGAIN)
    phone, ward_id = device(), request.form.get("person", type=int)
    if actor_or_none() is None:
        whose = ward_id if ward_id is not None else person_id
        if ward_id is not None and ward_id not in walk_ins():
            raise NotFound
        return _keeping_the_screens_code(shown, in_transaction(lambda: service.record_scan(shown, whose, now, phone)))
    if ward_id is None:
        return shown_result(in_transaction(lambda: service.record_scan(shown, person_id, now, phone)))
    return _scan_for(ward_id, shown, now, phone)


def _scan_for(ward_id: int, shown: ShownCode, now: datetime, phone: str) -> BaseResponse:
    """替谁签到: oneself, or somebody whom one acts for at this moment. The code stays good for the next one."""
    actor = current_actor()

    def work() -> ScanView:
        if ward_id == actor.person_id:
            return service.record_scan(shown, ward_id, now, phone)
        agreements.hold(ward_id, actor.person_id)
        return service.record_scan(shown, ward_id, now, phone, by_id=actor.person_id)

    return _keeping_the_screens_code(shown, in_transaction(work))


def _keeping_the_screens_code(shown: ShownCode, view: ScanView) -> BaseResponse:
    """Where somebody else may sign in on the same phone: the screen has moved on by the time the next name is tapped."""
    ticket = session.get("ticket")
    answer = shown_result(view)
    if shown.way is Way.ROTATING and ticket:
        session["ticket"] = ticket
    return answer


@bp.post("/visits")
@public
def create_visit() -> BaseResponse:
    now, phone = clock.now(), device()
    shown = forms.parse_scan(request.form, key(), now)

    def work() -> ScanView:
        if queries.scan_view(shown.scan_id) is None:  # sent again it is no further one
            one_more_visit(now)
        return service.record_visit(shown, phone, now)

    return shown_result(in_transaction(work))


@bp.get("/c/<code>/volunteers/new")
@public
def new_volunteer(code: str) -> Response:
    return render("checkin/serve.html", code=code, opened=reopen_code(code), scan_id=forms.new_scan_id(), kept={}, faults={})


@bp.post("/c/<code>/volunteers")
@public
def create_volunteer(code: str) -> BaseResponse:
    now, phone = clock.now(), device()
    shown = fenced(forms.parse_scan(request.form, key(), now))
    if shown.fault is CodeFault.DAY_CODE:  # nobody is written down for a scan that will be refused
        return redirect(url_for("checkin.code", code=code, gate=reopen_code(code).gate), 303)
    try:
        walk_in = forms.parse_walk_in(request.form, clock.today())
    except Invalid as error:
        opened = reopen_code(code)
        return render(
            "checkin/serve.html", status=422, code=code, opened=opened, scan_id=shown.scan_id, kept=kept(request.form), faults=error.fields
        )
    known = queries.scan_view(shown.scan_id)
    if known and session.get("walk_in") == known.person_id:  # the form was sent twice
        return shown_result(known)

    def work() -> tuple[int, ScanView]:
        one_more_walk_in(now)
        return service.take_in(shown, walk_in.name, walk_in.phone, now, phone, walk_in.minor_until)

    person_id, view = in_transaction(work)
    remember(person_id)
    return _keeping_the_screens_code(shown, view)


_windows: Shelf[int] = Shelf(64)


def windows(view: ScanView) -> int:
    """How many windows are lit by now, one's own among them. Counted at most once a second, however long the queue is."""
    site = current_app.config["SQLALCHEMY_DATABASE_URI"]
    return max(1, _windows.get((site, view.activity_id), int(time.monotonic()), lambda: queries.people_at(view.activity_id)))


def shown_result(view: ScanView) -> BaseResponse:
    """To our own script the verdict at once; to a plain form a redirect to its page."""
    other = another(view, session.pop("ticket", None))
    actor = actor_or_none()
    if view.person_id is None or actor is None or actor.person_id != view.person_id:
        session["scans"] = [view.scan_id.hex, *[one for one in session.get("scans", []) if one != view.scan_id.hex]][:5]
    if request.headers.get("HX-Request") == "true":
        response = render("checkin/scan.html", "checkin/_verdict.html", view=view, lit=windows(view), another=other)
        response.headers["X-Page"] = url_for("checkin.scan", scan_id=view.scan_id)
        return response
    return redirect(url_for("checkin.scan", scan_id=view.scan_id), 303)


@bp.get("/scans/<uuid:scan_id>")
@public
def scan(scan_id: UUID) -> Response:
    """Shows what came of a scan, to the person it is about or the phone that made it."""
    view = queries.scan_view(scan_id)
    if view is None or not (scan_id.hex in session.get("scans", []) or (view.person_id is not None and view.person_id == who())):
        raise NotFound
    return render("checkin/scan.html", "checkin/_verdict.html", view=view, lit=windows(view), again=again(view), another=another(view))


@bp.post("/scans/<uuid:scan_id>/departure")
@public
def create_departure(scan_id: UUID) -> BaseResponse:
    """现在签退."""
    now, (person_id, by_id) = clock.now(), _owner(scan_id)
    return shown_result(in_transaction(lambda: service.depart(scan_id, person_id, now, by_id=_held(person_id, by_id))))


@bp.post("/scans/<uuid:scan_id>/undoing")
@public
def create_undoing(scan_id: UUID) -> BaseResponse:
    """撤销签退."""
    now, (person_id, by_id) = clock.now(), _owner(scan_id)
    return shown_result(in_transaction(lambda: service.undo_sign_out(scan_id, person_id, now, by_id=_held(person_id, by_id))))


def _owner(scan_id: UUID) -> tuple[int, int | None]:
    """Whom a scan is about, and who acts for them (None: themselves). NotFound for everybody else."""
    person_id, by_id = owner_of(scan_id)
    if person_id is None:
        raise NotFound
    return person_id, by_id


def _held(person_id: int, by_id: int | None) -> int | None:
    """Inside the transaction: the agreement under which somebody else acts still stands."""
    if by_id is not None:
        agreements.hold(person_id, by_id)
    return by_id
