"""Which projects wait for whose decision: `stage_rules` as one condition, for the work list and the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.fund.models import FundAccount, FundBudgetLine, FundDraftEntry, FundProject, FundRequest, FundStageEntry
from app.fund.models_road import FundContract
from app.fund.queries.deputies import Hat, hats
from app.fund.queries.requests import own_units, unfinished
from app.fund.rules import Stage
from app.fund.stage_rules import SCORED_KINDS
from app.people.models import Person, Unit
from app.people.queries import being, below
from app.publicity.models import Objection, Publicity
from app.publicity.rules import SubjectKind

ARCHIVED_AFTER = timedelta(days=90)  # the full report is due by then
ASKS = {
    Stage.APPLIED: "初审",
    Stage.CHECKED: "立项",
    Stage.SCORED: "贴公示",
    Stage.PUBLICISED: "公示到期，立项",
    Stage.APPROVED: "签协议，开始",
    Stage.FINAL: "结项",
    Stage.STOPPED: "归档",
    Stage.CLOSED: "归档",
}


@dataclass(frozen=True)
class WaitingProject:
    """It stands at `stage` since `since`, brought there by `brought_by`."""

    id: int
    number: str
    name: str
    summary: str
    unit_name: str
    stage: Stage
    budget: int
    since: datetime
    brought_by: str

    @property
    def what(self) -> str:
        return ASKS[self.stage]


def waiting_projects(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Projects whose next decision this actor may take now. What a panel waits for, the panels themselves say."""
    return or_(false(), *(_waiting(hat, now) for hat in hats(actor, now)))


def _waiting(hat: Hat, now: datetime) -> ColumnElement[bool]:
    managing, approving = hat.actor.roots(Action.FUND_MANAGE), hat.actor.roots(Action.FUND_APPROVE)
    if not managing and not approving:
        return false()
    hands, stage, day = hat.people, FundProject.stage, clock.local_date(now)

    def within(roots: frozenset[int]) -> ColumnElement[bool]:
        return FundProject.unit_id.in_(below(roots, day)) if roots else false()

    manages, approves = within(managing), within(approving)
    either = or_(manages, approves)
    contract = exists().where(FundContract.project_id == FundProject.id)
    signed_by_me = exists().where(FundContract.project_id == FundProject.id, being(FundContract.made_by_id).in_(hands))
    sent = aliased(FundStageEntry)
    signs = manages if hat.for_id is None else false()
    own = {unit for person in hands for unit in own_units(person, day)}
    since = _last_at()
    return and_(
        either,
        FundProject.unit_id.not_in(own),
        being(FundProject.created_by_id).not_in(hands),
        func.coalesce(being(FundProject.applicant_id), 0).not_in(hands),
        ~exists().where(FundDraftEntry.project_id == FundProject.id, being(FundDraftEntry.by_id).in_(hands)),
        ~exists().where(sent.project_id == FundProject.id, sent.stage == Stage.APPLIED, being(sent.by_id).in_(hands)),
        or_(
            stage.in_((Stage.APPLIED, Stage.SCORED)),
            and_(stage == Stage.CHECKED, FundProject.kind.not_in(SCORED_KINDS), approves, ~_last_by(Stage.CHECKED, hands)),
            and_(stage == Stage.PUBLICISED, approves, ~_last_by(Stage.CHECKED, hands), _shown_to_the_end(day)),
            and_(stage == Stage.APPROVED, ~contract, signs),
            and_(stage == Stage.APPROVED, contract, ~signed_by_me),
            and_(stage == Stage.FINAL, approves, ~_last_by(Stage.FINAL, hands), _done_with_money()),
            and_(stage == Stage.STOPPED, _done_with_money()),
            and_(stage == Stage.CLOSED, _done_with_money(), since <= now - ARCHIVED_AFTER),
        ),
    )


def _last_by(stage: Stage, hands: Collection[int]) -> ColumnElement[bool]:
    """One of these hands brought it there the last time, or had it done for them."""
    entry, other = aliased(FundStageEntry), aliased(FundStageEntry)
    of_it = other.project_id == FundProject.id, other.stage == stage
    last = select(func.max(other.seq)).where(*of_it).correlate(FundProject).scalar_subquery()
    same = or_(being(entry.by_id).in_(hands), being(entry.for_id).in_(hands))
    return exists().where(entry.project_id == FundProject.id, entry.seq == last, same).correlate(FundProject)


def _last_at() -> ScalarSelect[datetime]:
    entry = aliased(FundStageEntry)
    return select(func.max(entry.at)).where(entry.project_id == FundProject.id).correlate(FundProject).scalar_subquery()


def _shown_to_the_end(day: date) -> ColumnElement[bool]:
    """Its 公示 is past its last day and every objection answered, none upheld."""
    against = exists().where(Objection.publicity_id == Publicity.id, or_(Objection.answered_at.is_(None), Objection.verdict == "upheld"))
    standing = and_(Publicity.subject_kind == SubjectKind.PROJECT, Publicity.subject_id == FundProject.id, Publicity.withdrawn_at.is_(None))
    return exists().where(standing, Publicity.ends_on < day, ~against)


def _done_with_money() -> ColumnElement[bool]:
    return and_(
        ~exists().where(FundRequest.project_id == FundProject.id, unfinished()),
        ~exists().where(FundAccount.project_id == FundProject.id, FundAccount.balance != 0),
    )


def count_waiting(actor: Actor, now: datetime) -> Select[int] | None:
    """A statement that counts, for the work list; None for those who never decide."""
    if not actor.may(Action.FUND_STEP):
        return None
    return select(func.count()).select_from(FundProject).where(waiting_projects(actor, now))


def projects_where(where: ColumnElement[bool], limit: int = 100) -> list[WaitingProject]:
    """The longest waiting first; one query."""
    last = aliased(FundStageEntry)
    seq = select(func.max(last.seq)).where(last.project_id == FundProject.id).correlate(FundProject).scalar_subquery()
    budget = select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == FundProject.id).correlate(FundProject)
    found = db.session.execute(
        select(
            FundProject.id,
            FundProject.number,
            FundProject.name,
            FundProject.summary,
            Unit.name,
            FundProject.stage,
            func.coalesce(budget.scalar_subquery(), 0),
            FundStageEntry.at,
            Person.name,
        )
        .select_from(FundProject)
        .join(FundStageEntry, and_(FundStageEntry.project_id == FundProject.id, FundStageEntry.seq == seq))
        .join(Person, Person.id == FundStageEntry.by_id)
        .join(Unit, Unit.id == FundProject.unit_id)
        .where(where)
        .order_by(FundStageEntry.at, FundProject.id)
        .limit(limit)
    )
    return [WaitingProject(row[0], row[1], row[2], row[3], row[4], row[5], int(row[6]), row[7], row[8]) for row in found]
