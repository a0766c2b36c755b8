"""A draft tried on the real records of a period: who moves, by how much, which grades and branches; set-wise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Select, select

from app.hours.rules import Period
from app.people import queries as people
from app.people.models import Membership
from app.people.queries import MemberRow
from app.people.rules import MembershipKind
from app.points.standings import Score, carried, grade_of
from app.schemes.queries.drafts import DraftRow
from app.schemes.queries.scores import exemptions, last_year, scores
from app.schemes.queries.whatif import deltas

SHOWN = 20


@dataclass(frozen=True)
class Moved:
    person: MemberRow
    before: Score
    after: Score

    @property
    def by(self) -> int:
        return self.after.total - self.before.total


@dataclass(frozen=True)
class BranchMoved:
    name: str
    people: int
    moved: int
    average: int  # how much, over all of its people; hundredths, cut towards zero


@dataclass(frozen=True)
class Trial:
    """`moved` ordered by how much, the most first. `grades`: (now, then) → how many."""

    span: Period
    people: int
    moved: tuple[Moved, ...]
    average_before: int
    average_after: int
    grades: tuple[tuple[str, str, int], ...]
    branches: tuple[BranchMoved, ...]

    @property
    def up(self) -> int:
        return sum(one.by > 0 for one in self.moved)

    @property
    def down(self) -> int:
        return sum(one.by < 0 for one in self.moved)

    @property
    def regraded(self) -> int:
        return sum(number for _, _, number in self.grades)

    @property
    def equal(self) -> int:
        return self.people - self.up - self.down


def trial(row: DraftRow, span: Period, roots: Sequence[int], day: date) -> Trial:
    """Everybody whose home lies below the roots, as they stand now and as they would. As many statements for ten people as for 14,000."""
    on = min(day, span.last)
    units = {unit.id: unit.name for unit in people.units_below(roots, day)}
    members = {one.person_id: one for one in people.members(list(units), on)}
    before = {one.person_id: one for one in scores(row.kind, span, person_ids=members.keys(), day=day)}
    after = _after(row, span, before, on, _home_members(list(units), on))
    moved = [Moved(members[one], score, after[one]) for one, score in before.items() if _changed(score, after[one])]
    moved.sort(key=lambda one: (-abs(one.by), one.person.name, one.person.person_id))
    grades = Counter((one.before.grade, one.after.grade) for one in moved if one.before.grade != one.after.grade)
    return Trial(
        span,
        len(before),
        tuple(moved),
        _average([score.total for score in before.values()]),
        _average([score.total for score in after.values()]),
        tuple((old, new, number) for (old, new), number in grades.most_common()),
        _branches(members, before, after, moved, units),
    )


def _home_members(unit_ids: Sequence[int], on: date) -> Select[int]:
    return select(Membership.person_id).where(
        Membership.unit_id.in_(unit_ids), Membership.kind == MembershipKind.HOME, people.holds_on(Membership, on)
    )


def _changed(before: Score, after: Score) -> bool:
    return (before.total, before.grade) != (after.total, after.grade)


def _after(row: DraftRow, span: Period, before: dict[int, Score], on: date, among: Select[int]) -> dict[int, Score]:
    version = row.version
    more = deltas(row.id, row.kind, span, among) if before else {}
    brought = last_year(row.kind, before.keys(), span, version)
    exempt = exemptions(before.keys(), row.kind, version.exempt_age, on) if before else {}
    found = {}
    for one, score in before.items():
        earned = score.earned + more.get(one, 0)
        share = carried(version.carry, brought.get(one, 0))
        total = 0 if score.vetoed else version.base + share + earned - score.deducted
        grade = "" if one in exempt else grade_of(version.bands, total)
        found[one] = replace(score, base=version.base, earned=earned, carried=share, total=total, exempt=exempt.get(one), grade=grade)
    return found


def _average(totals: Sequence[int]) -> int:
    return _share(sum(totals), len(totals)) if totals else 0


def _share(amount: int, parts: int) -> int:
    """Cut towards zero."""
    return amount // parts if amount >= 0 else -(-amount // parts)


def _branches(
    members: dict[int, MemberRow], before: dict[int, Score], after: dict[int, Score], moved: Sequence[Moved], units: dict[int, str]
) -> tuple[BranchMoved, ...]:
    size = Counter(members[one].unit_id for one in before)
    moving = Counter(one.person.unit_id for one in moved)
    by: Counter[int] = Counter()
    for one, score in before.items():
        by[members[one].unit_id] += after[one].total - score.total
    found = [BranchMoved(units[unit], size[unit], number, _share(by[unit], size[unit])) for unit, number in moving.items()]
    return tuple(sorted(found, key=lambda one: (-abs(one.average), one.name)))
