"""The road on a project's page: what this actor may do about it now, the decisions themselves, the contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.confirming import recently
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import full_day
from app.fund import forms_project as forms
from app.fund import rules, stage_rules
from app.fund.blueprint import bp
from app.fund.queries import own_units, stages
from app.fund.queries import page as project_page
from app.fund.queries.deputies import Hat, hats
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.stages import CallRow, ContractRow
from app.fund.rules import Stage
from app.fund.sections import Place, Section, register
from app.fund.service import contracts, projects
from app.fund.stage_rules import After, Road, actions_for, lawful_stages, person_fault, ready_fault
from app.fund.views.public import project_shown
from app.fund.views.shared import project_for
from app.fund.views.stage_options import OPTIONS, SIDEWAYS, Option
from app.people.queries import is_below
from app.publicity import queries as publicity
from app.publicity.queries import PublicityRow
from app.publicity.rules import SubjectKind
from app.webkit.forms import kept
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

HANDS = (Action.PROJECT_PROPOSE, Action.FUND_MANAGE, Action.FUND_APPROVE)


@dataclass(frozen=True)
class Standing:
    """What the page says about the road to this actor. `blocked` is why the main option has to wait, `aside` why it is another's."""

    project: ProjectPage
    road: Road
    options: tuple[Option, ...]
    main: Option | None
    blocked: str
    aside: str
    sends: bool
    withdraws: bool
    signs: bool
    contract: ContractRow | None
    call: CallRow | None
    shown: PublicityRow | None
    deputy: Mapping[Stage, str]  # for whom this actor would take it there, where not for themselves


@dataclass(frozen=True)
class Capacity:
    """For themselves or for somebody away: what a hat may do about a project."""

    hat: Hat
    held: frozenset[Action]
    own_unit: bool

    def fault(self, road: Road, stage: Stage) -> str | None:
        return person_fault(road, stage, self.hat.actor.person_id, self.own_unit, self.hat.for_id)

    def may(self, stage: Stage) -> bool:
        return bool(actions_for(stage) & self.held)


def capacities(unit_id: int, actor: Actor) -> list[Capacity]:
    """One's own first, then those that the actor stands in for."""
    now, today, found = clock.now(), clock.today(), []
    for hat in hats(actor, now):
        actions = HANDS if hat.for_id is None else HANDS[1:]  # asking is never done for somebody
        held = frozenset(action for action in actions if is_below(unit_id, hat.actor.roots(action), today))
        found.append(Capacity(hat, held, any(unit_id in own_units(person, today) for person in hat.people) if held else False))
    return found


def standing(project: ProjectPage, actor: Actor | None) -> Standing | None:
    """For those with a hand in it: its unit's people and the fund's, and who stands in for one of them."""
    tried = capacities(project.unit_id, actor) if actor is not None else []
    if actor is None or not any(one.held for one in tried):
        return None
    road, stage, today = stages.road(project.card.id), project.card.stage, clock.today()
    held = tried[0].held
    lawful = lawful_stages(road.kind, road.past, stage, road.before)
    ways = [option for (before, to), option in OPTIONS.items() if before is stage and to in lawful]
    possible = [option for option in ways if any(one.may(option.stage) for one in tried)]
    by = {way.stage: next((one for one in tried if one.may(way.stage) and not one.fault(road, way.stage)), None) for way in possible}
    mine = [option for option in possible if by[option.stage] is not None]
    main = mine[0] if mine and mine[0] is possible[0] and mine[0].stage not in SIDEWAYS else None
    shown = publicity.standing(SubjectKind.PROJECT, [project.card.id]).get(project.card.id)
    first = next((one for one in tried if possible and one.may(possible[0].stage)), None)
    aside = first.fault(road, possible[0].stage) if first and by[possible[0].stage] is None else None
    return Standing(
        project,
        road,
        tuple(mine),
        main,
        _blocked(road, main.stage, shown, today) if main else "",
        aside or "",
        sends=Action.PROJECT_PROPOSE in held and stage is Stage.DRAFT,
        withdraws=stage_rules.is_withdrawal(road, Stage.DRAFT, actor.person_id),
        signs=Action.FUND_MANAGE in held and stage is Stage.APPROVED,
        contract=stages.contract(project.card.id) if stage is Stage.APPROVED else None,
        call=stages.call_of(project.card.id),
        shown=shown,
        deputy={to: one.hat.for_name for to, one in by.items() if one is not None and one.hat.for_id is not None},
    )


def _blocked(road: Road, stage: Stage, shown: PublicityRow | None, today: date) -> str:
    """Why the main way on has to wait, whoever takes it."""
    if road.stage is Stage.PUBLICISED and stage is Stage.APPROVED and shown is not None:
        if today <= shown.ends_on:
            return f"公示到{full_day(shown.ends_on)}，过了那天才能决定。"
        if shown.open:
            return f"还有 {shown.open} 条异议没有答复，答复以后才能决定。"
        return "有异议成立，不能立项。请撤回公示改好再贴，或者不立项。" if shown.upheld else ""
    if stage is Stage.PUBLICISED:
        return ""
    return ready_fault(road, stage) or ""


register(Section("fund-0-road", Place.DECIDE, "fund/_stage.html", standing))


def being_shown(project: ProjectPage, _actor: Actor | None) -> PublicityRow | None:
    """The 公示 that runs, for everybody."""
    if project.card.stage is not Stage.PUBLICISED:
        return None
    return publicity.standing(SubjectKind.PROJECT, [project.card.id]).get(project.card.id)


register(Section("fund-shown", Place.HEAD, "fund/_shown.html", being_shown))


def contract_shown(project: ProjectPage, _actor: Actor | None) -> ContractRow | None:
    """The instalments, for everybody once the project runs."""
    return stages.contract(project.card.id) if project.card.stage in stage_rules.OPEN_STAGES | stage_rules.OVER_STAGES else None


register(Section("fund-contract", Place.MONEY, "fund/_contract.html", contract_shown))


def project_of(project_id: int, *actions: Action) -> ProjectPage:
    """Of somebody who holds one of the permissions for its unit; elsewhere is a 404."""
    found, actor, today = project_page(project_id), current_actor(), clock.today()
    if found is None or not any(is_below(found.unit_id, actor.roots(action), today) for action in actions):
        raise NotFound
    return found


def _take(project_id: int, work: Callable[[], None], done: str) -> BaseResponse:
    """What stands in its way is said on the project's page; what was filled in wrong, beside its field with the rest kept."""
    try:
        in_transaction(work)
    except Invalid as error:
        return _faulty(project_id, error)
    except (Conflict, Refused) as error:
        flash(error.message, "warn")
    else:
        flash(done, "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)


def _faulty(project_id: int, error: Invalid) -> BaseResponse:
    """Each way on has a field of its own for the reason. Raises it again where no field of the page is at fault."""
    field = f"note_{request.form.get('stage', '')}"
    faults = {field if name == "note" else name: said for name, said in error.fields.items()}
    if not faults.keys() <= {field, "phone", "place"}:
        raise error
    return project_shown(project_id, faults)


@bp.post("/fund/projects/<int:project_id>/stages")
@requires(Action.FUND_READ)
@recently
def change_stage(project_id: int) -> BaseResponse:
    """A decision about a project: the stage it goes to, and the reason."""
    found, actor, now = project_page(project_id), current_actor(), clock.now()
    tried = [one for one in capacities(found.unit_id, actor) if one.held] if found is not None else []
    if not tried:
        raise NotFound
    try:
        stage, note = forms.change(request.form)
        phone, place = forms.objections_to(request.form) if stage is Stage.PUBLICISED else ("", "")
    except Invalid as error:
        return _faulty(project_id, error)
    allowed = [one for one in tried if one.may(stage)]
    if not allowed:
        raise NotFound
    road = stages.road(project_id)
    hat = next((one for one in allowed if one.fault(road, stage) is None), allowed[0]).hat
    done = "公示贴出去了，谁都看得见，也可以提异议。" if stage is Stage.PUBLICISED else f"已办：{rules.STAGE_NAMES[stage]}。"
    done += f"替{hat.for_name}办的，已经记明。" if hat.for_id else ""

    def work() -> None:
        projects.advance(project_id, stage, actor.person_id, now, note, phone=phone, place=place, for_id=hat.for_id)

    return _take(project_id, work, done)


def _asked(project_id: int, work: Callable[[int], None], done: str) -> BaseResponse:
    """By its unit's people or the fund's."""
    project_for(project_id, Action.PROJECT_PROPOSE)
    by_id = current_actor().person_id
    return _take(project_id, lambda: work(by_id), done)


@bp.post("/fund/projects/<int:project_id>/sending")
@requires(Action.PROJECT_PROPOSE)
def send_project(project_id: int) -> BaseResponse:
    return _asked(project_id, lambda by_id: projects.send(project_id, by_id, clock.now()), "已送出，等基金的人初审。")


@bp.post("/fund/projects/<int:project_id>/withdrawal")
@requires(Action.PROJECT_PROPOSE)
def withdraw_project(project_id: int) -> BaseResponse:
    """Taken back by who sent it, before anybody has looked."""

    def work(by_id: int) -> None:
        if not stage_rules.is_withdrawal(stages.road(project_id), Stage.DRAFT, by_id):
            raise Conflict("现在不能撤回了：已经有人在办，或者不是您送的。")
        projects.advance(project_id, Stage.DRAFT, by_id, clock.now())

    return _asked(project_id, work, "已撤回，又是草稿了。")


@bp.post("/fund/projects/<int:project_id>/completion")
@requires(Action.PROJECT_PROPOSE)
def complete_project(project_id: int) -> BaseResponse:
    """申请结项."""
    project_for(project_id, Action.PROJECT_PROPOSE)
    try:
        _, note = forms.change(request.form)
    except Invalid as error:
        return _faulty(project_id, error)
    return _asked(
        project_id, lambda by_id: projects.advance(project_id, Stage.FINAL, by_id, clock.now(), note), "已申请结项，等另一位同意。"
    )


def _contract_page(project: ProjectPage, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    afters = [(after.value, words) for after, words in stage_rules.AFTER_NAMES.items()]
    scored = project.card.kind in stage_rules.SCORED_KINDS
    return render(
        "fund/contract_form.html",
        status=422 if faults else 200,
        project=project,
        kept=values,
        faults=faults,
        parts=range(1, forms.PARTS + 1),
        afters=[choice for choice in afters if scored or choice[0] != After.MIDTERM.value],
        contract=stages.contract(project.card.id),
    )


@bp.get("/fund/projects/<int:project_id>/contract")
@requires(Action.FUND_MANAGE)
def contract_form(project_id: int) -> Response:
    found = project_for(project_id, Action.FUND_MANAGE)
    if found.card.stage is not Stage.APPROVED:
        raise Conflict("只有已立项、还没开始的项目能登记协议。")
    known = stages.contract(project_id)
    values = {"fen": f"{found.card.figures.budget // 100}.{found.card.figures.budget % 100:02d}"}
    if known:
        values = {"number": known.number, "party": known.party, "signed_on": known.signed_on.isoformat(), "fen": _typed(known.fen)}
        for part in known.instalments:
            values |= {f"part_{part.place}": _typed(part.fen), f"due_{part.place}": part.due_on.isoformat()}
            values |= {f"after_{part.place}": part.after.value, f"words_{part.place}": part.words}
    return _contract_page(found, values, {})


def _typed(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@bp.post("/fund/projects/<int:project_id>/contract")
@requires(Action.FUND_MANAGE)
def sign_contract(project_id: int) -> BaseResponse:
    found, by_id, now = project_for(project_id, Action.FUND_MANAGE), current_actor().person_id, clock.now()
    try:
        wanted = forms.contract(request.form)
        in_transaction(lambda: contracts.sign(project_id, wanted, by_id, now))
    except Invalid as error:
        return _contract_page(found, kept(request.form), error.fields)
    flash("协议记下了。请另一位核对后让项目开始。", "yes")
    return redirect(url_for("fund.project", project_id=project_id), 303)
