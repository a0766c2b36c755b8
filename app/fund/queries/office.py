"""What the fund's office decides about itself: restricted purposes with what they hold, and the limits, past, present and proposed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.fund.models import FundAccount, FundPolicy, FundProject
from app.fund.models_office import FundDelegation, FundPolicyProposal, FundPurpose
from app.fund.money_rules import Verdict
from app.fund.queries.deputies import asked_of
from app.people.models import Person
from app.people.queries import is_below, root_unit

Maker, Decider = aliased(Person), aliased(Person)


@dataclass(frozen=True)
class PurposeRow:
    """`balance` in fen; None while it is not open."""

    id: int
    name: str
    words: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    opened_on: date | None
    verdict: Verdict | None
    decided_by: str | None
    answer: str
    balance: int | None
    projects: int


def purposes(where: ColumnElement[bool] | None = None) -> list[PurposeRow]:
    """Newest first; one query."""
    projects = select(func.count()).where(FundProject.purpose_id == FundPurpose.id).correlate(FundPurpose).scalar_subquery()
    query = (
        select(
            FundPurpose.id,
            FundPurpose.name,
            FundPurpose.words,
            FundPurpose.asked_by_id,
            Maker.name,
            FundPurpose.asked_at,
            FundPurpose.opened_on,
            FundPurpose.verdict,
            Decider.name,
            FundPurpose.answer,
            FundAccount.balance,
            projects,
        )
        .join(Maker, Maker.id == FundPurpose.asked_by_id)
        .outerjoin(Decider, Decider.id == FundPurpose.decided_by_id)
        .outerjoin(FundAccount, FundAccount.purpose_id == FundPurpose.id)
        .order_by(FundPurpose.id.desc())
    )
    return [PurposeRow(*tuple(row)) for row in db.session.execute(query if where is None else query.where(where))]


def open_purposes() -> list[tuple[int, str]]:
    """Those that money may go to, for a form's choice."""
    found = select(FundPurpose.id, FundPurpose.name).where(FundPurpose.verdict == Verdict.APPROVED).order_by(FundPurpose.name)
    return [(row[0], row[1]) for row in db.session.execute(found)]


@dataclass(frozen=True)
class PolicyRow:
    valid_from: date
    second_above: int
    minute_above: int
    how_to_give: str
    made_by: str | None  # none: shipped with the software
    decided_by: str | None


def policies() -> list[PolicyRow]:
    """All that held, hold or will hold, the latest first."""
    rows = db.session.execute(
        select(
            FundPolicy.valid_from,
            FundPolicy.second_above,
            FundPolicy.minute_above,
            FundPolicy.how_to_give,
            Maker.name,
            Decider.name,
        )
        .outerjoin(FundPolicyProposal, FundPolicyProposal.id == FundPolicy.proposal_id)
        .outerjoin(Maker, Maker.id == FundPolicyProposal.made_by_id)
        .outerjoin(Decider, Decider.id == FundPolicyProposal.decided_by_id)
        .order_by(FundPolicy.valid_from.desc())
    )
    return [PolicyRow(*row) for row in rows]


@dataclass(frozen=True)
class ProposalRow:
    id: int
    valid_from: date
    second_above: int
    minute_above: int
    how_to_give: str
    reason: str
    made_by_id: int
    made_by: str
    made_at: datetime
    verdict: Verdict | None
    decided_by: str | None
    answer: str


def proposals(where: ColumnElement[bool] | None = None, limit: int = 20) -> list[ProposalRow]:
    """Of limits, newest first."""
    query = (
        select(
            FundPolicyProposal.id,
            FundPolicyProposal.valid_from,
            FundPolicyProposal.second_above,
            FundPolicyProposal.minute_above,
            FundPolicyProposal.how_to_give,
            FundPolicyProposal.reason,
            FundPolicyProposal.made_by_id,
            Maker.name,
            FundPolicyProposal.made_at,
            FundPolicyProposal.verdict,
            Decider.name,
            FundPolicyProposal.answer,
        )
        .join(Maker, Maker.id == FundPolicyProposal.made_by_id)
        .outerjoin(Decider, Decider.id == FundPolicyProposal.decided_by_id)
        .order_by(FundPolicyProposal.id.desc())
        .limit(limit)
    )
    return [ProposalRow(*tuple(row)) for row in db.session.execute(query if where is None else query.where(where))]


def of_the_whole(actor: Actor, action: Action, day: date) -> bool:
    """Whether the actor may do this for the subdistrict itself, and so for the fund as a whole."""
    roots = actor.roots(action)
    root = root_unit() if roots else None
    return root is not None and is_below(root.id, roots, day)


def purposes_waiting(actor: Actor, day: date) -> ColumnElement[bool]:
    """Asked for by somebody else, and this actor decides."""
    if not of_the_whole(actor, Action.FUND_APPROVE, day):
        return false()
    return and_(FundPurpose.decided_at.is_(None), FundPurpose.asked_by_id != actor.person_id)


def proposals_waiting(actor: Actor, day: date) -> ColumnElement[bool]:
    if not of_the_whole(actor, Action.FUND_APPROVE, day):
        return false()
    return and_(FundPolicyProposal.decided_at.is_(None), FundPolicyProposal.made_by_id != actor.person_id)


def count_waiting(actor: Actor, day: date) -> int:
    """Purposes and limits to decide about, and 代办 to say yes to; one query, none for who has nothing to do with the fund."""
    if not actor.may(Action.FUND_STEP):
        return 0
    counts = [
        select(func.count()).select_from(FundPurpose).where(purposes_waiting(actor, day)).scalar_subquery(),
        select(func.count()).select_from(FundPolicyProposal).where(proposals_waiting(actor, day)).scalar_subquery(),
        select(func.count()).select_from(FundDelegation).where(asked_of(actor.person_id, day)).scalar_subquery(),
    ]
    return int(db.session.scalar(select(counts[0] + counts[1] + counts[2])) or 0)
