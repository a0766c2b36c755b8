"""The certificate itself: to look at, to print, as PDF; taking it back and putting a new one in its place."""

import hmac

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.accounts.login import count_try, forget_try
from app.certificates import forms, queries, service
from app.certificates.queries import CertificateRow, RevocationRow
from app.certificates.rules import (
    STATE_NAMES,
    DocumentKind,
    State,
    Verdict,
    check_word,
    revocation_fault,
    tidy_document,
)
from app.certificates.views.common import bp, full_address, issues, keyed, note_look, paper_url, request_url, seen
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, TooMany
from app.core.permissions import Action
from app.people.queries import record_ids
from app.publicity import queries as publicity
from app.publicity.rules import SubjectKind
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.webkit.pdf import render_pdf


@bp.get("/certificates/<int:certificate_id>")
@signed_in
def show(certificate_id: int) -> Response:
    """The sheet as it prints, with what can be done about it above."""
    row = seen(certificate_id)
    note_look(row.now_id)
    return page(row, {})


def page(row: CertificateRow, faults: dict[str, str], status: int = 422) -> Response:
    actor = current_actor()
    own = row.now_id == actor.person_id
    asked = queries.revocation_waiting(row.id) if row.revocation_asked else None
    return render(
        "certificates/show.html",
        status=status if faults else 200,
        row=row,
        paper=sheet(row),
        own=own,
        manages=not own and issues(actor, row.unit_id),
        asked=asked,
        asked_fault=revocation_fault(actor.person_id, row.now_id, asked.asker_id) if asked else None,
        shown=publicity.standing(SubjectKind.CERTIFICATE, [row.shown_as_id]).get(row.shown_as_id),
        state_names=STATE_NAMES,
        kept={name: value for name, value in kept(request.form).items() if name != "document_number"},
        faults=faults,
    )


def sheet(row: CertificateRow, document_number: str = "") -> dict[str, object]:
    """What the paper is made of; `document_number` in full only for its holder."""
    if not row.whole:
        raise Conflict("存档与出具时的内容核对不上，不能打印。请联系出具单位和街道管理员。")
    return {
        "said": row.content,
        "address": full_address(row),
        "check": check_word(row.digest),
        "number": document_number or row.content.document_masked,
        "void": "" if row.state is State.VALID else STATE_NAMES[row.state],
    }


def pdf(rows: list[dict[str, object]], title: str) -> bytes:
    return render_pdf(render_template("certificates/pdf.html", papers=rows, title=title))


def _file(row: CertificateRow, document_number: str = "") -> Response:
    data = pdf([sheet(row, document_number)], f"志愿服务记录证明 {row.number}")
    return attachment(data, "application/pdf", f"certificate-{row.number}.pdf")


@bp.get("/certificates/<int:certificate_id>.pdf")
@signed_in
def file(certificate_id: int) -> Response:
    row = seen(certificate_id)
    note_look(row.now_id)
    return _file(row)


@bp.post("/certificates/<int:certificate_id>/document")
@signed_in
def with_document(certificate_id: int) -> Response:
    """The holder's own copy with the whole number: typed again, compared with what was kept of it, printed, and forgotten."""
    row = seen(certificate_id)
    if row.now_id != current_actor().person_id or not row.content.document_kind:
        raise NotFound
    before = queries.request(row.request_id)
    number = tidy_document(request.form.get("document_number", "")[:40])
    kind = DocumentKind(row.content.document_kind)
    said = [keyed(forms.document_words(one, kind, number)) for one in record_ids(row.now_id)]
    try:
        try_id = count_try(f"certificate {row.id}")
    except TooMany as error:
        return page(row, {"document_number": error.message}, error.status)
    if before is None or not any(hmac.compare_digest(one, before.document_hash) for one in said):
        return page(row, {"document_number": "和申请时填的号码不一样，请再看一看"})
    forget_try(try_id)
    return _file(row, number)


@bp.post("/certificates/<int:certificate_id>/revocation")
@requires(Action.CERTIFICATE_ISSUE)
@recently
def revoke(certificate_id: int) -> Response:
    """One asks with a reason; another decides."""
    row, actor, now = _managed(certificate_id), current_actor(), clock.now()
    try:
        reason = forms.parse_reason(request.form)
    except Invalid as error:
        return page(row, error.fields)
    in_transaction(lambda: service.ask_revocation(row.id, actor.person_id, reason, paper_url, now))
    flash("提出了，要另一位确认才撤销。", "yes")
    return redirect(paper_url(row.id), 303)


def _managed(certificate_id: int) -> CertificateRow:
    row = queries.certificate(certificate_id)
    if row is None or not issues(current_actor(), row.unit_id):
        raise NotFound
    return row


def _revocation(revocation_id: int) -> RevocationRow:
    row = queries.revocation(revocation_id)
    if row is None or not issues(current_actor(), row.unit_id):
        raise NotFound
    return row


@bp.post("/certificates/revocations/<int:revocation_id>/confirmation")
@requires(Action.CERTIFICATE_ISSUE)
@recently
def confirm_revocation(revocation_id: int) -> Response:
    row, actor, now = _revocation(revocation_id), current_actor(), clock.now()
    in_transaction(lambda: service.decide_revocation(row.id, actor.person_id, Verdict.CONFIRMED, "", paper_url, now))
    flash("撤销了，查验页从现在起写着已撤销。", "yes")
    return redirect(paper_url(row.certificate_id), 303)


@bp.post("/certificates/revocations/<int:revocation_id>/refusal")
@requires(Action.CERTIFICATE_ISSUE)
def refuse_revocation(revocation_id: int) -> Response:
    row, actor, now = _revocation(revocation_id), current_actor(), clock.now()
    try:
        answer = forms.parse_reason(request.form, label="说明")
    except Invalid as error:
        return page(_managed(row.certificate_id), error.fields)
    in_transaction(lambda: service.decide_revocation(row.id, actor.person_id, Verdict.REFUSED, answer, paper_url, now))
    flash("没有撤销，证明照样有效。", "yes")
    return redirect(paper_url(row.certificate_id), 303)


@bp.post("/certificates/<int:certificate_id>/replacement")
@signed_in
def reissue(certificate_id: int) -> Response:
    """换发, asked by the holder or by the unit: it is accepted and issued like any other, and takes a new number."""
    row, actor, now = seen(certificate_id), current_actor(), clock.now()
    if row.now_id != actor.person_id and not issues(actor, row.unit_id):
        raise NotFound
    try:
        reason = forms.parse_reissue(request.form)
        made = in_transaction(lambda: service.reissue(row.id, actor.person_id, reason, request_url, now))
    except Invalid as error:
        return page(row, error.fields)
    flash("换发申请交上去了。新的出具以前，这份照样有效。", "yes")
    return redirect(request_url(made), 303)
