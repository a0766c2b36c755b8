"""发展阶段: a new dated stage, and, as a separate act, a wrong date or a step that never was."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.people import forms, queries, service
from app.people.rules import STAGE_NAMES, STAGE_ORDER
from app.people.views.access import editable, opened
from app.people.views.common import bp
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/people/<int:person_id>/stages")
@requires(Action.PERSON_EDIT)
def stages(person_id: int) -> Response:
    opened(person_id)
    return _page(person_id, {})


@bp.post("/people/<int:person_id>/stages")
@requires(Action.PERSON_EDIT)
def create_stage(person_id: int) -> Response:
    """What is unusual (a step skipped, back, or too soon) is asked about once before it is recorded."""
    editable(person_id)
    actor, today = current_actor(), clock.today()
    try:
        new = forms.stage(request.form)
        in_transaction(lambda: service.advance(person_id, new.kind, new.began_on, actor.person_id, today, sure=new.sure))
    except Invalid as fault:
        return _page(person_id, fault.fields)
    except Conflict as fault:
        return _page(person_id, {"kind": fault.message})
    flash(f"已记下：{STAGE_NAMES[new.kind]}。", "yes")
    return redirect(url_for("people.stages", person_id=person_id), 303)


@bp.get("/people/<int:person_id>/stages/<int:stage_id>/correction")
@requires(Action.PERSON_EDIT)
def correction(person_id: int, stage_id: int) -> Response:
    opened(person_id)
    return _correction_page(person_id, stage_id, {})


@bp.post("/people/<int:person_id>/stages/<int:stage_id>/correction")
@requires(Action.PERSON_EDIT)
def correct_stage(person_id: int, stage_id: int) -> Response:
    editable(person_id)
    actor, today = current_actor(), clock.today()
    try:
        given = forms.correction(request.form)
        in_transaction(lambda: service.correct_stage(person_id, stage_id, given.began_on, given.reason, actor.person_id, today))
    except Invalid as fault:
        return _correction_page(person_id, stage_id, fault.fields)
    flash("日期已改，双50的期限跟着变了。", "yes")
    return redirect(url_for("people.stages", person_id=person_id), 303)


@bp.post("/people/<int:person_id>/stages/<int:stage_id>/withdrawal")
@requires(Action.PERSON_EDIT)
def take_stage_back(person_id: int, stage_id: int) -> Response:
    editable(person_id)
    actor = current_actor()
    try:
        said = forms.reason(request.form)
        in_transaction(lambda: service.take_stage_back(person_id, stage_id, said, actor.person_id))
    except Invalid as fault:
        return _correction_page(person_id, stage_id, fault.fields)
    flash("这一步已撤下，回到前一个阶段。", "yes")
    return redirect(url_for("people.stages", person_id=person_id), 303)


def _page(person_id: int, faults: dict[str, str]) -> Response:
    known = queries.stage_history(person_id)
    at = STAGE_ORDER[known[-1].kind] if known else -1
    following = next((kind for kind in STAGE_ORDER if STAGE_ORDER[kind] == at + 1), None)
    return render(
        "people/stages.html",
        status=422 if faults else 200,
        person=queries.person(person_id, clock.today()),
        stages=known,
        names=STAGE_NAMES,
        following=following,
        own=person_id == current_actor().person_id,
        kept=kept(request.form),
        faults=faults,
    )


def _correction_page(person_id: int, stage_id: int, faults: dict[str, str]) -> Response:
    known = queries.stage_history(person_id)
    stage = next((one for one in known if one.id == stage_id), None)
    if stage is None or person_id == current_actor().person_id:
        raise NotFound
    return render(
        "people/correction.html",
        status=422 if faults else 200,
        person=queries.person(person_id, clock.today()),
        stage=stage,
        last=known[-1].id == stage_id,
        names=STAGE_NAMES,
        kept=kept(request.form),
        faults=faults,
    )
