"""Taking the figures of a period: scores with the entries behind them, for any number of branches by the same few statements.

A point is assessed once, and so is a veto. What counts in a period is its own, as everywhere; what happened in it and was booked after
its books were closed counts in totals later on, yet belongs to this assessment while it is open (`late`); the assessment of the later
period then leaves it out. See docs/decisions/0036.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.assessments.models import Assessment, AssessmentFigures, AssessmentLine
from app.assessments.rules import Line, Step, digest, span_of
from app.core.db import db
from app.hours.rules import Period, PeriodKind, period
from app.people.models import Unit, UnitAncestry
from app.people.queries import holds_on, members
from app.people.rules import PARTY_MEMBERS, UnitKind
from app.points.models import PointEntry, PointRule
from app.points.rules import Per, SchemeKind
from app.points.standing_queries import version_on
from app.points.standings import Version, carried, grade_of
from app.schemes.queries import scores

ASSESSED = (UnitKind.BRANCH, UnitKind.GENERAL_BRANCH)


@dataclass(frozen=True)
class Taken:
    """What would be frozen of one branch, the best first."""

    unit_id: int
    span: str
    version: str
    bands: tuple[tuple[int, str], ...]
    lines: tuple[Line, ...]

    @property
    def digest(self) -> str:
        return digest(self.unit_id, self.span, self.version, self.bands, self.lines)


def groups_of(unit_ids: Collection[int], day: date) -> dict[int, int]:
    """unit → the branch it is assessed with: itself, and the 党小组 below it that have no nearer branch; one query."""
    found = db.session.execute(
        select(UnitAncestry.unit_id, UnitAncestry.ancestor_id)
        .join(Unit, Unit.id == UnitAncestry.unit_id)
        .where(
            UnitAncestry.ancestor_id.in_(unit_ids),
            holds_on(UnitAncestry, day),
            or_(UnitAncestry.depth == 0, Unit.kind == UnitKind.GROUP),
        )
        .order_by(UnitAncestry.depth.desc())
    )
    return dict(found.all())  # the nearest comes last, and stays


def take(unit_ids: Collection[int], span: str, today: date) -> dict[int, Taken]:
    """Each branch's figures as they stand now: the party members at home there at the period's end. A constant number of statements."""
    times = span_of(span)
    on = min(times.last, today)
    with_branch = groups_of(unit_ids, on)
    home = {one.person_id: with_branch[one.unit_id] for one in members(list(with_branch), on) if one.stage in PARTY_MEMBERS}
    lines, version, bands = lines_of(home, times, on)
    by_unit: dict[int, list[Line]] = {unit_id: [] for unit_id in unit_ids}
    for line in lines:
        by_unit[home[line.person_id]].append(line)
    return {unit_id: Taken(unit_id, span, version, bands, in_order(found)) for unit_id, found in by_unit.items()}


def in_order(lines: Collection[Line]) -> tuple[Line, ...]:
    """The best first, those who are not assessed last; equal ones by id."""
    return tuple(sorted(lines, key=lambda line: (line.exempt is not None, -line.total, line.person_id)))


def lines_of(person_ids: Collection[int], times: Period, on: date) -> tuple[list[Line], str, tuple[tuple[int, str], ...]]:
    """The results of these people in a period as they stand now, with the version they go by and its bands."""
    version = version_on(SchemeKind.MEMBER, on)
    bands = version.bands if version else ()
    behind = _entries(person_ids, times) if person_ids else {}
    brought = _brought(person_ids, times, version)
    lines = []
    for score in scores(SchemeKind.MEMBER, times, person_ids=person_ids, day=on) if person_ids else []:
        own = behind.get(score.person_id, _Behind((), (), 0, vetoed=False))
        from_before = brought.get(score.person_id, score.carried)
        total = 0 if own.vetoed else score.base + from_before + score.earned - score.deducted + own.late
        lines.append(
            Line(
                score.person_id,
                score.base,
                score.earned,
                score.deducted,
                from_before,
                own.late,
                own.vetoed,
                score.exempt.value if score.exempt else None,
                total,
                "" if score.exempt else grade_of(bands, total),
                dict(sorted(score.by_rule.items())),
                own.entries,
                own.late_entries,
            )
        )
    return lines, version.version if version else "", tuple((band.least, band.name) for band in bands)


@dataclass(frozen=True)
class _Behind:
    entries: tuple[int, ...]
    late_entries: tuple[int, ...]
    late: int  # what came late, less what another assessment had taken as its own late ones
    vetoed: bool


def _brought(person_ids: Collection[int], times: Period, version: Version | None) -> dict[int, int]:
    """What those carry over who have a locked line of the year before: a share of that result, whatever the ledger says of it since."""
    if not person_ids or version is None or version.carry is None or times.kind is not PeriodKind.YEAR:
        return {}
    line, last = AssessmentLine, period(PeriodKind.YEAR, times.first.replace(year=times.first.year - 1))
    found = db.session.execute(
        select(line.person_id, line.vetoed, line.total - line.carried)
        .join(AssessmentFigures, AssessmentFigures.id == line.figures_id)
        .join(Assessment, and_(Assessment.id == AssessmentFigures.assessment_id, Assessment.revision == AssessmentFigures.revision))
        .where(line.person_id.in_(person_ids), Assessment.step == Step.LOCKED, Assessment.span == last.key)
    )
    return {person_id: 0 if vetoed else carried(version.carry, total) for person_id, vetoed, total in found}


def _entries(person_ids: Collection[int], times: Period) -> dict[int, _Behind]:
    """Each person's entries that count in the period, and those that happened in it and count later; four statements."""
    e, own = PointEntry, and_(PointEntry.person_id.in_(person_ids), PointEntry.scheme_kind == SchemeKind.MEMBER)
    in_time = or_(and_(e.counted_on.is_(None), e.served_on.between(times.first, times.last)), e.counted_on.between(times.first, times.last))
    taken, found = _taken_late(person_ids, times), {one: _Found() for one in person_ids}
    for person_id, entry_id, points in db.session.execute(select(e.person_id, e.id, e.points).where(own, in_time).order_by(e.id)):
        if entry_id in taken:
            found[person_id].late -= points
        else:
            found[person_id].entries.append(entry_id)
    for person_id, entry_id, points in _late(own, times):
        found[person_id].late_entries.append(entry_id)
        found[person_id].late += points
    vetoed = _vetoed(own, times, taken)
    return {one: _Behind(tuple(mine.entries), tuple(mine.late_entries), mine.late, one in vetoed) for one, mine in found.items()}


@dataclass
class _Found:
    entries: list[int] = field(default_factory=list)
    late_entries: list[int] = field(default_factory=list)
    late: int = 0


def _late(own: ColumnElement[bool], times: Period) -> Sequence[Any]:
    """What happened in the period and was booked after its books were closed; one statement."""
    e = PointEntry
    return db.session.execute(
        select(e.person_id, e.id, e.points)
        .where(own, e.served_on.between(times.first, times.last), e.counted_on > times.last)
        .order_by(e.id)
    ).all()


def _vetoed(own: ColumnElement[bool], times: Period, taken: set[int]) -> set[int]:
    """Whose year is zero by its end, of the year that this period ends in; one statement.

    By a veto that happened in it, or counts in it and was not `taken` by the assessment of the year it happened in; and that nothing took
    back since, however late: what an objection lifts is lifted here.
    """
    e, reversal, rule = PointEntry, aliased(PointEntry), PointRule
    first = times.first.replace(month=1, day=1)
    lifted = select(reversal.id).where(reversal.reverses_id == e.id).exists()
    counts = func.coalesce(e.counted_on, e.served_on).between(first, times.last)
    found = db.session.execute(
        select(e.person_id, e.id, e.served_on)
        .join(rule, rule.id == e.rule_id)
        .where(own, rule.per == Per.VETO, e.reverses_id.is_(None), ~lifted, or_(e.served_on.between(first, times.last), counts))
    )
    return {person_id for person_id, entry_id, served_on in found if served_on >= first or entry_id not in taken}


def _taken_late(person_ids: Collection[int], times: Period) -> set[int]:
    """Entries that a locked assessment of an earlier period of the same length took as its own, late ones; one query."""
    quarters = Assessment.span.contains("-Q")
    found = db.session.scalars(
        select(AssessmentLine.late_entries)
        .join(AssessmentFigures, AssessmentFigures.id == AssessmentLine.figures_id)
        .join(Assessment, and_(Assessment.id == AssessmentFigures.assessment_id, Assessment.revision == AssessmentFigures.revision))
        .where(
            AssessmentLine.person_id.in_(person_ids),
            AssessmentLine.has_late.is_(True),
            Assessment.step == Step.LOCKED,
            Assessment.span < times.key,
            quarters if "-Q" in times.key else ~quarters,
        )
    )
    return {entry for entries in found for entry in entries}
