"""A unit's certificates for several members at once."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.audit import service as audit
from app.certificates import forms, queries, service
from app.certificates.queries import BatchRow
from app.certificates.rules import AT_ONCE, STATE_NAMES, STEP_NAMES, Step, pdf_seconds
from app.certificates.views.common import batch_url, bp, issues, note_looks, paper_url, publicity_url, reads
from app.certificates.views.paper import pdf, sheet
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.people.rules import UnitKind
from app.webkit.files import attachment
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

FEW = 20  # units that stand on a page as they are; of more, the communities


@bp.get("/certificates/batches")
@requires(Action.CERTIFICATE_ISSUE)
def choose_unit() -> Response:
    """For which unit; where there is but one, straight to it."""
    actor, today = current_actor(), clock.today()
    units = people.units_below(actor.roots(Action.CERTIFICATE_ISSUE), today)
    if len(units) > FEW:
        units = [unit for unit in units if unit.kind in (UnitKind.SUBDISTRICT, UnitKind.COMMUNITY)]
    if len(units) == 1:
        return redirect(url_for("certificates.new_batch", unit_id=units[0].id))
    return render("certificates/units.html", units=units)


@bp.get("/certificates/units/<int:unit_id>/new")
@requires(Action.CERTIFICATE_ISSUE)
def new_batch(unit_id: int) -> Response:
    return _form(_unit(unit_id), {})


def _unit(unit_id: int) -> people.UnitRow:
    unit = people.unit(unit_id)
    if unit is None or not issues(current_actor(), unit_id):
        raise NotFound
    return unit


def _form(unit: people.UnitRow, faults: dict[str, str]) -> Response:
    """Members with hours in the period, to tick; the period is chosen first."""
    today = clock.today()
    since, until = forms.parse_period(request.form if faults else request.args, today)
    rows = queries.members_with_hours(unit.id, since, until, today)
    me, seen = current_actor().person_id, sorted(row.person_id for row in rows)
    in_transaction(lambda: audit.record(me, "branch.view", "unit", unit.id, members=len(seen), people=seen))
    return render(
        "certificates/batch_new.html",
        status=422 if faults else 200,
        unit=unit,
        rows=[row for row in rows if row.person_id != me],
        since=since.isoformat(),
        until=until.isoformat(),
        ticked={int(raw) for raw in request.form.getlist("person") if raw.isascii() and raw.isdigit()},
        contact=queries.last_contact(unit.id),
        at_once=AT_ONCE,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/certificates/units/<int:unit_id>/batches")
@requires(Action.CERTIFICATE_ISSUE)
@recently
def make_batch(unit_id: int) -> Response:
    unit, actor, now, today = _unit(unit_id), current_actor(), clock.now(), clock.today()
    try:
        asked = forms.parse_batch(request.form, unit.id, today)
        theirs = {row.person_id for row in queries.members_with_hours(unit.id, asked.asking.since, asked.asking.until, today)}
        chosen = [person_id for person_id in asked.person_ids if person_id in theirs]
        said = asked.accepting
        batch_id, many = in_transaction(
            lambda: service.accept_batch(asked.asking, chosen, said.contact, said.notes, actor.person_id, batch_url, now)
        )
    except Invalid as error:
        return _form(unit, error.fields)
    left = len(asked.person_ids) - many
    flash(
        f"受理了 {many} 份，由另一位来出具。" + (f"{left} 位没有算进来：没有时长，或已有一份在办。" if left else ""),
        "warn" if left else "yes",
    )
    return redirect(batch_url(batch_id), 303)


def _batch(batch_id: int) -> BatchRow:
    row = queries.batch(batch_id)
    if row is None or not reads(current_actor(), row.unit_id):
        raise NotFound
    return row


@bp.get("/certificates/batches/<int:batch_id>")
@requires(Action.CERTIFICATE_READ)
def batch_page(batch_id: int) -> Response:
    batch, actor = _batch(batch_id), current_actor()
    rows = queries.requests_of_batch(batch.id)
    note_looks([row.person_id for row in rows])
    ready = [row for row in rows if row.step is Step.ACCEPTED and row.person_id != actor.person_id]
    return render(
        "certificates/batch.html",
        batch=batch,
        rows=rows,
        hours={row.request_id: row for row in queries.issued_of_batch(batch.id)},
        ready=len(ready),
        decides=bool(ready) and issues(actor, batch.unit_id),
        own=batch.maker_id == actor.person_id,
        seconds=pdf_seconds(batch.issued),
        step_names=STEP_NAMES,
        state_names=STATE_NAMES,
    )


@bp.post("/certificates/batches/<int:batch_id>/certificates")
@requires(Action.CERTIFICATE_ISSUE)
@recently
def issue_batch(batch_id: int) -> Response:
    """All that wait, but one's own."""
    batch, actor, now = _batch(batch_id), current_actor(), clock.now()
    if not issues(actor, batch.unit_id):
        raise NotFound
    ready = [row.id for row in queries.requests_of_batch(batch.id) if row.step is Step.ACCEPTED and row.person_id != actor.person_id]
    made = in_transaction(lambda: service.issue(ready, actor.person_id, paper_url, publicity_url, now))
    flash(f"出具了 {len(made)} 份，可以一起打印盖章。" if made else "都出具过了，没有重复办。", "yes" if made else "info")
    return redirect(batch_url(batch.id), 303)


@bp.get("/certificates/batches/<int:batch_id>.pdf")
@requires(Action.CERTIFICATE_READ)
def batch_file(batch_id: int) -> Response:
    """All that were issued, a page each."""
    batch = _batch(batch_id)
    rows = [row for row in queries.issued_of_batch(batch.id) if row.whole]
    if not rows:
        raise NotFound("这一批还没有出具，出具以后再来打印。")
    note_looks([row.person_id for row in rows])
    return attachment(
        pdf([sheet(row) for row in rows], f"志愿服务记录证明 {len(rows)} 份"), "application/pdf", f"certificates-{batch.id}.pdf"
    )
