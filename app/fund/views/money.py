"""The rarer ways of money: what the books begin with, refunds, what is left of a project, and setting aside for a purpose."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Invalid, NotFound
from app.core.permissions import Action
from app.fund import money_forms, sections
from app.fund.blueprint import bp
from app.fund.queries import office, projects
from app.fund.queries.figures import OVER
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.requests import RequestPage
from app.fund.rules import MovementKind, RequestKind
from app.fund.service import money
from app.fund.stage_rules import OPEN_STAGES, OVER_STAGES
from app.fund.views.shared import ask_form, asked, for_the_whole, project_for, request_for
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires


@bp.get("/fund/openings/new")
@requires(Action.FUND_MANAGE)
def new_opening() -> Response:
    for_the_whole(Action.FUND_MANAGE)
    return ask_form("opening_form", {}, {}, accounts=_accounts())


@bp.post("/fund/openings")
@requires(Action.FUND_MANAGE)
def note_opening() -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    by_id, now, accounts = current_actor().person_id, clock.now(), _accounts()
    try:
        noted = money_forms.opening(request.form, [key for key, _ in accounts])
        request_id = in_transaction(lambda: money.note_opening(noted, by_id, now))
    except Invalid as error:
        return ask_form("opening_form", kept(request.form), error.fields, accounts=accounts)
    return asked(request_id, "期初已记下，等审批人核准后入账。")


def _accounts() -> list[tuple[int, str]]:
    return [(0, "关爱基金（非限定）"), *((key, f"限定用途：{name}") for key, name in office.open_purposes())]


@bp.get("/fund/requests/<int:request_id>/refunds/new")
@requires(Action.FUND_MANAGE)
def new_refund(request_id: int) -> Response:
    return _refund_form(_payment(request_id), {}, {})


@bp.post("/fund/requests/<int:request_id>/refunds")
@requires(Action.FUND_MANAGE)
def note_refund(request_id: int) -> BaseResponse:
    payment, by_id, now = _payment(request_id), current_actor().person_id, clock.now()
    try:
        noted = money_forms.refund(request.form, request_id)
        refund_id = in_transaction(lambda: money.note_refund(noted, by_id, now))
    except Invalid as error:
        return _refund_form(payment, kept(request.form), error.fields)
    return asked(refund_id, "已记下，等另一位对银行回单后入账。")


def _payment(request_id: int) -> RequestPage:
    found = request_for(request_id, Action.FUND_MANAGE)
    if found.row.kind is not RequestKind.PAYMENT:
        raise NotFound
    return found


def _refund_form(payment: RequestPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return ask_form("refund_form", values, faults, payment=payment, room=money.refundable(payment.row.id))


@bp.get("/fund/projects/<int:project_id>/returns/new")
@requires(Action.FUND_MANAGE)
def new_return(project_id: int) -> Response:
    return _return_form(project_for(project_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/projects/<int:project_id>/returns")
@requires(Action.FUND_MANAGE)
def ask_return(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = money_forms.giving_back(request.form, project_id, [key for key, _ in _sources(project)])
        request_id = in_transaction(lambda: money.ask_return(wanted, by_id, now))
    except Invalid as error:
        return _return_form(project, kept(request.form), error.fields)
    return asked(request_id, "交回申请已提交，等审批人核准。")


def _sources(project: ProjectPage) -> list[tuple[int, str]]:
    other = office.whose(project.card.id).source_name
    return [(0, other)] if other else office.granted_by(project.card.id)


def _return_form(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return ask_form("return_form", values, faults, project=project, sources=_sources(project))


@bp.get("/fund/transfers/new")
@requires(Action.FUND_MANAGE)
def new_transfer() -> Response:
    for_the_whole(Action.FUND_MANAGE)
    return _transfer_form({"project_id": request.args.get("project", "0")}, {})


@bp.post("/fund/transfers")
@requires(Action.FUND_MANAGE)
def ask_transfer() -> BaseResponse:
    for_the_whole(Action.FUND_MANAGE)
    by_id, now = current_actor().person_id, clock.now()
    try:
        wanted = money_forms.transfer(request.form, [key for key, _ in _givers()], [key for key, _ in office.open_purposes()])
        request_id = in_transaction(lambda: money.ask_transfer(wanted, by_id, now))
    except Invalid as error:
        return _transfer_form(kept(request.form), error.fields)
    return asked(request_id, "转入申请已提交，等审批人核准。")


def _givers() -> list[tuple[int, str]]:
    scope = projects.in_scope(current_actor().roots(Action.FUND_MANAGE), clock.today())
    return projects.names(sorted(OPEN_STAGES | OVER_STAGES), scope)


def _transfer_form(values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    return ask_form("transfer_form", values, faults, projects=_givers(), purposes=office.open_purposes())


@dataclass(frozen=True)
class Ways:
    """Whose money a project uses, how much came in which way, and what became of it. `gives_back`: its officer may ask for that here.

    `income` and `outgo` are (words, fen), all that is not 0; they differ by `left`, to the fen. `over`: there will be no more.
    """

    project_id: int
    source_name: str
    purpose: str
    income: tuple[tuple[str, int], ...]
    outgo: tuple[tuple[str, int], ...]
    left: int
    returned: int
    set_aside: int
    gifts: int
    gives_back: bool
    over: bool


def _shown(project: ProjectPage, actor: Actor | None) -> Ways | None:
    whose, moved = office.whose(project.card.id), project.moved
    officer = actor is not None and is_below(project.unit_id, actor.roots(Action.FUND_MANAGE), clock.today())
    gives_back = officer and project.card.stage in OPEN_STAGES | OVER_STAGES and project.card.figures.balance > 0
    kinds, figures = MovementKind, project.card.figures
    income = ("启用前投入", moved[kinds.OPENING]), ("捐赠", moved[kinds.DONATION]), ("基金拨付", moved[kinds.GRANT])
    outgo = ("支出", figures.spent), ("已交回", moved[kinds.RETURN]), ("转作限定用途", moved[kinds.TRANSFER])
    ways = Ways(
        project.card.id,
        whose.source_name,
        whose.purpose,
        tuple(row for row in income if row[1]),
        tuple(row for row in outgo if row[1]),
        figures.balance,
        moved[kinds.RETURN],
        moved[kinds.TRANSFER],
        moved[kinds.DONATION] if not whose.source_name else 0,
        gives_back,
        project.card.stage in OVER,
    )
    return ways if ways.source_name or ways.purpose or ways.income or ways.gives_back else None


sections.register(sections.Section("a-money", sections.Place.MONEY, "fund/_ways.html", _shown))
