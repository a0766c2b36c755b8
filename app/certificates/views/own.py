"""我的证明: what one has, and asking for one."""

from datetime import timedelta

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.certificates import forms, queries, service
from app.certificates.queries import UnitChoice
from app.certificates.rules import DOCUMENT_NAMES, STATE_NAMES, STEP_NAMES, Step
from app.certificates.views.common import bp, keyed, request_url
from app.core import clock, limits
from app.core.db import in_transaction
from app.core.errors import Invalid, TooMany
from app.core.limits import Limit
from app.people import queries as people
from app.webkit.forms import kept
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render

REQUESTS = Limit("certificate-requests", 12, timedelta(days=1))  # each is read by two people


def choices(person_id: int) -> list[UnitChoice]:
    """Who may certify for a person: the home branch or community and those above it, else the subdistrict."""
    today = clock.today()
    root = people.root_unit()
    home = people.home_unit_on(person_id, today) or (root.id if root else None)
    return queries.issuers(home, today) if home else []


@bp.get("/me/certificates")
@signed_in
def mine() -> Response:
    person_id = current_actor().person_id
    waiting = [row for row in queries.requests_of(person_id) if row.step is not Step.ISSUED]
    return render(
        "certificates/mine.html",
        certificates=queries.certificates_of(person_id),
        requests=waiting,
        state_names=STATE_NAMES,
        step_names=STEP_NAMES,
    )


@bp.get("/me/certificates/new")
@signed_in
def new() -> Response:
    return _form(MultiDict(), {})


@bp.post("/me/certificates")
@signed_in
def apply() -> Response:
    """The document's number is masked and keyed here; it goes no further."""
    actor, now = current_actor(), clock.now()
    try:
        asking = forms.parse_asking(request.form, actor.person_id, choices(actor.person_id), keyed, clock.today())

        def work() -> int:
            if wait := limits.use(REQUESTS, str(actor.person_id), now):
                raise TooMany("今天申请了很多份，先等办理，明天再申请。急用请直接找出具单位。", wait)
            return service.apply(asking, actor.person_id, request_url, now)

        made = in_transaction(work)
    except Invalid as error:
        return _form(request.form, error.fields)
    except TooMany as error:
        return _form(request.form, {"since": error.message}, error.status)
    flash("申请交上去了，办好会通知您。", "yes")
    return redirect(request_url(made), 303)


def _form(values: "MultiDict[str, str]", faults: dict[str, str], status: int = 422) -> Response:
    """What was typed is kept, the document's number excepted."""
    person_id, today = current_actor().person_id, clock.today()
    typed = {name: value for name, value in kept(values).items() if name != "document_number"}
    first, offered = f"{today.year}-01-01", choices(person_id)
    documents = [("", "不写"), *((kind.value, name) for kind, name in DOCUMENT_NAMES.items())]
    return render(
        "certificates/new.html",
        status=status if faults else 200,
        units=[(choice.id, choice.name) for choice in offered],
        fitting=queries.fitting_issuer(person_id, offered, today),
        kept=typed,
        faults=faults,
        first=first,
        last=today.isoformat(),
        documents=documents,
    )


@bp.post("/certificates/requests/<int:request_id>/withdrawal")
@signed_in
def withdraw(request_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    in_transaction(lambda: service.withdraw(request_id, actor.person_id, now))
    flash("撤回了。要用的时候再申请。", "yes")
    return redirect(url_for("certificates.mine"), 303)
