"""Panels and calls for proposals. Called inside a write transaction; views have checked the permission."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from app.accounts.models import Account
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.fund.models import FundProject
from app.fund.models_road import FundCall
from app.fund.queries import stages
from app.fund.queries.requests import own_units
from app.fund.rules import Stage
from app.fund.service import projects
from app.fund.stage_rules import SCORED_KINDS, Criterion
from app.panels import queries
from app.panels.models import Panel, PanelAsideEntry, PanelScoreEntry, PanelSeat
from app.panels.queries import PanelRow
from app.panels.rules import MOST_SEATS, OWN_UNIT, CallDraft, Sheet, score_fault, step_aside_fault, weights_fault
from app.worklist.service import notify_all


def name(project_id: int, people: Collection[int], by_id: int, now: datetime) -> int:
    """Ask people to review a project; returns how many of them are new. Those of its own unit, and who sent it, have no seat.

    Raises Conflict once the scores are open or when it is not in review, Invalid for people who may not.
    """
    project = projects.locked(project_id)
    if project.stage is not Stage.CHECKED or project.kind not in SCORED_KINDS:
        raise Conflict("这个项目现在不在评审。")
    found = queries.panel(project_id)
    if found and found.opened:
        raise Conflict("评审已经齐了，分数已公开，不能再加评审人。")
    _may_decide(project_id, by_id, project.unit_id, now)
    seated = {seat.person_id for seat in found.seats} if found else set()
    fresh = sorted(set(people) - seated)
    if len(seated) + len(fresh) > MOST_SEATS:
        raise Invalid({"people": f"一个项目最多 {MOST_SEATS} 位评审人"})
    _seatable(project, fresh, local_date(now))
    if found is None:
        weights = {criterion.value: weight for criterion, weight in queries.usual_weights(project_id).items()}
        db.session.execute(insert(Panel).values(project_id=project_id, named_at=now, named_by_id=by_id, **weights))
    if fresh:
        seats = [{"project_id": project_id, "person_id": person, "named_at": now, "named_by_id": by_id} for person in fresh]
        db.session.execute(insert(PanelSeat), seats)
        audit.record(by_id, "panel", "fund_project", project_id, members=len(fresh))
        notify_all(dict.fromkeys(fresh, f"请您评审“{project.name}”"), f"/fund/projects/{project_id}/panel")
    return len(fresh)


def name_for_all(project_ids: Collection[int], people: Collection[int], by_id: int, now: datetime) -> int:
    """The same reviewers for several projects; the first says what is wrong, the others are left out where somebody may not. Returns how
    many projects have a panel now."""
    done = 0
    for place, project_id in enumerate(project_ids):
        try:
            name(project_id, people, by_id, now)
        except (Invalid, Refused):
            if place == 0:
                raise
            continue
        done += 1
    return done


def _may_decide(project_id: int, by_id: int, unit_id: int, now: datetime) -> None:
    """Who sent a project does not choose its reviewers; nor do its unit's people."""
    road = stages.road(project_id)
    if by_id in road.makers:
        raise Refused("这是您报的项目，评审人要由另一位来请。")
    if unit_id in own_units(by_id, local_date(now)):
        raise Refused("这是您所在组织的项目，您要回避。")


def _seatable(project: FundProject, people: Collection[int], today: date) -> None:
    road = stages.road(project.id)
    with_account = set(db.session.scalars(select(Account.person_id).where(Account.person_id.in_(people))))
    for person in people:
        if person in road.makers:
            raise Invalid({"people": "报这个项目的人不能评审它"})
        if project.unit_id in own_units(person, today):
            raise Invalid({"people": "有一位是这个项目所在组织的人，要回避，请换一位"})
        if person not in with_account:
            raise Invalid({"people": "有一位还没有开通账号，先请他开通，或者换一位"})


def step_aside(project_id: int, person_id: int, reason: str, now: datetime) -> None:
    """回避 by one's own word."""
    still_checked = projects.locked(project_id).stage is Stage.CHECKED
    found = _panel(project_id)
    seat = found.seat_of(person_id)
    aside = bool(seat and seat.aside)
    if fault := step_aside_fault(sits=seat is not None, aside=aside, opened=found.opened, still_checked=still_checked):
        raise Conflict(fault)
    if not reason:
        raise Invalid({"reason": "请写明为什么回避"})
    _aside(project_id, person_id, person_id, reason, now)


def _aside(project_id: int, person_id: int, by_id: int, reason: str, now: datetime) -> None:
    db.session.execute(insert(PanelAsideEntry).values(project_id=project_id, person_id=person_id, at=now, by_id=by_id, reason=reason))
    audit.record(by_id, "panel.aside", "fund_project", project_id, person=person_id)


def score(project_id: int, person_id: int, sheet: Sheet, now: datetime) -> None:
    """Hand in one's scores, once. Nobody else sees them before all who remain have given theirs."""
    project = projects.locked(project_id)
    found = _panel(project_id)
    seat = found.seat_of(person_id)
    fault = score_fault(
        sits=seat is not None,
        aside=bool(seat and seat.aside),
        scored=bool(seat and seat.scored_at),
        own_unit=project.unit_id in own_units(person_id, local_date(now)),
        still_checked=project.stage is Stage.CHECKED,
    )
    if fault:
        raise Conflict(fault)
    if not sheet.words:
        raise Invalid({"words": "请写一句评语"})
    scores = {criterion.value: sheet.scores[criterion] for criterion in Criterion}
    db.session.execute(insert(PanelScoreEntry).values(project_id=project_id, person_id=person_id, at=now, words=sheet.words, **scores))
    audit.record(person_id, "panel.score", "fund_project", project_id)


def conclude(project_id: int, by_id: int, now: datetime) -> None:
    """All scores are in: 已评审. Reviewers whose own unit's it has become step aside by the rule first, where they did not score."""
    project = projects.locked(project_id)
    found = _panel(project_id)
    today = local_date(now)
    for seat in found.seats:
        if not found.opened and seat.remains and seat.scored_at is None and project.unit_id in own_units(seat.person_id, today):
            _aside(project_id, seat.person_id, by_id, OWN_UNIT, now)
    projects.advance(project_id, Stage.SCORED, by_id, now)


def _panel(project_id: int) -> PanelRow:
    found = queries.panel(project_id)
    if found is None:
        raise NotFound
    return found


def draft_call(wanted: CallDraft, by_id: int, now: datetime) -> int:
    writing()
    _check_call(wanted)
    made = insert(FundCall).values(made_at=now, made_by_id=by_id, **_columns(wanted)).returning(FundCall.id)
    call_id: int = db.session.execute(made).scalar_one()
    audit.record(by_id, "fund.call", "fund_call", call_id, title=wanted.title)
    return call_id


def revise_call(call_id: int, wanted: CallDraft, by_id: int, now: datetime) -> None:
    """Change a draft. Whoever changes it has drafted it: another person publishes."""
    _unpublished(call_id)
    _check_call(wanted)
    db.session.execute(update(FundCall).where(FundCall.id == call_id).values(made_at=now, made_by_id=by_id, **_columns(wanted)))
    audit.record(by_id, "fund.call.revision", "fund_call", call_id, title=wanted.title)


def drop_call(call_id: int, by_id: int) -> None:
    call = _unpublished(call_id)
    db.session.execute(update(FundProject).where(FundProject.call_id == call_id).values(call_id=None))
    db.session.execute(delete(FundCall).where(FundCall.id == call_id))
    audit.record(by_id, "fund.call.withdrawal", "fund_call", call_id, title=call.title)


def publish_call(call_id: int, by_id: int, now: datetime) -> None:
    """Never by who drafted it. From then on it does not change."""
    call = _unpublished(call_id)
    if call.made_by_id == by_id:
        raise Refused("这份征集是您起草的，要由另一位发布。")
    if call.closes_on < local_date(now):
        raise Conflict("截止的日子已经过了，改了日期再发布。")
    db.session.execute(update(FundCall).where(FundCall.id == call_id).values(published_at=now, published_by_id=by_id))
    audit.record(by_id, "fund.call.publication", "fund_call", call_id, title=call.title)


def _unpublished(call_id: int) -> FundCall:
    writing()
    call = db.session.get(FundCall, call_id, populate_existing=True, with_for_update=True)
    if call is None:
        raise NotFound
    if call.published_at is not None:
        raise Conflict("这份征集已经发布，不能再改。")
    return call


def _check_call(wanted: CallDraft) -> None:
    faults = {}
    if wanted.closes_on < wanted.opens_on:
        faults["closes_on"] = "截止应在开始之后"
    if wanted.kind not in SCORED_KINDS:
        faults["kind"] = "只有关爱项目和微创熟公开征集"
    if fault := weights_fault(wanted.weights):
        faults["weights"] = fault
    if faults:
        raise Invalid(faults)


def _columns(wanted: CallDraft) -> dict[str, object]:
    weights: dict[str, object] = {criterion.value: wanted.weights[criterion] for criterion in Criterion}
    return weights | {
        "kind": wanted.kind,
        "title": wanted.title,
        "words": wanted.words,
        "opens_on": wanted.opens_on,
        "closes_on": wanted.closes_on,
        "cap": wanted.cap,
    }
