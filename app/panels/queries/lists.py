"""Projects in review: their ranking, what waits for whom, and who may be asked to review."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.clock import at_local
from app.core.db import db
from app.core.permissions import Action
from app.fund.models import FundBudgetLine, FundDraftEntry, FundProject, FundStageEntry
from app.fund.queries.requests import own_units
from app.fund.rules import ProjectKind, Stage
from app.fund.stage_rules import REVIEWERS, SCORED_KINDS
from app.panels.models import Panel, PanelAsideEntry, PanelScoreEntry, PanelSeat
from app.panels.queries.sheets import PanelRow, panels
from app.panels.rules import places
from app.people.models import Person, Phone, Unit
from app.people.queries import being, below, holds_on, records_of


@dataclass(frozen=True)
class Ranked:
    """A project with its panel's result; `place` among those that are open, None before."""

    id: int
    number: str
    name: str
    unit_name: str
    kind: ProjectKind
    stage: Stage
    budget: int
    panel: PanelRow | None
    place: int | None


def ranking(call_id: int | None, roots: Collection[int], day: date, reader_id: int | None = None) -> list[Ranked]:
    """The projects of a call (None: those that answer none, as long as they are in review) from the first check on; the best first."""
    budget = select(func.sum(FundBudgetLine.fen)).where(FundBudgetLine.project_id == FundProject.id).correlate(FundProject)
    was_checked = exists().where(FundStageEntry.project_id == FundProject.id, FundStageEntry.stage == Stage.CHECKED)
    of_call = FundProject.call_id == call_id if call_id is not None else FundProject.call_id.is_(None)
    still = FundProject.stage.in_((Stage.CHECKED, Stage.SCORED, Stage.PUBLICISED)) if call_id is None else was_checked
    row_of = select(
        FundProject.id,
        FundProject.number,
        FundProject.name,
        Unit.name,
        FundProject.kind,
        FundProject.stage,
        func.coalesce(budget.scalar_subquery(), 0),
    )
    rows: Any = db.session.execute(
        row_of.join(Unit, Unit.id == FundProject.unit_id)
        .where(of_call, still, FundProject.kind.in_(SCORED_KINDS), FundProject.unit_id.in_(below(roots, day)))
        .order_by(FundProject.id)
    ).all()
    known = panels([row[0] for row in rows], reader_id)
    placed = places({project_id: found.result for project_id, found in known.items() if found.result is not None})

    def read(row: Any) -> Ranked:
        values = [*row[:6], int(row[6]), known.get(row[0]), placed.get(row[0])]
        return Ranked(*values)

    ranked = [read(row) for row in rows]
    return sorted(ranked, key=lambda one: (one.place is None, one.place or 0, one.id))


def to_score(person_id: int, day: date) -> ColumnElement[bool]:
    """Projects that wait for this reviewer's scores; those of their own unit wait for nothing."""
    seat, aside, score = aliased(PanelSeat), aliased(PanelAsideEntry), aliased(PanelScoreEntry)

    def mine(table: Any) -> ColumnElement[bool]:
        return exists().where(table.project_id == FundProject.id, table.person_id == person_id)

    own = own_units(person_id, day)
    return and_(FundProject.stage == Stage.CHECKED, FundProject.unit_id.not_in(own), mine(seat), ~mine(aside), ~mine(score))


def sits_anywhere(person_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(PanelSeat.person_id.in_(records_of(person_id))))))


def own_seats(person_id: int, limit: int = 50) -> list[tuple[int, str, Stage, bool, bool]]:
    """The projects one was asked to review, the newest first: id, name, stage, whether one scored, whether one stepped aside."""
    aside = exists().where(PanelAsideEntry.project_id == PanelSeat.project_id, PanelAsideEntry.person_id == PanelSeat.person_id)
    score = exists().where(PanelScoreEntry.project_id == PanelSeat.project_id, PanelScoreEntry.person_id == PanelSeat.person_id)
    rows = db.session.execute(
        select(FundProject.id, FundProject.name, FundProject.stage, score, aside)
        .join(PanelSeat, PanelSeat.project_id == FundProject.id)
        .where(PanelSeat.person_id.in_(records_of(person_id)))
        .order_by(PanelSeat.named_at.desc(), FundProject.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2], bool(row[3]), bool(row[4])) for row in rows]


def for_officers(actor: Actor, day: date) -> ColumnElement[bool]:
    """Projects in review with which something is to be done: no panel yet, or all scores in. As `deciding.waiting_projects` narrows it."""
    roots = actor.roots(Action.FUND_MANAGE) | actor.roots(Action.FUND_APPROVE)
    me = actor.person_id
    sent = aliased(FundStageEntry)
    seat, aside, score = aliased(PanelSeat), aliased(PanelAsideEntry), aliased(PanelScoreEntry)
    gone = exists().where(aside.project_id == seat.project_id, aside.person_id == seat.person_id)
    given = exists().where(score.project_id == seat.project_id, score.person_id == seat.person_id)
    remaining = select(func.count()).select_from(seat).where(seat.project_id == FundProject.id, ~gone)
    waited_for = exists().where(seat.project_id == FundProject.id, ~gone, ~given)
    sitting = remaining.correlate(FundProject).scalar_subquery()
    return and_(
        FundProject.stage == Stage.CHECKED,
        FundProject.kind.in_(SCORED_KINDS),
        FundProject.unit_id.in_(below(roots, day)),
        FundProject.unit_id.not_in(own_units(me, day)),
        being(FundProject.created_by_id) != me,
        func.coalesce(being(FundProject.applicant_id), 0) != me,
        ~exists().where(FundDraftEntry.project_id == FundProject.id, being(FundDraftEntry.by_id) == me),
        ~exists().where(sent.project_id == FundProject.id, sent.stage == Stage.APPLIED, being(sent.by_id) == me),
        or_(sitting < REVIEWERS, ~waited_for),
    )


@dataclass(frozen=True)
class Known:
    person_id: int
    name: str
    projects: int


def known_reviewers(roots: Collection[int], day: date) -> list[Known]:
    """Who sat within two years in a panel of these units' projects, those who sat most first: to ask them again."""
    since = at_local(date(day.year - 2, 1, 1), time())
    rows = db.session.execute(
        select(Person.id, Person.name, func.count())
        .join(PanelSeat, PanelSeat.person_id == Person.id)
        .join(FundProject, FundProject.id == PanelSeat.project_id)
        .where(PanelSeat.named_at >= since, Person.became_id.is_(None), FundProject.unit_id.in_(below(roots, day)))
        .group_by(Person.id, Person.name)
        .order_by(func.count().desc(), Person.id)
        .limit(30)
    )
    return [Known(*row) for row in rows]


def person_called(name: str, phone: str, day: date) -> int | None:
    """Somebody by the name and the number together: nobody learns from it who is in the roster."""
    found = db.session.scalars(
        select(Person.id)
        .join(Phone, Phone.person_id == Person.id)
        .where(Person.name == name, Phone.number == phone, holds_on(Phone, day), Person.became_id.is_(None))
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def count_projects(where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(FundProject).where(where)


def without_panel(project_id: int, roots: Collection[int], day: date) -> list[int]:
    """The other projects of the same call, of units below these, that are in review and have no panel yet."""
    call_id = select(FundProject.call_id).where(FundProject.id == project_id).scalar_subquery()
    seated = exists().where(Panel.project_id == FundProject.id)
    found = select(FundProject.id).where(
        FundProject.call_id == call_id,
        FundProject.stage == Stage.CHECKED,
        FundProject.id != project_id,
        FundProject.unit_id.in_(below(roots, day)),
        ~seated,
    )
    return list(db.session.scalars(found.order_by(FundProject.id)))
