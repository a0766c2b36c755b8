"""What the fund's office decides about itself: restricted purposes with what they hold, and the limits, past, present and proposed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.permissions import Action
from app.core.words import yuan
from app.fund.models import FundAccount, FundMovementEntry, FundProject
from app.fund.models_office import FundDelegation, FundPolicy, FundPolicyProposal, FundPurpose, FundPurposeTurn
from app.fund.money_rules import Verdict
from app.fund.queries.deputies import asked_of
from app.fund.rules import AccountKind, MovementKind
from app.people.models import Person
from app.people.queries.units import is_the_whole

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
    closed_on: date | None = None


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
            FundPurpose.closed_on,
        )
        .join(Maker, Maker.id == FundPurpose.asked_by_id)
        .outerjoin(Decider, Decider.id == FundPurpose.decided_by_id)
        .outerjoin(FundAccount, FundAccount.purpose_id == FundPurpose.id)
        .order_by(FundPurpose.id.desc())
    )
    return [PurposeRow(*tuple(row)) for row in db.session.execute(query if where is None else query.where(where))]


@dataclass(frozen=True)
class TurnRow:
    """A purpose that somebody wants closed, or opened again."""

    id: int
    purpose_id: int
    name: str
    closes: bool
    reason: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    verdict: Verdict | None
    decided_by: str | None
    decided_at: datetime | None
    answer: str


def turns(where: ColumnElement[bool] | None = None) -> list[TurnRow]:
    """The oldest first; one query."""
    turn = FundPurposeTurn
    asked = turn.id, turn.purpose_id, FundPurpose.name, turn.closes, turn.reason, turn.asked_by_id, Maker.name, turn.asked_at
    query = (
        select(*asked, turn.verdict, Decider.name, turn.decided_at, turn.answer)
        .join(FundPurpose, FundPurpose.id == turn.purpose_id)
        .join(Maker, Maker.id == turn.asked_by_id)
        .outerjoin(Decider, Decider.id == turn.decided_by_id)
        .order_by(turn.id)
    )
    return [TurnRow(*tuple(row)) for row in db.session.execute(query if where is None else query.where(where))]


def open_purposes() -> list[tuple[int, str]]:
    """Those that money may go to, for a form's choice."""
    is_open = FundPurpose.verdict == Verdict.APPROVED, FundPurpose.closed_on.is_(None)
    found = select(FundPurpose.id, FundPurpose.name).where(*is_open).order_by(FundPurpose.name)
    return [(row[0], row[1]) for row in db.session.execute(found)]


@dataclass(frozen=True)
class Whose:
    """Whose money a project uses: `source_name` where it is not the fund's, `purpose` whose restricted money it may receive."""

    source_name: str
    purpose: str


def whose(project_id: int) -> Whose:
    """Raises NotFound."""
    found = db.session.execute(
        select(FundProject.source_name, FundPurpose.name)
        .outerjoin(FundPurpose, FundPurpose.id == FundProject.purpose_id)
        .where(FundProject.id == project_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return Whose(found[0], found[1] or "")


def sources_of(project_id: int) -> list[tuple[int, str]]:
    """Where grants of a project may come from, and what is there: 0 the fund as a whole, else its restricted purpose."""
    of_project = FundAccount.purpose_id == select(FundProject.purpose_id).where(FundProject.id == project_id).scalar_subquery()
    found = db.session.execute(
        select(func.coalesce(FundAccount.purpose_id, 0), FundAccount.name, FundAccount.balance)
        .where((FundAccount.kind == AccountKind.GENERAL) | of_project)
        .order_by(FundAccount.id)
    )
    return [(row[0], f"{row[1]}，现有 {yuan(row[2])} 元") for row in found]


def granted_by(project_id: int) -> list[tuple[int, str]]:
    """Where what is left of a project can go back to: the accounts that granted it anything. 0 is the fund as a whole."""
    target = aliased(FundAccount)
    found = db.session.execute(
        select(func.coalesce(FundAccount.purpose_id, 0), FundAccount.name)
        .join(FundMovementEntry, FundMovementEntry.from_account_id == FundAccount.id)
        .join(target, target.id == FundMovementEntry.to_account_id)
        .where(target.project_id == project_id, FundMovementEntry.kind == MovementKind.GRANT, FundMovementEntry.reverses_id.is_(None))
        .distinct()
    )
    return [(row[0], row[1]) for row in found]


@dataclass(frozen=True)
class PolicyRow:
    valid_from: date
    second_above: int
    minute_above: int
    how_to_give: str
    sum_days: int
    sum_lines: bool
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
            FundPolicy.sum_days,
            FundPolicy.sum_lines,
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
    sum_days: int
    sum_lines: bool
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
            FundPolicyProposal.sum_days,
            FundPolicyProposal.sum_lines,
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


def purposes_waiting(actor: Actor) -> ColumnElement[bool]:
    """Asked for by somebody else, and this actor decides."""
    whole = is_the_whole(actor.roots(Action.FUND_APPROVE))
    return and_(FundPurpose.decided_at.is_(None), FundPurpose.asked_by_id != actor.person_id, whole)


def turns_waiting(actor: Actor) -> ColumnElement[bool]:
    whole = is_the_whole(actor.roots(Action.FUND_APPROVE))
    return and_(FundPurposeTurn.decided_at.is_(None), FundPurposeTurn.asked_by_id != actor.person_id, whole)


def proposals_waiting(actor: Actor) -> ColumnElement[bool]:
    whole = is_the_whole(actor.roots(Action.FUND_APPROVE))
    return and_(FundPolicyProposal.decided_at.is_(None), FundPolicyProposal.made_by_id != actor.person_id, whole)


def count_waiting(actor: Actor, day: date) -> Select[int] | None:
    """Purposes and limits to decide about, and 代办 to say yes to; nothing for who has nothing to do with the fund."""
    if not actor.may(Action.FUND_STEP):
        return None
    counts = [
        select(func.count()).select_from(FundPurpose).where(purposes_waiting(actor)).scalar_subquery(),
        select(func.count()).select_from(FundPurposeTurn).where(turns_waiting(actor)).scalar_subquery(),
        select(func.count()).select_from(FundPolicyProposal).where(proposals_waiting(actor)).scalar_subquery(),
        select(func.count()).select_from(FundDelegation).where(asked_of(actor.person_id, day)).scalar_subquery(),
    ]
    return select(counts[0] + counts[1] + counts[2] + counts[3])
