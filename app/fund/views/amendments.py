"""补充协议 on a project's page: recorded by one, approved by another; everybody sees what it replaced."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently_when
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Action
from app.fund import amendment_rules, stage_rules
from app.fund import forms_project as forms
from app.fund.blueprint import bp
from app.fund.money_forms import decision
from app.fund.money_rules import Verdict
from app.fund.queries import amendments, own_units, stages
from app.fund.queries.amendments import AmendmentRow
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.stages import ContractRow
from app.fund.sections import Place, Section, register
from app.fund.service import amendments as service
from app.fund.stage_rules import After
from app.fund.views.shared import project_for
from app.people.queries import is_below
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render
from app.webkit.telling import tell
from app.worklist.service import Counting, Source, WorkItem
from app.worklist.service import register as register_work

GROUP = "补充协议"
SHOWN_IN = stage_rules.OPEN_STAGES | stage_rules.OVER_STAGES


@dataclass(frozen=True)
class Amended:
    """What everybody sees, and (`may_record`) the way to another one for the fund's officer."""

    project_id: int
    rows: list[AmendmentRow]
    may_record: bool


def amended(project: ProjectPage, actor: Actor | None) -> Amended | None:
    if project.card.stage not in SHOWN_IN:
        return None
    rows = amendments.of_project(project.card.id)
    officer = actor is not None and is_below(project.unit_id, actor.roots(Action.FUND_MANAGE), clock.today())
    runs = officer and project.card.stage in stage_rules.OPEN_STAGES and stages.contract(project.card.id) is not None
    may_record = runs and not any(row.waits for row in rows)
    held = [row for row in rows if row.verdict is Verdict.APPROVED]
    return Amended(project.card.id, held, may_record) if held or may_record else None


@dataclass(frozen=True)
class Waiting:
    """One that waits: `aside` says why this reader may not decide about it; None where deciding is not theirs at all."""

    row: AmendmentRow
    contract: ContractRow
    own: bool
    aside: str | None


def waits(project: ProjectPage, actor: Actor | None) -> Waiting | None:
    """For the fund's people."""
    if actor is None or project.card.stage not in SHOWN_IN or not is_below(project.unit_id, actor.roots(Action.FUND_READ), clock.today()):
        return None
    row = next((row for row in amendments.of_project(project.card.id) if row.waits), None)
    contract = stages.contract(project.card.id)
    if row is None or contract is None:
        return None
    return Waiting(row, contract, row.made_by_id == actor.person_id, _aside(project, actor))


def _aside(project: ProjectPage, actor: Actor) -> str | None:
    if not is_below(project.unit_id, actor.roots(Action.FUND_APPROVE), clock.today()):
        return None
    if actor.person_id in stages.road(project.card.id).makers:
        return "这是您报的项目，要由另一位来办。"
    own = project.unit_id in own_units(actor.person_id, clock.today())
    return "这是您所在组织的项目，您要回避，由别的单位的人来办。" if own else ""


register(Section("fund-contract-z", Place.MONEY, "fund/_amended.html", amended))
register(Section("fund-1-amendment", Place.DECIDE, "fund/_amendment.html", waits))


def _page(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    contract = stages.contract(project.card.id)
    if contract is None or project.card.stage not in stage_rules.OPEN_STAGES:
        raise Conflict("项目开始以后、结项以前才能签补充协议。")
    scored = project.card.kind in stage_rules.SCORED_KINDS
    return render(
        "fund/amendment_form.html",
        status=422 if faults else 200,
        project=project,
        contract=contract,
        held={row.place: row for row in contract.instalments},
        kept=values or _typed(contract),
        faults=faults,
        places=range(1, _rows(contract, values) + 1),
        afters=[(after.value, words) for after, words in stage_rules.AFTER_NAMES.items() if scored or after is not After.MIDTERM],
        names=stage_rules.AFTER_NAMES,
    )


def _rows(contract: ContractRow, values: Mapping[str, str]) -> int:
    """Two more than there are, or as many as were typed in."""
    typed = [place for place in range(1, amendment_rules.PARTS + 1) if values.get(f"part_{place}", "").strip()]
    last = max([row.place for row in contract.instalments] + typed, default=0)
    return min(amendment_rules.PARTS, last + 2)


def _typed(contract: ContractRow) -> dict[str, str]:
    values = {"fen": _yuan(contract.fen)}
    for part in contract.instalments:
        values |= {f"part_{part.place}": _yuan(part.fen), f"due_{part.place}": part.due_on.isoformat()}
        values |= {f"after_{part.place}": part.after.value, f"words_{part.place}": part.words}
    return values


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@bp.get("/fund/projects/<int:project_id>/amendments/new")
@requires(Action.FUND_MANAGE)
def new_amendment(project_id: int) -> Response:
    return _page(project_for(project_id, Action.FUND_MANAGE), {}, {})


@bp.post("/fund/projects/<int:project_id>/amendments")
@requires(Action.FUND_MANAGE)
def record_amendment(project_id: int) -> BaseResponse:
    project, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = forms.amendment(request.form)
        done = "补充协议记下了。另一位核对同意以后，分期才改。"
        tell(lambda: in_transaction(lambda: service.propose(project_id, wanted, by_id, now)), done)
    except Invalid as error:
        return _page(project, kept(request.form), error.fields)
    return redirect(url_for("fund.project", project_id=project_id), 303)


@bp.post("/fund/amendments/<int:amendment_id>/decision")
@requires(Action.FUND_READ)
@recently_when(lambda: request.form.get("verdict") == Verdict.APPROVED.value)
def decide_amendment(amendment_id: int) -> BaseResponse:
    """By who approves in the project's unit; taking it back is for who recorded it."""
    found, actor, now = amendments.amendment(amendment_id), current_actor(), clock.now()
    if found is None or not is_below(found.unit_id, actor.roots(Action.FUND_READ), clock.today()):
        raise NotFound

    def work() -> None:
        verdict, answer = decision(request.form)
        allowed = Action.FUND_MANAGE if verdict is Verdict.WITHDRAWN else Action.FUND_APPROVE
        if not is_below(found.unit_id, actor.roots(allowed), clock.today()):
            raise NotFound
        in_transaction(lambda: service.decide(amendment_id, verdict, answer, actor.person_id, now))

    tell(work, _SAID.get(request.form.get("verdict", ""), ""), faults=True)
    return redirect(url_for("fund.project", project_id=found.project_id), 303)


_SAID: Mapping[str, str] = {
    Verdict.APPROVED: "补充协议生效了，以后按改过的分期拨。",
    Verdict.RETURNED: "退回了，登记的人会看到原因。分期照旧。",
    Verdict.WITHDRAWN: "撤回了，分期照旧。",
}


def count_amendments(actor: Actor) -> Counting:
    return amendments.count_waiting(actor, clock.now())


def amendments_for(actor: Actor) -> list[WorkItem]:
    rows = amendments.amendments(amendments.waiting(actor, clock.now()))
    return [WorkItem(f"fund-amendment-{row.id}", GROUP, row.made_at, "fund/_work_amendment.html", row) for row in rows]


register_work(Source(GROUP, count_amendments, amendments_for))
