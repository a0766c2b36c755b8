"""A project's panel: asking reviewers, scoring, stepping aside, the result; and the ranking."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.fund import rules, stage_rules
from app.fund.queries import own_units
from app.fund.queries import page as project_page
from app.fund.queries.project_page import ProjectPage
from app.fund.rules import Stage
from app.fund.views.shared import for_the_whole
from app.fund.views.stages import project_of
from app.panels import forms, queries, service
from app.panels.queries import PanelRow
from app.panels.views import bp
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires, signed_in
from app.webkit.htmx import render
from app.webkit.telling import tell

FUND = (Action.FUND_MANAGE, Action.FUND_APPROVE)


def _seen(project_id: int) -> tuple[ProjectPage, PanelRow | None, bool]:
    """The project with its panel, for those who sit in it and for the fund's readers in scope (the third says so)."""
    found, actor, today = project_page(project_id), current_actor(), clock.today()
    if found is None or found.card.kind not in stage_rules.SCORED_KINDS or found.card.stage in (Stage.DRAFT, Stage.APPLIED):
        raise NotFound
    panel = queries.panel(project_id, actor.person_id)
    reads = is_below(found.unit_id, actor.roots(Action.FUND_READ), today)
    sits = panel is not None and panel.seat_of(actor.person_id) is not None
    if not reads and not sits:
        raise NotFound
    return found, panel, reads


def _page(project_id: int, values: Mapping[str, str], faults: Mapping[str, str], form: str = "") -> Response:
    project, panel, reads = _seen(project_id)
    actor, today = current_actor(), clock.today()
    names = is_below(project.unit_id, _hands(actor), today)
    return render(
        "panels/panel.html",
        status=422 if faults else 200,
        project=project,
        panel=panel,
        reads=reads,
        names=names and project.card.stage is Stage.CHECKED and not (panel and panel.opened),
        concludes=names and project.card.stage is Stage.CHECKED,
        seat=panel.seat_of(actor.person_id) if panel else None,
        own_unit=_own_unit(project, actor),
        known=queries.known_reviewers(_hands(actor), today) if names else [],
        rows=range(1, forms.ROWS + 1),
        criteria=list(stage_rules.CRITERION_NAMES.items()),
        kept=values,
        faults=faults,
        form=form,
        rules=rules,
        least=stage_rules.REVIEWERS,
    )


def _hands(actor: Actor) -> frozenset[int]:
    """Where this actor names reviewers and concludes."""
    return actor.roots(Action.FUND_MANAGE) | actor.roots(Action.FUND_APPROVE)


def _own_unit(project: ProjectPage, actor: Actor) -> bool:
    return project.unit_id in own_units(actor.person_id, clock.today())


@bp.get("/fund/projects/<int:project_id>/panel")
@signed_in
def panel(project_id: int) -> Response:
    return _page(project_id, {}, {})


@bp.post("/fund/projects/<int:project_id>/panel/seats")
@requires(Action.FUND_READ)
def name_reviewers(project_id: int) -> BaseResponse:
    """Ask reviewers for this project, or for every project of its call that is in review without a panel."""
    project_of(project_id, *FUND)
    actor, now, today = current_actor(), clock.now(), clock.today()
    by_id, roots = actor.person_id, _hands(actor)
    try:
        wanted = forms.named(request.form, [one.person_id for one in queries.known_reviewers(roots, today)])
        people = set(wanted.chosen)
        faults = {}
        for row, name, phone in wanted.called:
            person_id = queries.person_called(name, phone, today)
            if person_id is None:
                faults[f"name_{row}"] = "没找到这个人，请核对姓名和手机号"
            else:
                people.add(person_id)
        if faults:
            raise Invalid(faults)
        also = queries.without_panel(project_id, roots, today) if wanted.whole_call else []
        done = in_transaction(lambda: service.name_for_all([project_id, *also], people, by_id, now))
    except Invalid as error:
        return _page(project_id, kept(request.form), error.fields, "seats")
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
    else:
        flash(f"请好了，{done} 个项目，评审人在“待我处理”里看得到。", "yes")
    return redirect(url_for("panels.panel", project_id=project_id), 303)


@bp.post("/fund/projects/<int:project_id>/panel/scores")
@signed_in
def score(project_id: int) -> BaseResponse:
    def work(by_id: int, now: datetime) -> None:
        sheet = forms.sheet(request.form)
        in_transaction(lambda: service.score(project_id, by_id, sheet, now))

    return _own(project_id, work, "scores", "评分交了，谢谢您。别的评审人都交齐以前，谁也看不到。")


@bp.post("/fund/projects/<int:project_id>/panel/asides")
@signed_in
def step_aside(project_id: int) -> BaseResponse:
    def work(by_id: int, now: datetime) -> None:
        reason = forms.reason(request.form)
        in_transaction(lambda: service.step_aside(project_id, by_id, reason, now))

    return _own(project_id, work, "asides", "记下了，这个项目您不用评。")


def _own(project_id: int, work: Callable[[int, datetime], None], form: str, done: str) -> BaseResponse:
    """What a reviewer does with their own seat."""
    _seen(project_id)
    by_id, now = current_actor().person_id, clock.now()
    try:
        tell(lambda: work(by_id, now), done)
    except Invalid as error:
        return _page(project_id, kept(request.form), error.fields, form)
    return redirect(url_for("panels.panel", project_id=project_id), 303)


@bp.post("/fund/projects/<int:project_id>/panel/conclusion")
@requires(Action.FUND_READ)
@recently
def conclude(project_id: int) -> BaseResponse:
    project_of(project_id, *FUND)
    by_id, now = current_actor().person_id, clock.now()
    try:
        in_transaction(lambda: service.conclude(project_id, by_id, now))
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
        return redirect(url_for("panels.panel", project_id=project_id), 303)
    flash("评审完成。接着可以贴公示，或者不立项。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.get("/fund/calls/<int:call_id>/ranking")
@requires(Action.FUND_READ)
def ranking(call_id: int) -> Response:
    """The projects of a call by their results; those still in review without."""
    for_the_whole(Action.FUND_READ)
    found = queries.call(call_id)
    if found is None:
        raise NotFound
    return _ranking(found.title, call_id)


@bp.get("/fund/panels")
@requires(Action.FUND_READ)
def uncalled() -> Response:
    """The same of projects in review that answer no call."""
    return _ranking("不是应征集报的项目", None)


def _ranking(title: str, call_id: int | None) -> Response:
    roots = current_actor().roots(Action.FUND_READ)
    rows = queries.ranking(call_id, roots, clock.today())
    return render("panels/ranking.html", title=title, rows=rows, rules=rules, least=stage_rules.REVIEWERS)


@bp.get("/fund/reviews")
@signed_in
def reviews() -> Response:
    """What one was asked to review."""
    return render("panels/reviews.html", rows=queries.own_seats(current_actor().person_id), rules=rules)
