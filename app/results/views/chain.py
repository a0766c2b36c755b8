"""钱 → 项目 → 活动 → 小时 → 人, each step drilling down: sums for everybody, lists for the fund's people."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund.queries.project_page import ProjectPage, activities_to_link
from app.fund.views.shared import project_for
from app.people.naming import mask_name
from app.results import forms, rules
from app.results.blueprint import bp
from app.results.queries import chain as behind
from app.results.service import links
from app.results.views.shared import seen
from app.webkit.forms import kept
from app.webkit.guards import current_actor, public, requires
from app.webkit.htmx import render


@bp.get("/fund/projects/<int:project_id>/chain")
@public
def chain(project_id: int) -> Response:
    return _page(project_id, {}, {})


def _page(project_id: int, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    reader, found = seen(project_id), behind.chain(project_id)
    spent = reader.project.card.figures.spent
    return render(
        "results/chain.html",
        status=422 if faults else 200,
        project=reader.project,
        card=reader.project.card,
        chain=found,
        per_person=rules.per_person_time(spent, found.people),
        per_hour=rules.per_hour(spent, found.minutes),
        staff=reader.staff,
        officer=reader.officer,
        ended=behind.ended_links(project_id) if reader.staff else [],
        kept=values,
        faults=faults,
    )


@bp.get("/fund/projects/<int:project_id>/chain/<int:activity_id>")
@requires(Action.FUND_READ)
def people(project_id: int, activity_id: int) -> Response:
    """Who served there: by full name for who may read these people anyway, else masked."""
    project = project_for(project_id, Action.FUND_READ)
    found = next((one for one in behind.chain(project_id).activities if one.id == activity_id), None)
    if found is None:
        raise NotFound
    served = behind.people_of(activity_id)
    named = behind.readable({line.person_id for line in served}, current_actor().roots(Action.PERSON_READ), clock.today())
    lines = [(line.name if line.person_id in named else mask_name(line.name), line.credit, line.honour) for line in served]
    return render("results/people.html", project=project, activity=found, lines=lines, named=len(named), rows=len(lines))


def _choices(project: ProjectPage) -> list[tuple[int, str]]:
    linked = {one.id for one in behind.chain(project.card.id).activities if one.link_id}
    return [(activity_id, title) for activity_id, title in activities_to_link(project.unit_id, clock.today()) if activity_id not in linked]


def _form(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return render(
        "results/link_form.html",
        status=422 if faults else 200,
        project=project,
        activities=_choices(project),
        kept=values,
        faults=faults,
    )


@bp.get("/fund/projects/<int:project_id>/activities/new")
@requires(Action.FUND_MANAGE)
def new_link(project_id: int) -> Response:
    return _form(project_for(project_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/projects/<int:project_id>/activities")
@requires(Action.FUND_MANAGE)
def link(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        activity_id = forms.activity(request.form, [activity_id for activity_id, _ in _choices(project)])
        in_transaction(lambda: links.link(project_id, activity_id, by_id, now))
    except Invalid as error:
        return _form(project, kept(request.form), error.fields)
    except Conflict as error:
        return _form(project, kept(request.form), {"activity_id": error.message})
    flash("已关联，这场活动的小时和人数算进这个项目。", "yes")
    return redirect(url_for("results.chain", project_id=project_id), 303)


@bp.post("/fund/links/<int:link_id>/removal")
@requires(Action.FUND_MANAGE)
def unlink(link_id: int) -> BaseResponse:
    project_id, by_id, now = behind.project_of_link(link_id), current_actor().person_id, clock.now()
    if project_id is None:
        raise NotFound
    project_for(project_id, Action.FUND_MANAGE)
    try:
        reason = forms.note(request.form)
        in_transaction(lambda: links.unlink(link_id, reason, by_id, now))
    except Invalid as error:
        return _page(project_id, {**kept(request.form), "link": str(link_id)}, error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash("已取消关联，原因记下了。", "yes")
    return redirect(url_for("results.chain", project_id=project_id), 303)
