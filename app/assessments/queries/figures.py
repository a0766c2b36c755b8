"""Taking the figures of a period: scores with the entries behind them, for any number of branches by the same few statements.

A point is assessed once. What counts in a period is its own, as everywhere; what happened in it and was booked after its books were
closed counts in totals later on, yet belongs to this assessment while it is open (`late`); the assessment of the later period then
leaves it out. See docs/decisions/0036.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from app.assessments.models import Assessment, AssessmentFigures, AssessmentLine
from app.assessments.rules import Line, Step, digest, span_of
from app.core.db import db
from app.hours.rules import Period
from app.people.models import Unit, UnitAncestry
from app.people.queries import holds_on, members
from app.people.rules import PARTY_MEMBERS, UnitKind
from app.points.models import PointEntry, PointRule
from app.points.rules import Per, SchemeKind
from app.points.standing_queries import version_on
from app.points.standings import grade_of
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
    lines = []
    for score in scores(SchemeKind.MEMBER, times, person_ids=person_ids, day=on) if person_ids else []:
        own = behind.get(score.person_id, _Behind((), (), 0, vetoed=False))
        vetoed = score.vetoed or own.vetoed
        total = 0 if vetoed else score.base + score.carried + score.earned - score.deducted + own.late
        lines.append(
            Line(
                score.person_id,
                score.base,
                score.earned,
                score.deducted,
                score.carried,
                own.late,
                vetoed,
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


def _entries(person_ids: Collection[int], times: Period) -> dict[int, _Behind]:
    """Each person's entries that count in the period, and those that happened in it and count later; three statements."""
    e, own = PointEntry, and_(PointEntry.person_id.in_(person_ids), PointEntry.scheme_kind == SchemeKind.MEMBER)
    in_time = or_(and_(e.counted_on.is_(None), e.served_on.between(times.first, times.last)), e.counted_on.between(times.first, times.last))
    taken, found = _taken_late(person_ids, times), {one: _Found() for one in person_ids}
    for person_id, entry_id, points in db.session.execute(select(e.person_id, e.id, e.points).where(own, in_time).order_by(e.id)):
        if entry_id in taken:
            found[person_id].late -= points
        else:
            found[person_id].entries.append(entry_id)
    for row in _late(own, times):
        mine = found[row.person_id]
        mine.late_entries.append(row.id)
        mine.late += row.points
        mine.vetoed |= row.per is Per.VETO and row.reverses_id is None and not row.was_reversed
    return {one: _Behind(tuple(mine.entries), tuple(mine.late_entries), mine.late, mine.vetoed) for one, mine in found.items()}


@dataclass
class _Found:
    entries: list[int] = field(default_factory=list)
    late_entries: list[int] = field(default_factory=list)
    late: int = 0
    vetoed: bool = False


def _late(own: ColumnElement[bool], times: Period) -> Sequence[Any]:
    """What happened in the period and was booked after its books were closed; one statement."""
    e, reversal = PointEntry, aliased(PointEntry)
    was_reversed = select(reversal.id).where(reversal.reverses_id == e.id).exists().label("was_reversed")
    return db.session.execute(
        select(e.person_id, e.id, e.points, e.reverses_id, PointRule.per, was_reversed)
        .join(PointRule, PointRule.id == e.rule_id)
        .where(own, e.served_on.between(times.first, times.last), e.counted_on > times.last)
        .order_by(e.id)
    ).all()


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
