"""What a project publishes about itself: 服务人次 and progress."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid
from app.core.permissions import Action
from app.fund import forms, rules
from app.fund.blueprint import bp
from app.fund.queries.project_page import ProjectPage, activities_to_link
from app.fund.service import projects
from app.fund.views.shared import project_for
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


def _form(template: str, project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        f"fund/{template}.html",
        status=422 if faults else 200,
        project=project,
        kept=values,
        faults=faults,
        activities=activities_to_link(project.unit_id, clock.today()) if template == "service_form" else [],
        rules=rules,
    )


@bp.get("/fund/projects/<int:project_id>/services/new")
@requires(Action.FUND_MANAGE)
def new_service(project_id: int) -> Response:
    return _form("service_form", project_for(project_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/projects/<int:project_id>/services")
@requires(Action.FUND_MANAGE)
def add_service(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    known = [activity_id for activity_id, _ in activities_to_link(project.unit_id, clock.today())]
    try:
        served_on, people, what, activity_id = forms.service(request.form, known)
        in_transaction(lambda: projects.add_service(project_id, served_on, people, what, activity_id, by_id, now))
    except Invalid as error:
        return _form("service_form", project, kept(request.form), error.fields)
    flash(f"已公开：{people} 人次。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.get("/fund/projects/<int:project_id>/progress/new")
@requires(Action.FUND_MANAGE)
def new_progress(project_id: int) -> Response:
    project = project_for(project_id, Action.FUND_MANAGE)
    old = next((entry for entry in project.progress if str(entry.id) == request.args.get("replaces")), None)
    values = {"replaces": str(old.id), "happened_on": old.happened_on.isoformat(), "body": old.body} if old else {}
    return _form("progress_form", project, values, {})


@bp.post("/fund/projects/<int:project_id>/progress")
@requires(Action.FUND_MANAGE)
def add_progress(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    replaces = next((entry.id for entry in project.progress if str(entry.id) == request.form.get("replaces")), None)
    try:
        happened_on, body = forms.progress(request.form)
        in_transaction(lambda: projects.add_progress(project_id, happened_on, body, by_id, now, replaces))
    except Invalid as error:
        return _form("progress_form", project, kept(request.form), error.fields)
    flash("进展已公开。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)
