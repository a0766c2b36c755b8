"""Requests: asking, and the steps. One address a step; each is loaded through the scope that the step asks for."""

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund import forms, queries, rules, step_rules
from app.fund.blueprint import bp
from app.fund.queries import project_page, projects
from app.fund.queries import requests as asked
from app.fund.queries.requests import RequestPage
from app.fund.rules import RequestKind, Stage, Step
from app.fund.sections import shown_with_request
from app.fund.service import requests as asking
from app.fund.service import steps
from app.fund.views.shared import form_key, project_for, request_for
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

DONE = {
    Step.APPROVED: "已核准。",
    Step.SECONDED: "已由第二人核准。",
    Step.PAID: "已记为付款，公开页上的数字已更新。下一步由另一位核对。",
    Step.RECONCILED: "已核对，这一笔办完了。",
    Step.MISMATCH: "已记下对不上的原因，等经办人说明。",
    Step.ANSWERED: "已说明，等核对的人再看一次。",
    Step.RETURNED: "已退回，申请的人会看到原因。",
    Step.WITHDRAWN: "已撤回。",
}


@bp.get("/fund/requests/<int:request_id>")
@requires(Action.FUND_READ)
def show_request(request_id: int) -> Response:
    return _page(request_for(request_id, Action.FUND_READ), {}, {})


def _page(found: RequestPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    actor, today = current_actor(), clock.today()
    standing = queries.standing(found.row.id)

    def may(action: Action) -> bool:
        return is_below(found.unit_id, actor.roots(action), today)

    own_unit = may(Action.FUND_APPROVE) and found.unit_id in queries.own_units(actor.person_id, today)
    open_steps = step_rules.open_to(standing, actor.person_id, own_unit, may)
    others = asked.of_project(found.row.project_id) if found.row.project_id else []
    ahead = [step for step in step_rules.way(standing.kind, standing.needs_second) if step not in {taken.step for taken in standing.steps}]
    possible = step_rules.lawful(standing.kind, standing.needs_second, standing.state) - {Step.CORRECTED}
    return render(
        "fund/request.html",
        status=422 if faults else 200,
        asked=found,
        row=found.row,
        open=open_steps,
        ahead=ahead if possible else [],
        standing=standing,
        why_not=next((step_rules.step_fault(standing, step, actor.person_id, own_unit) for step in ahead[:1] if possible), None),
        may_correct=step_rules.may_correct(standing) and may(Action.FUND_MANAGE) and not found.corrected_by_id,
        others=others,
        sections=shown_with_request(found, actor),
        policy=queries.policy(today),
        kept=values,
        faults=faults,
        rules=rules,
        Step=Step,
    )


def _take(request_id: int, step: Step, action: Action, **given: Any) -> BaseResponse:
    """Take a step; what stands in its way is said on the same page."""
    found, by_id, now = request_for(request_id, action), current_actor().person_id, clock.now()
    try:
        in_transaction(lambda: steps.take(request_id, step, by_id, now, **given))
    except Invalid as error:
        return _page(found, kept(request.form), error.fields)
    except Conflict as error:
        flash(error.message, "warn")
    else:
        flash(DONE[step], "yes")
    return redirect(url_for("fund.show_request", request_id=request_id), 303)


def _with_note(request_id: int, step: Step, action: Action) -> BaseResponse:
    found = request_for(request_id, action)
    try:
        note = forms.reason(request.form)
    except Invalid as error:
        return _page(found, kept(request.form), error.fields)
    return _take(request_id, step, action, note=note)


@bp.post("/fund/requests/<int:request_id>/approval")
@requires(Action.FUND_APPROVE)
@recently
def approve(request_id: int) -> BaseResponse:
    standing = queries.standing(request_id)
    step = Step.SECONDED if standing.needs_second and standing.state is Step.APPROVED else Step.APPROVED
    return _take(request_id, step, Action.FUND_APPROVE)


@bp.post("/fund/requests/<int:request_id>/arrival")
@requires(Action.FUND_RECONCILE)
@recently
def confirm_arrival(request_id: int) -> BaseResponse:
    """A donation was found in the bank."""
    if queries.standing(request_id).kind is not RequestKind.DONATION:
        raise NotFound
    return _take(request_id, Step.APPROVED, Action.FUND_RECONCILE)


@bp.post("/fund/requests/<int:request_id>/return")
@requires(Action.FUND_READ)
def give_back(request_id: int) -> BaseResponse:
    standing = queries.standing(request_id)
    return _with_note(request_id, Step.RETURNED, step_rules.action_for(standing, Step.RETURNED))


@bp.post("/fund/requests/<int:request_id>/payment")
@requires(Action.FUND_PAY)
@recently
def pay(request_id: int) -> BaseResponse:
    found = request_for(request_id, Action.FUND_PAY)
    try:
        reference, day = forms.paid(request.form)
    except Invalid as error:
        return _page(found, kept(request.form), error.fields)
    return _take(request_id, Step.PAID, Action.FUND_PAY, reference=reference, happened_on=day)


@bp.post("/fund/requests/<int:request_id>/reconciliation")
@requires(Action.FUND_RECONCILE)
@recently
def reconcile(request_id: int) -> BaseResponse:
    return _take(request_id, Step.RECONCILED, Action.FUND_RECONCILE)


@bp.post("/fund/requests/<int:request_id>/mismatch")
@requires(Action.FUND_RECONCILE)
def mismatch(request_id: int) -> BaseResponse:
    return _with_note(request_id, Step.MISMATCH, Action.FUND_RECONCILE)


@bp.post("/fund/requests/<int:request_id>/answer")
@requires(Action.FUND_PAY)
def answer(request_id: int) -> BaseResponse:
    return _with_note(request_id, Step.ANSWERED, Action.FUND_PAY)


@bp.post("/fund/requests/<int:request_id>/withdrawal")
@requires(Action.FUND_MANAGE)
def withdraw(request_id: int) -> BaseResponse:
    return _take(request_id, Step.WITHDRAWN, Action.FUND_MANAGE)


def _ask_form(template: str, values: Mapping[str, str], faults: Mapping[str, str], **context: Any) -> Response:
    return render(
        f"fund/{template}.html",
        status=422 if faults else 200,
        kept=values,
        faults=faults,
        form_key=values.get("form_key") or form_key(),
        policy=queries.policy(clock.today()),
        rules=rules,
        **context,
    )


@bp.get("/fund/projects/<int:project_id>/payments/new")
@requires(Action.FUND_MANAGE)
def new_payment(project_id: int) -> Response:
    return _ask_form("payment_form", {}, {}, project=project_for(project_id, Action.FUND_MANAGE))


@bp.post("/fund/projects/<int:project_id>/payments")
@requires(Action.FUND_MANAGE)
def ask_payment(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = forms.payment(request.form, project_id, [line.id for line in project.lines])
        request_id = in_transaction(lambda: asking.ask_payment(wanted, by_id, now))
    except Invalid as error:
        return _ask_form("payment_form", kept(request.form), error.fields, project=project)
    return _asked(request_id, "用款申请已提交，等审批人核准。")


@bp.get("/fund/projects/<int:project_id>/grants/new")
@requires(Action.FUND_MANAGE)
def new_grant(project_id: int) -> Response:
    return _ask_form("grant_form", {}, {}, project=project_for(project_id, Action.FUND_MANAGE), totals=queries.totals())


@bp.post("/fund/projects/<int:project_id>/grants")
@requires(Action.FUND_MANAGE)
def ask_grant(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = forms.grant(request.form, project_id)
        request_id = in_transaction(lambda: asking.ask_grant(wanted, by_id, now))
    except Invalid as error:
        return _ask_form("grant_form", kept(request.form), error.fields, project=project, totals=queries.totals())
    return _asked(request_id, "拨付申请已提交，等审批人核准。")


def _running() -> list[tuple[int, str]]:
    scope = projects.in_scope(current_actor().roots(Action.FUND_MANAGE), clock.today())
    return projects.names((Stage.RUNNING,), scope)


@bp.get("/fund/donations/new")
@requires(Action.FUND_MANAGE)
def new_donation() -> Response:
    return _ask_form("donation_form", {"project_id": request.args.get("project", "0")}, {}, projects=_running())


@bp.post("/fund/donations")
@requires(Action.FUND_MANAGE)
def note_donation() -> BaseResponse:
    by_id, now, running = current_actor().person_id, clock.now(), _running()
    try:
        noted = forms.donation(request.form, [project_id for project_id, _ in running])
        request_id = in_transaction(lambda: asking.note_donation(noted, by_id, now))
    except Invalid as error:
        return _ask_form("donation_form", kept(request.form), error.fields, projects=running)
    return _asked(request_id, "已记下，等另一位对银行回单后入账。")


@bp.get("/fund/requests/<int:request_id>/corrections/new")
@requires(Action.FUND_MANAGE)
def new_correction(request_id: int) -> Response:
    return _ask_form("correction_form", {}, {}, asked=request_for(request_id, Action.FUND_MANAGE), figure=None)


@bp.post("/fund/requests/<int:request_id>/corrections")
@requires(Action.FUND_MANAGE)
def ask_correction(request_id: int) -> BaseResponse:
    found, by_id, now = request_for(request_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        why = forms.reason(request.form, "explanation", "公开说明")
        asked_id = in_transaction(lambda: asking.ask_correction(request_id, why, by_id, now))
    except Invalid as error:
        return _ask_form("correction_form", kept(request.form), error.fields, asked=found, figure=None)
    return _asked(asked_id, "更正申请已提交，等审批人核准后公开。")


@bp.get("/fund/services/<int:entry_id>/corrections/new")
@requires(Action.FUND_MANAGE)
def new_figure_correction(entry_id: int) -> Response:
    return _ask_form("correction_form", {}, {}, asked=None, figure=_figure(entry_id))


@bp.post("/fund/services/<int:entry_id>/corrections")
@requires(Action.FUND_MANAGE)
def ask_figure_correction(entry_id: int) -> BaseResponse:
    figure, by_id, now = _figure(entry_id), current_actor().person_id, clock.now()
    try:
        why = forms.reason(request.form, "explanation", "公开说明")
        asked_id = in_transaction(lambda: asking.ask_figure_correction(entry_id, why, by_id, now))
    except Invalid as error:
        return _ask_form("correction_form", kept(request.form), error.fields, asked=None, figure=figure)
    return _asked(asked_id, "更正申请已提交，等审批人核准后公开。")


def _figure(entry_id: int) -> tuple[int, project_page.ServiceRow]:
    found = project_page.service_entry(entry_id)
    if found is None:
        raise NotFound
    project_for(found[0], Action.FUND_MANAGE)
    return found


def _asked(request_id: int, words: str) -> BaseResponse:
    flash(words, "yes")
    return redirect(url_for("fund.show_request", request_id=request_id), 303)
