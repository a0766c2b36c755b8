"""Asking: for a payment, a grant, a donation to be booked, a correction."""

from collections.abc import Mapping

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.fund import forms, queries
from app.fund.blueprint import bp
from app.fund.queries import office, project_page, projects
from app.fund.queries.project_page import ProjectPage
from app.fund.service import requests as asking
from app.fund.stage_rules import MONEY_STAGES
from app.fund.views.shared import ask_form, asked, project_for, request_for
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires


@bp.get("/fund/projects/<int:project_id>/payments/new")
@requires(Action.FUND_MANAGE)
def new_payment(project_id: int) -> Response:
    return ask_form("payment_form", {}, {}, project=project_for(project_id, Action.FUND_MANAGE))


@bp.post("/fund/projects/<int:project_id>/payments")
@requires(Action.FUND_MANAGE)
def ask_payment(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = forms.payment(request.form, project_id, [line.id for line in project.lines])
        request_id = in_transaction(lambda: asking.ask_payment(wanted, by_id, now))
    except Invalid as error:
        return ask_form("payment_form", kept(request.form), error.fields, project=project)
    return asked(request_id, "用款申请已提交，等审批人核准。")


@bp.get("/fund/projects/<int:project_id>/grants/new")
@requires(Action.FUND_MANAGE)
def new_grant(project_id: int) -> Response:
    return _grant_form(project_for(project_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/projects/<int:project_id>/grants")
@requires(Action.FUND_MANAGE)
def ask_grant(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = forms.grant(request.form, project_id, [key for key, _ in office.sources_of(project_id)])
        request_id = in_transaction(lambda: asking.ask_grant(wanted, by_id, now))
    except Invalid as error:
        return _grant_form(project, kept(request.form), error.fields)
    return asked(request_id, "拨付申请已提交，等审批人核准。")


def _grant_form(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    sources = office.sources_of(project.card.id)
    return ask_form("grant_form", values, faults, project=project, totals=queries.totals(), sources=sources)


def _running() -> list[tuple[int, str]]:
    scope = projects.in_scope(current_actor().roots(Action.FUND_MANAGE), clock.today())
    return projects.names(sorted(MONEY_STAGES), scope)


@bp.get("/fund/donations/new")
@requires(Action.FUND_MANAGE)
def new_donation() -> Response:
    values = {"project_id": request.args.get("project", "0")}
    return ask_form("donation_form", values, {}, projects=_running(), purposes=office.open_purposes())


@bp.post("/fund/donations")
@requires(Action.FUND_MANAGE)
def note_donation() -> BaseResponse:
    by_id, now, running, purposes = current_actor().person_id, clock.now(), _running(), office.open_purposes()
    try:
        noted = forms.donation(request.form, [project_id for project_id, _ in running], [purpose_id for purpose_id, _ in purposes])
        request_id = in_transaction(lambda: asking.note_donation(noted, by_id, now))
    except Invalid as error:
        return ask_form("donation_form", kept(request.form), error.fields, projects=running, purposes=purposes)
    return asked(request_id, "已记下，等另一位对银行回单后入账。")


@bp.get("/fund/requests/<int:request_id>/corrections/new")
@requires(Action.FUND_MANAGE)
def new_correction(request_id: int) -> Response:
    return ask_form("correction_form", {}, {}, asked=request_for(request_id, Action.FUND_MANAGE), figure=None)


@bp.post("/fund/requests/<int:request_id>/corrections")
@requires(Action.FUND_MANAGE)
def ask_correction(request_id: int) -> BaseResponse:
    found, by_id, now = request_for(request_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        why = forms.reason(request.form, "explanation", "公开说明")
        asked_id = in_transaction(lambda: asking.ask_correction(request_id, why, by_id, now))
    except Invalid as error:
        return ask_form("correction_form", kept(request.form), error.fields, asked=found, figure=None)
    return asked(asked_id, "更正申请已提交，等审批人核准后公开。")


@bp.get("/fund/services/<int:entry_id>/corrections/new")
@requires(Action.FUND_MANAGE)
def new_figure_correction(entry_id: int) -> Response:
    return ask_form("correction_form", {}, {}, asked=None, figure=_figure(entry_id))


@bp.post("/fund/services/<int:entry_id>/corrections")
@requires(Action.FUND_MANAGE)
def ask_figure_correction(entry_id: int) -> BaseResponse:
    figure, by_id, now = _figure(entry_id), current_actor().person_id, clock.now()
    try:
        why = forms.reason(request.form, "explanation", "公开说明")
        asked_id = in_transaction(lambda: asking.ask_figure_correction(entry_id, why, by_id, now))
    except Invalid as error:
        return ask_form("correction_form", kept(request.form), error.fields, asked=None, figure=figure)
    return asked(asked_id, "更正申请已提交，等审批人核准后公开。")


def _figure(entry_id: int) -> tuple[int, project_page.ServiceRow]:
    found = project_page.service_entry(entry_id)
    if found is None:
        raise NotFound
    project_for(found[0], Action.FUND_MANAGE)
    return found
