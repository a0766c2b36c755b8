"""我的资料: what everybody may ask about what is theirs."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import helping, login
from app.accounts import queries as accounts
from app.accounts.rules import ONE_HAND
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, DomainError, Invalid, TooMany
from app.people import queries as people
from app.rights import forms, service
from app.rights.export import bundle
from app.rights.queries import requests
from app.rights.queries.obstacles import obstacles
from app.rights.queries.own_data import everything
from app.rights.rules import ANSWER_DAYS, ERASED_WORDS, HOW_NAMES, LAW, STAYS, VERDICT_NAMES, How, Kind, due_on
from app.rights.views import bp
from app.rights.views.common import GENDERS, known, wanted
from app.settings import queries as settings
from app.webkit.files import attachment
from app.webkit.forms import Form, kept
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render

WRONG = "密码不对，请再输一次"
FRESH = "您的账号是用当面给的码刚打开的。为防别人替您领走，满一天以后才能下载。"


@bp.get("/me/data")
@signed_in
def data() -> Response:
    return _page({})


def _page(faults: dict[str, str], status: int | None = None) -> Response:
    actor, today = current_actor(), clock.today()
    rows = requests.of_person(actor.person_id)
    return render(
        "rights/data.html",
        status=status or (422 if faults else 200),
        rows=rows,
        wanted=wanted(rows),
        how_names=HOW_NAMES,
        verdict_names=VERDICT_NAMES,
        age=people.minor(actor.person_id, today),
        days=ANSWER_DAYS,
        law=LAW,
        kept=kept(request.form),
        faults=faults,
    )


@bp.post("/me/data/export")
@signed_in
def export() -> Response:
    """Made now, for whoever gives the password of this account, and kept nowhere. That it was taken is in the audit."""
    actor, now = current_actor(), clock.now()
    faults: dict[str, str] = {}
    if fault := forms.guardian_phone(request.form, people.minor(actor.person_id, clock.today())):
        faults["guardian_phone"] = fault
    try:
        if not _proves():
            faults["password"] = WRONG
    except TooMany as fault_:
        return _throttled(_page({"password": fault_.message}, fault_.status), fault_)
    if not faults and helping.opened_by_code(actor.person_id, now, ONE_HAND):
        faults["password"] = FRESH
    if faults:
        return _page(faults)
    told = everything(service.records_of(actor.person_id))
    made = bundle(actor.person_id, told, now)
    in_transaction(lambda: audit.record(actor.person_id, "person.export", "person", actor.person_id))
    response = attachment(made, "application/zip", f"shulin-my-data-{clock.local(now):%Y%m%d-%H%M}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


def _proves() -> bool:
    account = accounts.account_of(current_actor().person_id)
    return account is not None and login.proves(account, request.form.get("password", "").strip()[:200])


def _throttled(response: Response, fault: TooMany) -> Response:
    response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _waiting(person_id: int, kind: Kind) -> requests.RequestRow | None:
    """One's request of this kind that nobody decided yet: a second one is not taken."""
    return next((row for row in requests.of_person(person_id) if row.open and row.kind is kind), None)


@bp.route("/me/data/correction", methods=["GET", "POST"])
@signed_in
def correction() -> Response:
    """What is wrong, written as it should be; somebody else decides."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    stands, faults = known(actor.person_id, today), {}
    if request.method == "POST":
        try:
            changed, said = forms.correction(request.form, stands, today)
            asking = service.Asking(actor.person_id, Kind.CORRECTION, How.OWN, said, changed)
            in_transaction(lambda: service.ask(asking, actor.person_id, now))
            flash(f"已提出。{ANSWER_DAYS} 个工作日内有答复，办好了给您发消息。", "yes")
            return redirect(url_for("rights.data"), 303)
        except Invalid as error:
            faults = error.fields
        except DomainError as error:
            faults = {"name": error.message}
    return render(
        "rights/correction.html",
        status=422 if faults else 200,
        waits=_waiting(actor.person_id, Kind.CORRECTION),
        stands=stands,
        genders=GENDERS,
        age=people.minor(actor.person_id, today),
        due=due_on(today, settings.holidays()),
        kept=kept(request.form),
        faults=faults,
    )


@bp.route("/me/data/erasure", methods=["GET", "POST"])
@signed_in
def erasure() -> Response:
    """What goes, what stays and why, what has to be settled first; then the password."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            said = _erasure_form()
            asking = service.Asking(actor.person_id, Kind.ERASURE, How.OWN, said)
            in_transaction(lambda: service.ask(asking, actor.person_id, now))
            flash(f"已提出。{ANSWER_DAYS} 个工作日内由另一位办理，办理以前可以撤回。", "yes")
            return redirect(url_for("rights.data"), 303)
        except Invalid as error:
            faults = error.fields
        except TooMany as fault:
            faults = {"password": fault.message}
        except DomainError as error:
            faults = {"seen": error.message}
    return render(
        "rights/erasure.html",
        status=422 if faults else 200,
        waits=_waiting(actor.person_id, Kind.ERASURE),
        gone=ERASED_WORDS,
        stays=STAYS,
        law=LAW,
        obstacles=obstacles(actor.person_id, now),
        age=people.minor(actor.person_id, today),
        due=due_on(today, settings.holidays()),
        kept=kept(request.form),
        faults=faults,
    )


def _erasure_form() -> str:
    form = Form(request.form)
    said = forms.words(form, "words", "说明")
    if form.raw("seen") != "yes":
        form.fault("seen", "请先看完上面哪些会删、哪些会留，再打钩")
    if not form.faults and not _proves():
        form.fault("password", WRONG)
    form.done()
    return said


@bp.post("/me/data/requests/<int:rights_id>/withdrawal")
@signed_in
def withdraw(rights_id: int) -> Response:
    actor, now = current_actor(), clock.now()
    try:
        in_transaction(lambda: service.withdraw(rights_id, actor.person_id, now))
        flash("已撤回，什么都没有变。", "yes")
    except Conflict as fault:
        flash(fault.message, "warn")
    return redirect(url_for("rights.data"), 303)
