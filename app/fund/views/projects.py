"""Drafting a project: by its unit's people on a phone, or by the fund's."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Action
from app.fund import forms_project as forms
from app.fund import rules
from app.fund.blueprint import bp
from app.fund.queries import applicants, office, stages
from app.fund.queries.project_page import ProjectPage
from app.fund.rules import ProjectDraft
from app.fund.service import projects
from app.fund.views.shared import project_for
from app.people.queries import units_below
from app.people.rules import UnitKind
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

OWNERS = (UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, UnitKind.NEIGHBOURS, UnitKind.TEAM, UnitKind.SELF_GOVERNANCE)


def owners() -> list[tuple[int, str]]:
    """Units that may have a project: one's own, whatever it is, and those below it of the usual kinds."""
    roots = current_actor().roots(Action.PROJECT_PROPOSE)
    return [(unit.id, unit.name) for unit in units_below(roots, clock.today()) if unit.kind in OWNERS or unit.id in roots]


def _choices(units: list[tuple[int, str]], calls: list[stages.CallRow]) -> forms.Choices:
    return forms.Choices(
        [unit_id for unit_id, _ in units],
        {call.id: call.kind for call in calls},
        [purpose_id for purpose_id, _ in office.open_purposes()],
        sources=current_actor().may(Action.FUND_MANAGE),
    )


def form_page(project_id: int | None, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    manages = current_actor().may(Action.FUND_MANAGE)
    return render(
        "fund/project_form.html",
        status=422 if faults else 200,
        project_id=project_id,
        kept=values,
        faults=faults,
        units=owners(),
        calls=stages.open_calls(clock.today()),
        purposes=office.open_purposes() if manages else [],
        manages=manages,
        rows=range(1, forms.LINES + 1),
        kinds=[(kind.value, words) for kind, words in rules.PROJECT_KIND_NAMES.items()],
        rules=rules,
    )


def _applicant(wanted: ProjectDraft, known: int | None) -> int | None:
    """For whom the fund's people key it in; nobody else changes that."""
    actor = current_actor()
    if not actor.may(Action.FUND_MANAGE):
        return known
    name = forms.applicant(request.form)
    if not name:
        return None
    found = [person for person in applicants.proposers(wanted.unit_id, name, clock.today()) if person != actor.person_id]
    if len(found) != 1:
        raise Invalid({"applicant": "这个组织有两位同名的，请他本人来报" if found else "这个组织里没有这位能报项目的人，请核对姓名"})
    return found[0]


@bp.get("/fund/projects/new")
@requires(Action.PROJECT_PROPOSE)
def new_project() -> Response:
    call = next((call for call in stages.open_calls(clock.today()) if str(call.id) == request.args.get("call")), None)
    return form_page(None, {"call_id": str(call.id), "kind": call.kind.value} if call else {}, {})


@bp.post("/fund/projects")
@requires(Action.PROJECT_PROPOSE)
def create_project() -> BaseResponse:
    by_id, now = current_actor().person_id, clock.now()
    try:
        wanted, call_id = forms.project(request.form, _choices(owners(), stages.open_calls(clock.today())))
        applicant_id = _applicant(wanted, None)
        project_id = in_transaction(lambda: projects.draft(wanted, by_id, now, call_id, applicant_id))
    except Invalid as error:
        return form_page(None, kept(request.form), error.fields)
    flash("已存为草稿，只有本单位和基金的人看得到。核对后请送出。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.get("/fund/projects/<int:project_id>/revision")
@requires(Action.PROJECT_PROPOSE)
def edit_project(project_id: int) -> Response:
    found = _draft(project_id)
    values = {
        "kind": found.card.kind.value,
        "name": found.card.name,
        "summary": found.summary,
        "area": found.card.area,
        "beneficiaries": found.beneficiaries,
        "unit_id": str(found.unit_id),
        "starts_on": found.card.starts_on.isoformat(),
        "ends_on": found.card.ends_on.isoformat(),
        **stages.typed(project_id),
        "applicant": applicants.applicant_of(project_id)[1],
    }
    for row, line in enumerate(found.lines, 1):
        values |= {f"line_{row}": line.name, f"fen_{row}": f"{line.fen // 100}.{line.fen % 100:02d}"}
    return form_page(project_id, values, {})


def _draft(project_id: int) -> ProjectPage:
    """A draft that this actor may change: of their own unit, or any for the fund's people."""
    found = project_for(project_id, Action.PROJECT_PROPOSE)
    if found.card.stage is not rules.Stage.DRAFT:
        raise Conflict("已经送审的项目不能再改，请先请初审的人退回。")
    return found


@bp.post("/fund/projects/<int:project_id>/revision")
@requires(Action.PROJECT_PROPOSE)
def revise_project(project_id: int) -> BaseResponse:
    _draft(project_id)
    actor, now = current_actor(), clock.now()
    try:
        wanted, call_id = forms.project(request.form, _choices(owners(), stages.open_calls(clock.today())))
        if not actor.may(Action.FUND_MANAGE):
            source, source_name, purpose_id = stages.money_of(project_id)  # whose money it is the fund's people say, not this form
            wanted = replace(wanted, source=source, source_name=source_name, purpose_id=purpose_id)
        applicant_id = _applicant(wanted, applicants.applicant_of(project_id)[0])
        in_transaction(lambda: projects.redraft(project_id, wanted, actor.person_id, now, call_id, applicant_id))
    except Invalid as error:
        return form_page(project_id, kept(request.form), error.fields)
    flash("草稿已改好。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.get("/fund/applications")
@requires(Action.PROJECT_PROPOSE)
def applications() -> Response:
    """What one's own units have drafted, sent and got."""
    roots, today = current_actor().roots(Action.PROJECT_PROPOSE), clock.today()
    return render("fund/applications.html", rows=stages.applications(roots, today), calls=stages.open_calls(today), rules=rules)
