"""补充协议: what was agreed after the contract, what it replaced, and what waits to be approved."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Function, ScalarSelect, Select, and_, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.fund.models import FundDraftEntry, FundProject, FundStageEntry
from app.fund.models_road import FundAmendment, FundAmendmentPart, FundContract
from app.fund.money_rules import Verdict
from app.fund.queries.requests import own_units
from app.fund.rules import Stage
from app.fund.stage_rules import After, Instalment
from app.people.models import Person
from app.people.queries import being, below


@dataclass(frozen=True)
class AmendmentRow:
    """`parts` by the place of the instalment. `replaced` (once approved): the sum and the instalments that held before."""

    id: int
    project_id: int
    project: str
    unit_id: int
    number: str
    signed_on: date
    fen: int
    reason: str
    made_at: datetime
    made_by_id: int
    made_by: str
    decided_at: datetime | None
    decided_by: str | None
    verdict: Verdict | None
    answer: str
    replaced: dict[str, Any]
    parts: dict[int, Instalment]

    @property
    def waits(self) -> bool:
        return self.decided_at is None

    @property
    def before(self) -> list[tuple[int, Instalment, int]]:
        """Place, instalment and what was granted of it, as it stood before."""
        found = self.replaced.get("parts", [])
        return [
            (place, Instalment(fen, date.fromisoformat(due_on), After(after), words), granted)
            for place, fen, due_on, after, words, granted in found
        ]


def amendments(*where: ColumnElement[bool], limit: int = 50) -> list[AmendmentRow]:
    """The newest first; two queries."""
    decider = aliased(Person)
    own = FundAmendment
    rows: Any = db.session.execute(
        select(
            *(own.id, own.project_id, FundProject.name, FundProject.unit_id, own.number, own.signed_on, own.fen, own.reason),
            *(own.made_at, own.made_by_id, Person.name, own.decided_at, decider.name, own.verdict, own.answer, own.replaced),
        )
        .join(FundProject, FundProject.id == own.project_id)
        .join(Person, Person.id == own.made_by_id)
        .outerjoin(decider, decider.id == own.decided_by_id)
        .where(*where)
        .order_by(own.id.desc())
        .limit(limit)
    ).all()
    parts = _parts([row[0] for row in rows])

    def read(row: Any) -> AmendmentRow:
        values = [*row, parts.get(row[0], {})]
        return AmendmentRow(*values)

    return [read(row) for row in rows]


def _parts(ids: list[int]) -> dict[int, dict[int, Instalment]]:
    if not ids:
        return {}
    part, found = FundAmendmentPart, dict[int, dict[int, Instalment]]()
    rows = db.session.execute(
        select(part.amendment_id, part.place, part.fen, part.due_on, part.after, part.words)
        .where(part.amendment_id.in_(ids))
        .order_by(part.amendment_id, part.place)
    )
    for amendment_id, place, fen, due_on, after, words in rows:
        found.setdefault(amendment_id, {})[place] = Instalment(fen, due_on, after, words)
    return found


def amendment(amendment_id: int) -> AmendmentRow | None:
    return next(iter(amendments(FundAmendment.id == amendment_id)), None)


def of_project(project_id: int) -> list[AmendmentRow]:
    """All of them, the newest first."""
    return amendments(FundAmendment.project_id == project_id)


def _last(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """Of the last amendment that holds, beside FundContract."""
    own = FundAmendment
    last = select(column).where(own.project_id == FundContract.project_id, own.verdict == Verdict.APPROVED).order_by(own.id.desc()).limit(1)
    return last.correlate(FundContract).scalar_subquery()


def agreed() -> Function[int]:
    """The sum that a contract comes to by now, beside FundContract."""
    return func.coalesce(_last(FundAmendment.fen), FundContract.fen)


def amended_on() -> ScalarSelect[date]:
    return _last(FundAmendment.signed_on)


def waiting(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Amendments that this actor may approve now: not their own, not of a project that they sent, not of their own unit."""
    roots, me, day = actor.roots(Action.FUND_APPROVE), actor.person_id, clock.local_date(now)
    if not roots:
        return false()
    sent = select(FundStageEntry.id).where(
        FundStageEntry.project_id == FundProject.id, FundStageEntry.stage == Stage.APPLIED, being(FundStageEntry.by_id) == me
    )
    drafted = select(FundDraftEntry.id).where(FundDraftEntry.project_id == FundProject.id, being(FundDraftEntry.by_id) == me)
    return and_(
        FundAmendment.decided_at.is_(None),
        FundAmendment.made_by_id != me,
        FundProject.unit_id.in_(below(roots, day)),
        FundProject.unit_id.not_in(own_units(me, day)),
        being(FundProject.created_by_id) != me,
        func.coalesce(being(FundProject.applicant_id), 0) != me,
        ~sent.exists(),
        ~drafted.exists(),
    )


def count_waiting(actor: Actor, now: datetime) -> Select[int] | None:
    if not actor.may(Action.FUND_APPROVE):
        return None
    counted = select(func.count()).select_from(FundAmendment).join(FundProject, FundProject.id == FundAmendment.project_id)
    return counted.where(waiting(actor, now))
