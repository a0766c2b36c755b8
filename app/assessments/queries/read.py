"""Reading assessments: one with its lines and steps, a table of many, what waits for whom, one's own results."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.assessments.models import Assessment, AssessmentFigures, AssessmentLine, AssessmentRemark, AssessmentStep
from app.assessments.rules import BEFORE_REVIEW, Line, Step, digest
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import being, in_order, records_of
from app.publicity.models import Objection, Publicity
from app.publicity.rules import Verdict


@dataclass(frozen=True)
class Row:
    """One assessment as it stands; `step_by` is who took the last step, `step_by_id` who that is now."""

    id: int
    unit_id: int
    unit_name: str
    committee_id: int
    committee_name: str
    span: str
    revision: int
    step: Step
    step_seq: int
    step_at: datetime
    step_by_id: int
    step_by: str


def _select() -> Select[*tuple[Any, ...]]:
    committee, by, a = aliased(Unit), aliased(Person), Assessment
    return (
        select(
            *(a.id, a.unit_id, Unit.name, a.committee_id, committee.name, a.span, a.revision),
            *(a.step, a.step_seq, a.step_at, func.coalesce(by.became_id, by.id), by.name),
        )
        .join(Unit, Unit.id == a.unit_id)
        .join(committee, committee.id == a.committee_id)
        .join(by, by.id == a.step_by_id)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[Row]:
    return [Row(*row) for row in db.session.execute(query)]


def assessment(assessment_id: int) -> Row | None:
    return next(iter(_rows(_select().where(Assessment.id == assessment_id))), None)


def of_units(unit_ids: Collection[int] | Select[int], span: str) -> dict[int, Row]:
    """unit id → its assessment of a period; one query."""
    return {row.unit_id: row for row in _rows(_select().where(Assessment.unit_id.in_(unit_ids), Assessment.span == span))}


def of_unit(unit_id: int) -> list[Row]:
    """All of one branch, the newest period first."""
    return _rows(_select().where(Assessment.unit_id == unit_id).order_by(Assessment.span.desc()))


@dataclass(frozen=True)
class Figures:
    """One taking, as it was frozen; `people` are those in it as who they are now."""

    id: int
    revision: int
    scheme_version: str
    bands: tuple[tuple[int, str], ...]
    digest: str
    taken_at: datetime
    taken_by: str
    lines: tuple[Line, ...]
    names: dict[int, str]
    people: frozenset[int]

    def whole(self, unit_id: int, span: str) -> bool:
        """Whether nothing was changed since: the content is still what its number says."""
        return digest(unit_id, span, self.scheme_version, self.bands, self.lines) == self.digest

    @property
    def assessed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.exempt is None)

    @property
    def exempt(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.exempt is not None)

    @property
    def grades(self) -> list[tuple[str, int]]:
        """How many have each grade, the best first."""
        return [(name, sum(line.grade == name for line in self.assessed)) for _, name in sorted(self.bands, reverse=True)]


def figures(row: Row) -> Figures:
    """The figures it stands on, lines in order: the best first, those not assessed last; two queries."""
    f, line = AssessmentFigures, AssessmentLine
    head = db.session.execute(
        select(f.id, f.revision, f.scheme_version, f.bands, f.digest, f.taken_at, Person.name)
        .join(Person, Person.id == f.taken_by_id)
        .where(f.assessment_id == row.id, f.revision == row.revision)
    ).one()
    found = db.session.execute(
        select(
            *(line.person_id, line.base, line.earned, line.deducted, line.carried, line.late, line.vetoed, line.exempt),
            *(line.total, line.grade, line.by_rule, line.entries, line.late_entries, Person.name),
            func.coalesce(Person.became_id, Person.id).label("now_id"),
        )
        .join(Person, Person.id == line.person_id)
        .where(line.figures_id == head.id)
        .order_by(line.exempt.is_not(None), line.total.desc(), *in_order())
    ).all()
    plain: list[tuple[Any, ...]] = [(*row[:11], tuple(row[11]), tuple(row[12])) for row in found]
    lines = tuple(Line(*values) for values in plain)
    return Figures(
        head.id,
        head.revision,
        head.scheme_version,
        tuple((least, name) for least, name in head.bands),
        head.digest,
        head.taken_at,
        head.name,
        lines,
        {row.person_id: row.name for row in found},
        frozenset(row.now_id for row in found),
    )


def names_of(person_ids: Collection[int]) -> dict[int, str]:
    """One query, none for nobody."""
    if not person_ids:
        return {}
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids))).all())


@dataclass(frozen=True)
class StepRow:
    step: Step
    at: datetime
    by: str
    reason: str
    publicity_id: int | None
    revision: int


def steps(assessment_id: int) -> list[StepRow]:
    """From the beginning."""
    s = AssessmentStep
    found = db.session.execute(
        select(s.step, s.at, Person.name, s.reason, s.publicity_id, s.revision)
        .join(Person, Person.id == s.actor_id)
        .where(s.assessment_id == assessment_id)
        .order_by(s.seq)
    )
    return [StepRow(*row) for row in found]


def makers(assessment_id: int, revision: int) -> frozenset[int]:
    """Who reviewed and approved these figures: they do not answer objections to them."""
    s = AssessmentStep
    deciding = s.step.in_((Step.REVIEWED, Step.APPROVED))
    return frozenset(db.session.scalars(select(s.actor_id).where(s.assessment_id == assessment_id, s.revision == revision, deciding)))


def remarks(assessment_id: int) -> dict[int, str]:
    """person id → what the branch said last of them."""
    r = AssessmentRemark
    found = db.session.execute(select(r.person_id, r.words).where(r.assessment_id == assessment_id).order_by(r.id))
    return dict(found.all())


@dataclass(frozen=True)
class Own:
    """One's own result, from the day it was publicised on."""

    assessment_id: int
    unit_name: str
    span: str
    step: Step
    step_at: datetime
    total: int
    grade: str
    exempt: str | None
    person_id: int  # the record that was assessed: theirs, or one that was merged into it


def own(person_id: int) -> list[Own]:
    """The newest period first; one query."""
    a, line = Assessment, AssessmentLine
    found: Any = db.session.execute(
        select(a.id, Unit.name, a.span, a.step, a.step_at, line.total, line.grade, line.exempt, line.person_id)
        .join(AssessmentFigures, and_(AssessmentFigures.assessment_id == a.id, AssessmentFigures.revision == a.revision))
        .join(line, line.figures_id == AssessmentFigures.id)
        .join(Unit, Unit.id == a.unit_id)
        .where(line.person_id.in_(records_of(person_id)), a.step.in_((Step.PUBLICISED, Step.LOCKED)))
        .order_by(a.span.desc(), a.id)
    ).all()
    return [Own(*row) for row in found]


def _assessed(person: Any) -> ColumnElement[bool]:
    """This person (an id, or a column) has a line, under whichever record, in the figures that an assessment stands on."""
    f, line = AssessmentFigures, AssessmentLine
    theirs = line.person_id.in_(records_of(person)) if isinstance(person, int) else being(line.person_id) == person
    return (
        select(line.person_id)
        .join(f, f.id == line.figures_id)
        .where(f.assessment_id == Assessment.id, f.revision == Assessment.revision, theirs)
        .correlate(Assessment, RoleGrant)
        .exists()
    )


def _ended(today: date, *, upheld: bool) -> ColumnElement[bool]:
    """Its 公示 is over and every objection answered; `upheld`: whether one was found right."""
    right = select(Objection.id).where(Objection.publicity_id == Publicity.id, Objection.verdict == Verdict.UPHELD).exists()
    open_ones = select(Objection.id).where(Objection.publicity_id == Publicity.id, Objection.answered_at.is_(None)).exists()
    shown = select(Publicity.id).where(
        Publicity.subject_kind == "assessment", Publicity.subject_id == Assessment.id, Publicity.withdrawn_at.is_(None), ~open_ones
    )
    of = shown.where(right) if upheld else shown.where(~right, Publicity.ends_on < today)
    return of.correlate(Assessment).exists()


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    roots, today, a = actor.roots(Action.ASSESS), local_date(now), Assessment
    if not roots:
        return false()
    since = func.coalesce(a.step_at, a.started_at)
    last, shown = func.coalesce(being(a.step_by_id), 0), a.step == Step.PUBLICISED
    near = turn_of(a.unit_id, since, roots, Action.ASSESS, now, last == RoleGrant.person_id)
    aside = or_(last == RoleGrant.person_id, _assessed(RoleGrant.person_id))
    above = and_(turn_of(a.committee_id, since, roots, Action.ASSESS, now, aside), ~_assessed(actor.person_id))
    return and_(
        last != actor.person_id,
        a.step != Step.LOCKED,
        or_(
            and_(or_(a.step.in_((*BEFORE_REVIEW, Step.APPROVED)), and_(shown, _ended(today, upheld=True))), near),
            and_(or_(a.step == Step.REVIEWED, and_(shown, _ended(today, upheld=False))), above),
        ),
    )


def waiting_count(actor: Actor, now: datetime) -> Select[int] | None:
    if not actor.roots(Action.ASSESS):
        return None
    return select(func.count()).select_from(Assessment).where(_waits_for(actor, now))


def waiting(actor: Actor, now: datetime) -> list[Row]:
    """Whose next step is this actor's, the longest waiting first."""
    if not actor.roots(Action.ASSESS):
        return []
    return _rows(_select().where(_waits_for(actor, now)).order_by(Assessment.step_at, Assessment.id))
