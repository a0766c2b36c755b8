"""One request: what it would certify, and each step by the person whose turn it is. 证明 in the work list."""

from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.accounts.deciders import Risen, deciders, nearest, risen
from app.certificates import forms, queries, service
from app.certificates.queries import RequestRow
from app.certificates.rules import DOCUMENT_NAMES, STEP_NAMES, Step, acceptance_fault, issue_fault, sums
from app.certificates.views.common import (
    batch_url,
    bp,
    issues,
    note_look,
    paper_url,
    publicity_url,
    request_to_decide,
    request_url,
    seen_request,
)
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.publicity.queries import ObjectionRow, PublicityRow
from app.publicity.rules import SubjectKind
from app.publicity.service import when_upheld
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.worklist.service import Source, WorkItem, register


@bp.get("/certificates/requests/<int:request_id>")
@signed_in
def request_page(request_id: int) -> Response:
    row = seen_request(request_id)
    note_look(row.person_id)
    return page(row, {})


def page(row: RequestRow, faults: dict[str, str]) -> Response:
    actor, today = current_actor(), clock.today()
    served = queries.services([row.person_id], row.since, row.until).get(row.person_id, [])
    lines = [line for line, _ in served]
    own = None
    if row.waits and row.person_id != actor.person_id:
        own = acceptance_fault(actor.person_id, row.person_id) if row.step is Step.APPLIED else None
        own = issue_fault(actor.person_id, row.person_id, row.handler_id) if row.step is Step.ACCEPTED else own
    aside = {row.person_id} | ({row.handler_id} if row.handler_id else set())
    others = nearest(deciders(row.unit_id, Action.CERTIFICATE_ISSUE, today, aside)) if row.waits and _any(row, aside) else []
    return render(
        "certificates/request.html",
        status=422 if faults else 200,
        row=row,
        lines=lines,
        sums=sums(lines),
        foreign=queries.foreign(served, row.unit_id, today) if row.waits else [],
        decides=row.waits and row.person_id != actor.person_id and issues(actor, row.unit_id),
        own=own,
        others=others,
        step_names=STEP_NAMES,
        document_names=DOCUMENT_NAMES,
        contact=queries.last_contact(row.unit_id),
        kept=kept(request.form),
        faults=faults,
    )


def _any(row: RequestRow, aside: set[int]) -> bool:
    return bool(deciders(row.unit_id, Action.CERTIFICATE_ISSUE, clock.today(), aside))


@bp.post("/certificates/requests/<int:request_id>/acceptance")
@requires(Action.CERTIFICATE_ISSUE)
@recently
def accept(request_id: int) -> Response:
    row, actor, now = request_to_decide(request_id), current_actor(), clock.now()
    try:
        said = forms.parse_accepting(request.form)
    except Invalid as error:
        return page(row, error.fields)
    in_transaction(lambda: service.accept(row.id, actor.person_id, said.contact, said.notes, request_url, now))
    flash("受理了，由另一位来出具。", "yes")
    return redirect(request_url(row.id), 303)


@bp.post("/certificates/requests/<int:request_id>/return")
@requires(Action.CERTIFICATE_ISSUE)
def send_back(request_id: int) -> Response:
    row, actor, now = request_to_decide(request_id), current_actor(), clock.now()
    try:
        reason = forms.parse_reason(request.form)
    except Invalid as error:
        return page(row, error.fields)
    in_transaction(lambda: service.send_back(row.id, actor.person_id, reason, request_url(row.id), now))
    flash(f"退回了，{row.person_name}会看到原因。", "yes")
    return redirect(url_for("worklist.index"), 303)


@bp.post("/certificates/requests/<int:request_id>/certificate")
@requires(Action.CERTIFICATE_ISSUE)
@recently
def issue(request_id: int) -> Response:
    """出具: by somebody else than who accepted."""
    row, actor, now = request_to_decide(request_id), current_actor(), clock.now()
    made = in_transaction(lambda: service.issue([row.id], actor.person_id, paper_url, publicity_url, now))
    flash("出具了，可以打印盖章。" if made else "已经出具过了，没有重复办。", "yes" if made else "info")
    issued = made[0] if made else row.certificate_id
    return redirect(paper_url(issued) if issued else request_url(row.id), 303)


GROUP = "证明"


def _items(actor: Actor) -> list[WorkItem]:
    now = clock.now()
    waiting, batches, revoking = queries.waiting(actor, now), queries.waiting_batches(actor, now), queries.waiting_revocations(actor, now)
    old = [
        Risen(f"certificate-request-{one.id}", one.unit_id, one.waits_since, frozenset({one.person_id, one.handler_id or 0}))
        for one in waiting
    ]
    old += [Risen(f"certificate-batch-{one.id}", one.unit_id, one.made_at, frozenset({one.maker_id})) for one in batches]
    old += [Risen(f"certificate-revocation-{one.id}", one.unit_id, one.asked_at, frozenset({one.asker_id})) for one in revoking]
    words = risen(old, Action.CERTIFICATE_ISSUE, actor.roots(Action.CERTIFICATE_ISSUE), now)
    items: list[tuple[str, datetime, tuple[str, object, str]]]
    items = [(f"certificate-request-{one.id}", one.waits_since, ("request", one, request_url(one.id))) for one in waiting]
    items += [(f"certificate-batch-{one.id}", one.made_at, ("batch", one, batch_url(one.id))) for one in batches]
    items += [(f"certificate-revocation-{one.id}", one.asked_at, ("revocation", one, paper_url(one.certificate_id))) for one in revoking]
    return [WorkItem(key, GROUP, since, "certificates/_work.html", subject, words.get(key, "")) for key, since, subject in items]


register(Source(GROUP, lambda actor: queries.waiting_count(actor, clock.now()), _items, stated=True))


def _objected(shown: PublicityRow, said: ObjectionRow, answer: str, by_id: int, now: datetime) -> None:
    service.follow_objection(shown.subject_id, said.about_id, answer, by_id, "/certificates/{}".format, now)


when_upheld(SubjectKind.CERTIFICATE, _objected)
