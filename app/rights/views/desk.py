"""A request of somebody who stands there, or of a child's guardian. Who writes it down does not decide it."""

from dataclasses import replace
from datetime import date

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import helping
from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import DomainError, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.rights import forms, service
from app.rights.forms import Known
from app.rights.queries import requests
from app.rights.queries.obstacles import obstacles
from app.rights.rules import ANSWER_DAYS, ERASED_WORDS, HOW_NAMES, KIND_NAMES, STAYS, VERDICT_NAMES, Kind, due_on
from app.rights.views import bp
from app.rights.views.common import GENDERS, known
from app.rights.views.common import wanted as wanted_of
from app.settings import queries as settings
from app.webkit.forms import Form, kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def _in_reach(person_id: int) -> None:
    actor = current_actor()
    if helping.helpable(person_id, actor.roots(Action.PERSON_CONFIRM), clock.today()) is None:
        raise NotFound
    if person_id == actor.person_id:
        raise Refused("自己的请求在“我的 › 设置 › 我的资料”里提。")


@bp.get("/people/<int:person_id>/rights")
@requires(Action.PERSON_CONFIRM)
def of_person(person_id: int) -> Response:
    _in_reach(person_id)
    actor = current_actor()
    in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))
    return _page(person_id, {})


@bp.post("/people/<int:person_id>/rights")
@requires(Action.PERSON_CONFIRM)
def record(person_id: int) -> Response:
    _in_reach(person_id)
    actor, now, today = current_actor(), clock.now(), clock.today()
    try:
        told = forms.told(request.form, people.minor(person_id, today))
        wanted: dict[str, str | int | None] = {}
        if told.kind is Kind.CORRECTION:
            wanted, said = forms.correction(request.form, known(person_id, today), today)
        else:
            form = Form(request.form)
            said = forms.words(form, "words", "说明")
            form.done()
        asking = service.Asking(person_id, told.kind, told.how, said, wanted, told.guardian_name)
        in_transaction(lambda: service.ask(asking, actor.person_id, now))
    except Invalid as error:
        return _page(person_id, error.fields)
    except DomainError as error:
        return _page(person_id, {"kind": error.message})
    flash(f"已登记。{ANSWER_DAYS} 个工作日内由另一位办理。", "yes")
    return redirect(url_for("rights.of_person", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/rights/<int:rights_id>/withdrawal")
@requires(Action.PERSON_CONFIRM)
def take_back(person_id: int, rights_id: int) -> Response:
    """They changed their mind, and say so to who wrote it down."""
    _in_reach(person_id)
    actor, now = current_actor(), clock.now()
    if rights_id not in {row.id for row in requests.of_person(person_id)}:
        raise NotFound
    in_transaction(lambda: service.withdraw(rights_id, actor.person_id, now))
    flash("已撤回，什么都没有变。", "yes")
    return redirect(url_for("rights.of_person", person_id=person_id), 303)


def _shown(person_id: int, today: date) -> Known:
    """What stands now. Who confirms people but may not read their records writes down what is said, and is told no birth nor gender."""
    stands = known(person_id, today)
    reads = people.sight(person_id, current_actor().roots(Action.PERSON_READ), today) is people.Sight.HOME
    return stands if reads else replace(stands, gender=None, birth_date=None)


def _page(person_id: int, faults: dict[str, str]) -> Response:
    now, today = clock.now(), clock.today()
    rows = requests.of_person(person_id)
    return render(
        "rights/of_person.html",
        status=422 if faults else 200,
        person=people.person(person_id, today),
        age=people.minor(person_id, today),
        rows=rows,
        wanted=wanted_of(rows),
        stands=_shown(person_id, today),
        genders=GENDERS,
        kinds=KIND_NAMES,
        how_names=HOW_NAMES,
        verdict_names=VERDICT_NAMES,
        obstacles=obstacles(person_id, now),
        gone=ERASED_WORDS,
        stays=STAYS,
        due=due_on(today, settings.holidays()),
        kept=kept(request.form),
        faults=faults,
    )
