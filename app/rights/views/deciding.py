"""Requests about somebody's data, for those who decide: what is asked, until when, what stands in the way."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.confirming import recently
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import DomainError, Invalid, NotFound
from app.core.permissions import Action
from app.people.queries import who_now
from app.rights import forms, service
from app.rights.queries import requests
from app.rights.queries.obstacles import obstacles
from app.rights.queries.requests import RequestRow
from app.rights.rules import ERASED_WORDS, HOW_NAMES, LAW, STAYS, VERDICT_NAMES, Kind
from app.rights.views import bp
from app.rights.views.common import after_erasing, changes, known
from app.webkit.forms import Form, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.worklist.service import notify


@bp.get("/rights")
@requires(Action.RIGHTS_READ)
def index() -> Response:
    actor, today = current_actor(), clock.today()
    roots = actor.roots(Action.RIGHTS_READ)
    done = request.args.get("show") == "done"
    rows = requests.decided(roots, today) if done else requests.waiting(roots, today)
    return render("rights/index.html", rows=rows, done=done, law=LAW, how_names=HOW_NAMES, verdict_names=VERDICT_NAMES)


def _readable(rights_id: int, action: Action) -> RequestRow:
    row = requests.request_in(rights_id, current_actor().roots(action), clock.today())
    if row is None:
        raise NotFound
    return row


@bp.get("/rights/<int:rights_id>")
@requires(Action.RIGHTS_READ)
def show(rights_id: int) -> Response:
    row, actor = _readable(rights_id, Action.RIGHTS_READ), current_actor()
    if row.person_id != actor.person_id:
        in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", row.person_id))
    return _page(row, {})


def _page(row: RequestRow, faults: dict[str, str]) -> Response:
    actor, now, today = current_actor(), clock.now(), clock.today()
    asker = who_now(row.asked_by_id)
    stands = known(row.person_id, today) if row.open else None
    return render(
        "rights/request.html",
        status=422 if faults else 200,
        row=row,
        erasing=row.kind is Kind.ERASURE,
        changes=changes(row.wanted, stands),
        obstacles=obstacles(row.person_id, now) if row.open and row.kind is Kind.ERASURE else [],
        own=row.person_id == actor.person_id,
        wrote=asker == actor.person_id,
        decides=row.open and actor.may(Action.RIGHTS_DECIDE) and actor.person_id not in (row.person_id, asker),
        gone=ERASED_WORDS,
        stays=STAYS,
        law=LAW,
        how_names=HOW_NAMES,
        verdict_names=VERDICT_NAMES,
        today_=today,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/rights/<int:rights_id>/approval")
@requires(Action.RIGHTS_DECIDE)
@recently
def approve(rights_id: int) -> Response:
    row, actor, now = _readable(rights_id, Action.RIGHTS_DECIDE), current_actor(), clock.now()

    def work() -> list[str]:
        photos = service.approve(row.id, actor.person_id, now)
        if row.kind is Kind.CORRECTION:
            notify(row.person_id, "您请求更正的资料已经改好", url_for("rights.data"))
        return photos

    try:
        photos = in_transaction(work)
    except Invalid as error:
        return _page(row, {"approve": "；".join(error.fields.values())})
    except DomainError as error:
        return _page(row, {"approve": error.message})
    if row.kind is Kind.ERASURE:
        after_erasing(photos)
    flash("已注销，个人资料都删了。" if row.kind is Kind.ERASURE else "已更正，给本人发了消息。", "yes")
    return redirect(url_for("rights.show", rights_id=row.id), 303)


@bp.post("/rights/<int:rights_id>/refusal")
@requires(Action.RIGHTS_DECIDE)
@recently
def refuse(rights_id: int) -> Response:
    row, actor, now = _readable(rights_id, Action.RIGHTS_DECIDE), current_actor(), clock.now()
    form = Form(request.form)
    answer = forms.words(form, "answer", "不办的理由", required=True)

    def work() -> None:
        service.refuse(row.id, actor.person_id, answer, now)
        notify(row.person_id, f"您的请求“{row.kind_name}”没有办，理由写在里面", url_for("rights.data"))

    try:
        form.done()
        in_transaction(work)
    except Invalid as error:
        return _page(row, error.fields)
    except DomainError as error:
        return _page(row, {"answer": error.message})
    flash("没有办，理由本人看得到。", "yes")
    return redirect(url_for("rights.show", rights_id=row.id), 303)
