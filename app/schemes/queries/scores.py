"""Where people stand in a scheme: base + carried + earned − deducted, vetoes, exemptions, grades; set-wise."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.hours.rules import Period, PeriodKind, period
from app.people import queries as people
from app.people.models import Person
from app.people.rules import PARTY_MEMBERS
from app.points import standing_queries as points
from app.points.rules import SchemeKind
from app.points.standing_queries import among
from app.points.standings import Exemption, Score, Version, standing
from app.schemes.models import PointProposal
from app.schemes.rules import PointVerdict


def year_of(year: int | Period) -> Period:
    return period(PeriodKind.YEAR, date(year, 7, 1)) if isinstance(year, int) else year


def scores(
    kind: SchemeKind,
    year: int | Period,
    *,
    person_ids: Collection[int] | None = None,
    unit_ids: Collection[int] | None = None,
    day: date,
) -> list[Score]:
    """How everybody named, or every home member of the units on `day`, stands in a year or another period; by person id.

    党员积分 is for members of the party on that day only. The version, and so base, share carried over and bands, is the one in
    force on the last day of the period, or on `day` while it runs. Of a part of a year the base counts whole, and nothing is
    carried over. A veto makes zero of the period it stands in, and of all that ends later in the same year. Nine statements at most.
    """
    span = year_of(year)
    on = min(day, span.last)
    ids = _who(kind, person_ids, unit_ids, on)
    version = points.version_on(kind, on)
    if not ids or version is None:
        return []
    whole = period(PeriodKind.YEAR, span.first)
    before = last_year(kind, ids, span, version)
    given = points.sums_by_rule(ids, kind, [span.key])
    vetoed = points.vetoed(ids, kind, whole.first, span.last)
    exempt = exemptions(ids, kind, version.exempt_age, on)
    return [
        standing(
            version,
            one,
            given.get((one, span.key), ()),
            last_year=before.get(one, 0),
            vetoed=one in vetoed,
            exempt=exempt.get(one),
        )
        for one in sorted(ids)
    ]


def _who(kind: SchemeKind, person_ids: Collection[int] | None, unit_ids: Collection[int] | None, on: date) -> set[int]:
    members = people.members(unit_ids, on) if unit_ids is not None else []
    ids = set(person_ids or ()) | {one.person_id for one in members}
    if kind is SchemeKind.VOLUNTEER or not ids:
        return ids
    known = {one.person_id: one.stage for one in members}
    others = ids - known.keys()
    return {one for one, stage in known.items() if stage in PARTY_MEMBERS} | (_members(others, on) if others else set())


def _members(ids: Collection[int], on: date) -> set[int]:
    return {one for one, stage in people.stages_of(ids, on).items() if stage.kind in PARTY_MEMBERS}


def last_year(kind: SchemeKind, ids: Collection[int], span: Period, version: Version) -> dict[int, int]:
    """Last year's totals of who took part then, without what that year had carried over itself; nothing where nothing is carried."""
    if version.carry is None or span.kind is not PeriodKind.YEAR:
        return {}
    last = period(PeriodKind.YEAR, date(span.first.year - 1, 7, 1))
    held = points.version_on(kind, last.last)
    if held is None:
        return {}
    given, vetoed = points.sums_by_rule(ids, kind, [last.key]), points.vetoed(ids, kind, last.first, last.last)
    known = {one for one, _ in given} if kind is SchemeKind.VOLUNTEER else _members(ids, last.last)
    return {one: 0 if one in vetoed else held.base + sum(p for _, _, p in given.get((one, last.key), ())) for one in known}


def exemptions(ids: Collection[int], kind: SchemeKind, age: int | None, on: date) -> dict[int, Exemption]:
    """Who is not assessed on a day, and why: by age, or by a dated exemption that stands. Two statements."""
    p, lifted = PointProposal, aliased(PointProposal)
    ended = (
        select(lifted.id)
        .where(lifted.revokes_id == p.id, lifted.verdict == PointVerdict.APPROVED, lifted.happened_on <= on)
        .correlate(p)
        .exists()
    )
    dated = db.session.execute(
        select(p.person_id, p.exempts).where(
            p.exempts.is_not(None),
            p.scheme_kind == kind,
            p.verdict == PointVerdict.APPROVED,
            among(p.person_id, ids),
            p.happened_on <= on,
            func.coalesce(p.until, on) >= on,
            ~ended,
        )
    )
    found = {person_id: Exemption(exempts.value) for person_id, exempts in dated if exempts}
    if age is not None:
        born = date(on.year - age, 2, 28) if (on.month, on.day) == (2, 29) else on.replace(year=on.year - age)
        old = db.session.scalars(select(Person.id).where(Person.birth_date <= born, among(Person.id, ids)))
        found |= dict.fromkeys(old, Exemption.AGE)
    return {one: why for one, why in found.items() if one in set(ids)} if len(ids) > points.MANY else found
