"""What spot checks show elsewhere: on the fund's overview, beside a request that was drawn, in 待我处理."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, select

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.core.workdays import working_days_after
from app.fund import sections
from app.fund.queries.requests import RequestPage
from app.fund.sections import OverviewSection, RequestSection
from app.people.queries.units import governs, is_the_whole
from app.settings import queries as settings
from app.spotchecks.models import SpotCheck, SpotCheckPickEntry
from app.spotchecks.queries import checks
from app.spotchecks.queries.checks import CheckRow, PickRow, Summary
from app.spotchecks.rules import ANSWER_DAYS
from app.worklist.service import Source, WorkItem
from app.worklist.service import register as register_work

LOOK, ANSWER = "抽查", "答复抽查"
OF_REQUEST = "spotchecks/_request.html"


def _overview(_actor: Actor | None) -> Summary:
    """Also that nothing was checked yet is told."""
    return checks.summary(checks.checks())


def _of_request(asked: RequestPage, actor: Actor) -> list[PickRow] | None:
    """For who reads the whole fund: what an auditor wrote is no affair of one unit."""
    picks = checks.of_request(asked.row.id)
    return picks if picks and governs(actor, Action.FUND_READ) else None


def count_looks(actor: Actor) -> Select[int] | None:
    roots = actor.roots(Action.SPOT_CHECK)
    if not roots:
        return None
    waits = and_(checks.to_look_at(actor.person_id), is_the_whole(roots))
    return select(func.count()).select_from(SpotCheck).where(waits)


def looks(actor: Actor) -> list[WorkItem]:
    """One a check, however many of its entries wait."""
    roots = actor.roots(Action.SPOT_CHECK)
    rows = checks.checks(and_(checks.to_look_at(actor.person_id), is_the_whole(roots))) if roots else []
    return [WorkItem(f"spot-check-{row.id}", LOOK, _since(row), "spotchecks/_work_look.html", row) for row in rows]


def _since(row: CheckRow) -> datetime:
    return row.drawn_at or row.announced_at


@dataclass(frozen=True)
class ToAnswer:
    """`due_on` is the last working day to answer by."""

    pick: PickRow
    due_on: date


def count_answers(actor: Actor) -> Select[int] | None:
    roots = actor.roots(Action.FUND_MANAGE)
    if not roots:
        return None
    return select(func.count()).select_from(SpotCheckPickEntry).where(checks.for_officer(actor.person_id), is_the_whole(roots))


def answers(actor: Actor) -> list[WorkItem]:
    roots = actor.roots(Action.FUND_MANAGE)
    rows = checks.picks(and_(checks.for_officer(actor.person_id), is_the_whole(roots))) if roots else []
    return [WorkItem(f"spot-pick-{row.id}", ANSWER, row.since, "spotchecks/_work_answer.html", _to_answer(row)) for row in rows]


def _to_answer(row: PickRow) -> ToAnswer:
    return ToAnswer(row, working_days_after(clock.local_date(row.since), ANSWER_DAYS, settings.holidays()))


def register() -> None:
    sections.register_for_overview(OverviewSection("spotchecks", "spotchecks/_overview.html", _overview))
    sections.register_for_requests(RequestSection("spotchecks", OF_REQUEST, _of_request))
    register_work(Source(LOOK, count_looks, looks, stated=True))
    register_work(Source(ANSWER, count_answers, answers, stated=True))
