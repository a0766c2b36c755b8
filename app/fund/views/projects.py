"""Drafting a project, sending it, and deciding about it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.fund import forms, rules
from app.fund.blueprint import bp
from app.fund.service import projects
from app.fund.views.shared import project_for
from app.people.queries import units_below
from app.people.rules import UnitKind
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

OWNERS = (UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, UnitKind.NEIGHBOURS, UnitKind.TEAM, UnitKind.SELF_GOVERNANCE)


def owners() -> list[tuple[int, str]]:
    units = units_below(current_actor().roots(Action.FUND_MANAGE), clock.today(), OWNERS)
    return [(unit.id, unit.name) for unit in units]


def form_page(project_id: int | None, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        "fund/project_form.html",
        status=422 if faults else 200,
        project_id=project_id,
        kept=values,
        faults=faults,
        units=owners(),
        rows=range(1, forms.LINES + 1),
        kinds=[(kind.value, words) for kind, words in rules.PROJECT_KIND_NAMES.items()],
        rules=rules,
    )


@bp.get("/fund/projects/new")
@requires(Action.FUND_MANAGE)
def new_project() -> Response:
    return form_page(None, {}, {})


@bp.post("/fund/projects")
@requires(Action.FUND_MANAGE)
def create_project() -> BaseResponse:
    by_id, now = current_actor().person_id, clock.now()
    try:
        wanted = forms.project(request.form, [unit_id for unit_id, _ in owners()])
        project_id = in_transaction(lambda: projects.draft(wanted, by_id, now))
    except Invalid as error:
        return form_page(None, kept(request.form), error.fields)
    flash("已存为草稿，只有基金的人看得到。核对后请送审。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.get("/fund/projects/<int:project_id>/revision")
@requires(Action.FUND_MANAGE)
def edit_project(project_id: int) -> Response:
    found = project_for(project_id, Action.FUND_MANAGE)
    if found.card.stage is not rules.Stage.DRAFT:
        raise Conflict("已经送审的项目不能再改，请先请核准的人退回。")
    values = {
        "kind": found.card.kind.value,
        "name": found.card.name,
        "summary": found.summary,
        "area": found.card.area,
        "beneficiaries": found.beneficiaries,
        "unit_id": str(found.unit_id),
        "starts_on": found.card.starts_on.isoformat(),
        "ends_on": found.card.ends_on.isoformat(),
    }
    for row, line in enumerate(found.lines, 1):
        values |= {f"line_{row}": line.name, f"fen_{row}": f"{line.fen // 100}.{line.fen % 100:02d}"}
    return form_page(project_id, values, {})


@bp.post("/fund/projects/<int:project_id>/revision")
@requires(Action.FUND_MANAGE)
def revise_project(project_id: int) -> BaseResponse:
    project_for(project_id, Action.FUND_MANAGE)
    by_id = current_actor().person_id
    try:
        wanted = forms.project(request.form, [unit_id for unit_id, _ in owners()])
        in_transaction(lambda: projects.redraft(project_id, wanted, by_id))
    except Invalid as error:
        return form_page(project_id, kept(request.form), error.fields)
    flash("草稿已改好。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.post("/fund/projects/<int:project_id>/sending")
@requires(Action.FUND_MANAGE)
def send_project(project_id: int) -> BaseResponse:
    return _do(project_id, Action.FUND_MANAGE, projects.send, "已送审，等基金审批人立项。")


@bp.post("/fund/projects/<int:project_id>/approval")
@requires(Action.FUND_APPROVE)
@recently
def approve_project(project_id: int) -> BaseResponse:
    return _do(project_id, Action.FUND_APPROVE, projects.approve, "已立项，项目页从现在起公开。")


def _do(project_id: int, action: Action, work: Callable[[int, int, datetime], None], done: str) -> BaseResponse:
    project_for(project_id, action)
    by_id, now = current_actor().person_id, clock.now()
    in_transaction(lambda: work(project_id, by_id, now))
    flash(done, "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.post("/fund/projects/<int:project_id>/return")
@requires(Action.FUND_APPROVE)
def return_project(project_id: int) -> BaseResponse:
    return _with_note(
        project_id, lambda note, by_id: projects.hand_back(project_id, note, by_id, clock.now()), "已退回，经办人会看到原因。"
    )


@bp.post("/fund/projects/<int:project_id>/closing")
@requires(Action.FUND_APPROVE)
@recently
def close_project(project_id: int) -> BaseResponse:
    return _with_note(project_id, lambda note, by_id: projects.close(project_id, note, by_id, clock.now()), "已结项，说明已公开。")


def _with_note(project_id: int, work: Callable[[str, int], None], done: str) -> BaseResponse:
    project_for(project_id, Action.FUND_APPROVE)
    by_id = current_actor().person_id
    try:
        note = forms.reason(request.form, label="说明")
        in_transaction(lambda: work(note, by_id))
    except (Invalid, Conflict) as error:
        flash("；".join(error.fields.values()) if isinstance(error, Invalid) else error.message, "warn")
    else:
        flash(done, "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)
