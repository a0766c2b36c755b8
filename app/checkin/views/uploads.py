"""JSON for phones that kept scans without signal: the organiser's scanner, and a volunteer's own phone.

Every scan is judged as at its own time and written in a transaction of its own, so that one can not spoil another; sent
again it answers the same. A scan that failed for a reason of ours is left out of the answer, and the phone keeps it. What was no scan of
anybody is written nowhere, and is looked at anew when it comes again: who was not found by name may have come meanwhile.
"""

import base64
import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cached_property, wraps
from typing import Any, ParamSpec
from uuid import UUID

from flask import Response, jsonify, request, url_for

from app.activities import queries as activities
from app.activities.rules import CodeWay
from app.checkin import queries, service
from app.checkin.fence import judge as judge_fence
from app.checkin.queries import ScanView, gates
from app.checkin.queries import uploads as reading
from app.checkin.queries.uploads import Term
from app.checkin.rules import KEPT_FOR, LATE_AFTER, CodeFault, Outcome, ShownCode, Way, judge_code, split_code
from app.checkin.service.uploads import depart_scanned, undo_scan
from app.checkin.upload_forms import CLOCK_SLACK, Entry, Unreadable, parse_upload
from app.checkin.views import bp
from app.checkin.views.codes import Holder, code_key, holder_of, key, prefix, read_text
from app.checkin.views.digits import device, digits_typed
from app.checkin.views.verdicts import MOVES, Verdict, unrecorded, verdict
from app.core import clock, trace
from app.core.actor import Actor
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, NotFound
from app.core.permissions import Action
from app.webkit.guards import current_actor, signed_in

P = ParamSpec("P")
log = logging.getLogger("shulin")


def in_json(view: Callable[P, Response]) -> Callable[P, Response]:
    """Errors as {"error": words} with their status, whatever the request accepts: a script reads them."""

    @wraps(view)
    def answering(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except DomainError as error:
            response = jsonify(error=error.message)
            response.status_code = error.status
            return response

    return answering


def body() -> Any:
    return request.get_json(force=True, silent=True)


class Desk:
    """Somebody who works the door of one activity, perhaps sending what they scanned a day ago. Raises NotFound for others."""

    def __init__(self, actor: Actor, activity_id: int, now: datetime) -> None:
        self.actor, self.activity_id, self.now = actor, activity_id, now
        managed = activities.managed_activity(actor, activity_id)
        self.term: Term | None = None if managed else reading.helper_term(actor.person_id, activity_id)
        if managed is None and (self.term is None or now > self.term.until + KEPT_FOR):
            raise NotFound
        self.roots = actor.roots(Action.ACTIVITY_MANAGE) if managed else frozenset()

    @cached_property
    def gates(self) -> dict[int, int]:
        """number → id. A number that no gate has is as none at all."""
        return gates.gate_ids(self.activity_id)

    def may(self, at: datetime) -> bool:
        """A helper's scans count while they were one."""
        return self.term is None or self.term.since - CLOCK_SLACK <= at <= self.term.until

    def say(self, view: ScanView) -> Verdict:
        return verdict(view, undo=self.undo(view), depart=self.depart(view))

    def undo(self, view: ScanView) -> str | None:
        if view.outcome not in MOVES or view.person_id == self.actor.person_id:
            return None
        return url_for("checkin.undo_upload", activity_id=self.activity_id, scan_id=view.scan_id)

    def depart(self, view: ScanView) -> str | None:
        """Who is in and stands here now may be signed out; a scan that came late says nothing of now."""
        late = self.now - view.at > LATE_AFTER
        if view.outcome is not Outcome.ALREADY_IN or view.out_at or late or view.person_id == self.actor.person_id:
            return None
        return url_for("checkin.depart_upload", activity_id=self.activity_id, scan_id=view.scan_id)


def answers(
    entries: list[Entry | Unreadable],
    scan: Callable[[Entry], ScanView | str],
    say: Callable[[ScanView], Verdict],
    is_same: Callable[[Entry, ScanView], bool] = lambda _entry, _view: False,
) -> list[tuple[Verdict, ScanView | None]]:
    """What came of each, in the order sent. `scan` returns why it is no scan of anybody, or the scan as it was recorded.

    `is_same`: whether a scan that came under this id in another way is this one.
    """
    before = reading.recorded_scans({entry.id for entry in entries if isinstance(entry, Entry)})
    results: list[tuple[Verdict, ScanView | None]] = []
    for entry in entries:
        try:
            found = _result(entry, before, scan, is_same)
        except Exception:
            log.exception("upload left unanswered, request %s", trace.request_id.get())
            db.session.rollback()
            continue
        said = unrecorded(entry.said_id, found) if isinstance(found, str) else replace(say(found), id=entry.said_id)
        results.append((said, None if isinstance(found, str) else found))
    return results


def _result(
    entry: Entry | Unreadable, before: dict[UUID, str], scan: Callable[[Entry], ScanView | str], is_same: Callable[[Entry, ScanView], bool]
) -> ScanView | str:
    if isinstance(entry, Unreadable):
        return "unknown"
    if entry.id not in before:
        try:
            return scan(entry)
        except Conflict:
            pass  # it came a moment ago
    view = queries.scan_view(entry.id)
    return view if view and (before.get(entry.id) == entry.digest or is_same(entry, view)) else "conflict"


def desk_scan(desk: Desk, entry: Entry) -> ScanView | str:
    """Somebody's code or card, or their name and the last four digits, scanned by who works the door."""
    at, now = entry.at, desk.now
    if not desk.may(at):
        return "not_helper"
    holder = _scanned(entry.code, at) if entry.code else _named(desk, entry, at)
    if isinstance(holder, str):
        return holder
    if holder.person_id == desk.actor.person_id:
        return "own"
    fault = holder.fault or (CodeFault.TOO_OLD if now - at > KEPT_FOR else None)
    shown = ShownCode(entry.id, desk.activity_id, holder.way, at, fault, entry.digest, desk.gates.get(entry.gate) if entry.gate else None)
    return in_transaction(lambda: service.record_scan(shown, holder.person_id, now, by_id=desk.actor.person_id))


def _scanned(text: str, at: datetime) -> Holder | str:
    said = read_text(text)
    if said is None:
        return "unknown"
    if said.code:
        return "poster" if activities.activity_by_code(split_code(said.code)[0]) else "unknown"
    return holder_of(said.token, at) or "unknown"


def _named(desk: Desk, entry: Entry, at: datetime) -> Holder | str:
    found = reading.named_at(desk.activity_id, entry.name, entry.tail, desk.roots, clock.local_date(at))
    return Holder(found[0], Way.NAMED) if len(found) == 1 else "several" if found else "nobody"


def own_code(entry: Entry, now: datetime) -> ShownCode | str:
    """The code of a poster or a screen as it was at its time; a screen's can be proved for any half minute that has been.

    Where a fence stands, whether the phone stood inside is decided here; nothing of where it stood is kept.
    """
    said = read_text(entry.code)
    head, tail = split_code("".join(said.code.split())) if said else ("", "")
    if len(head) == 8 and not tail:
        head, tail = head[:4], head[4:]
    activity = gates.opening(head, said.gate if said else None) if head else None
    if activity is None:
        return "no_activity"
    rotates = activity.code_way is CodeWay.ROTATING
    faults = {
        judge_code(tail, rotates=rotates, key=key(), activity_id=activity.id, at=entry.at + slack) for slack in (timedelta(), CLOCK_SLACK)
    }
    fault = None if None in faults else faults.pop()
    day_code = digits_typed(activity.id, activity.rules, entry.at, entry.digits)
    if fault is None and day_code is False:
        fault = CodeFault.DAY_CODE
    if fault is None and now - entry.at > KEPT_FOR:
        fault = CodeFault.TOO_OLD
    way = Way.TYPED_CODE if entry.typed else Way.ROTATING if rotates else Way.POSTER
    fence = judge_fence(activity.rules.fence, entry.spot) if activity.rules.fence else None
    gate_id = activity.gate.id if activity.gate else None
    return ShownCode(entry.id, activity.id, way, entry.at, fault, entry.digest, gate_id, day_code, fence)


@bp.post("/activities/<int:activity_id>/uploads")
@in_json
@signed_in
def create_uploads(activity_id: int) -> Response:
    now = clock.now()
    desk = Desk(current_actor(), activity_id, now)
    entries = parse_upload(body(), f"activity {activity_id}", now)
    found = answers(entries, lambda one: desk_scan(desk, one), desk.say)
    return jsonify(results=[said.json() for said, _ in found], counts=asdict(reading.counts(activity_id)))


@bp.get("/activities/<int:activity_id>/counts")
@in_json
@signed_in
def counts(activity_id: int) -> Response:
    actor = current_actor()
    if activities.readable_activity(actor, activity_id) is None:
        Desk(actor, activity_id, clock.now())
    return jsonify(counts=asdict(reading.counts(activity_id)))


@bp.post("/activities/<int:activity_id>/uploads/<uuid:scan_id>/undoing")
@in_json
@signed_in
def undo_upload(activity_id: int, scan_id: UUID) -> Response:
    actor, now = current_actor(), clock.now()
    Desk(actor, activity_id, now)
    view = in_transaction(lambda: undo_scan(activity_id, scan_id, actor.person_id, now))
    return jsonify(replace(verdict(view), id=str(scan_id)).json())


@bp.post("/activities/<int:activity_id>/uploads/<uuid:scan_id>/departure")
@in_json
@signed_in
def depart_upload(activity_id: int, scan_id: UUID) -> Response:
    """现在签退. The answer is the verdict of the sign-out, which can be undone as any other."""
    actor, now = current_actor(), clock.now()
    desk = Desk(actor, activity_id, now)
    if not desk.may(now):
        raise NotFound
    view = in_transaction(lambda: depart_scanned(activity_id, scan_id, actor.person_id, now))
    return jsonify(desk.say(view).json())


@bp.post("/late-scans")
@in_json
@signed_in
def create_late_scans() -> Response:
    """A volunteer's own phone: codes of posters and screens, each judged as at its time. Who is signed in is the person."""
    actor, now, phone = current_actor(), clock.now(), device()
    entries = parse_upload(body(), f"person {actor.person_id}", now)

    def scan(entry: Entry) -> ScanView | str:
        shown = own_code(entry, now)
        return shown if isinstance(shown, str) else in_transaction(lambda: service.record_scan(shown, actor.person_id, now, phone))

    def sent_by_its_page(entry: Entry, view: ScanView) -> bool:
        """The open page posts its form first; when that answer is lost, it queues the scan under the same id."""
        said = read_text(entry.code)
        return said is not None and view.person_id == actor.person_id and view.code == split_code(said.code)[0]

    found = answers(entries, scan, lambda view: verdict(view, own=True), sent_by_its_page)
    pages = [url_for("checkin.scan", scan_id=view.scan_id) if view else None for _, view in found]
    return jsonify(results=[{**said.json(), "page": page} for (said, _), page in zip(found, pages, strict=True)])


@bp.get("/me/code-key")
@in_json
@signed_in
def my_code_key() -> Response:
    """What a phone needs to make 我的码 without signal. It ends with the session."""
    found = code_key(current_actor().session_id)
    if found is None:
        raise NotFound
    public_id, secret = found
    answer = jsonify(key=base64.urlsafe_b64encode(secret).decode().rstrip("="), id=public_id, step=60, prefix=prefix())
    answer.headers["Cache-Control"] = "no-store"
    return answer
