"""双管理: the members that a community and a home branch both see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.people import queries as people
from app.people.models import Membership, Person, Phone, Unit
from app.people.queries import UnitRow, below, holds_on
from app.people.rules import PARTY_MEMBERS, MembershipKind, UnitKind
from app.pledges.queries.feedback import FeedbackRow, newest
from app.pledges.queries.offers import PledgeRow, standing
from app.pledges.rules import Half, OfferKind, both_claimed


@dataclass(frozen=True)
class Report:
    """Where somebody has reported in, and since when."""

    unit_id: int
    unit_name: str
    since: date


def reports_of(person_ids: Sequence[int], day: date) -> dict[int, Report]:
    rows = db.session.execute(
        select(Membership.person_id, Unit.id, Unit.name, Membership.valid_from)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id.in_(person_ids), Membership.kind == MembershipKind.REPORTED, holds_on(Membership, day))
        .order_by(Membership.id)
    )
    return {row[0]: Report(row[1], row[2], row[3]) for row in rows}


def report_of(person_id: int, day: date) -> Report | None:
    return reports_of([person_id], day).get(person_id)


def is_party_member(person_id: int, day: date) -> bool:
    stage = people.stage_on(person_id, day)
    return stage is not None and stage.kind in PARTY_MEMBERS


def communities() -> list[UnitRow]:
    """Where one can report in."""
    rows = db.session.execute(
        select(Unit.id, Unit.name, Unit.kind).where(Unit.kind == UnitKind.COMMUNITY, Unit.closed_on.is_(None)).order_by(Unit.id)
    )
    return [UnitRow(*row) for row in rows]


@dataclass(frozen=True)
class Seen:
    """One member as both units see them. `held` is what they took on where they have reported in now."""

    person_id: int
    name: str
    home_id: int | None
    home_name: str | None
    report: Report | None
    held: list[PledgeRow]
    both: bool
    word: FeedbackRow | None


def arrivals(unit_id: int, day: date, rule: Sequence[OfferKind], half: Half) -> list[Seen]:
    """Who has reported in to a community on a day: home branch, what they took on, the word for the half. Three queries."""
    home, home_unit = aliased(Membership), aliased(Unit)
    rows = db.session.execute(
        select(Person.id, Person.name, home_unit.id, home_unit.name, Unit.id, Unit.name, Membership.valid_from)
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .outerjoin(home, and_(home.person_id == Person.id, home.kind == MembershipKind.HOME, holds_on(home, day)))
        .outerjoin(home_unit, home_unit.id == home.unit_id)
        .where(Membership.unit_id == unit_id, Membership.kind == MembershipKind.REPORTED, holds_on(Membership, day))
        .order_by(home_unit.id, Person.initials, Person.id)
    ).all()
    held = standing([row[0] for row in rows])
    words = newest(unit_id, half.key)
    found = []
    for row in rows:
        own = [one for one in held.get(row[0], []) if one.unit_id == unit_id]
        covered = both_claimed({one.kind for one in own}, rule)
        found.append(Seen(row[0], row[1], row[2], row[3], Report(row[4], row[5], row[6]), own, covered, words.get(row[0])))
    return found


def at_home(unit_id: int, day: date, rule: Sequence[OfferKind]) -> list[Seen]:
    """The party members at home in a unit's subtree with where they reported in; who has not comes first. Five queries."""
    units = {row.id: row.name for row in people.units_below([unit_id], day)}
    members = [one for one in people.members(list(units), day) if one.stage in PARTY_MEMBERS]
    ids = [one.person_id for one in members]
    reports, held = reports_of(ids, day), standing(ids)
    found = []
    for one in members:
        report = reports.get(one.person_id)
        own = [pledge for pledge in held.get(one.person_id, []) if report and pledge.unit_id == report.unit_id]
        covered = both_claimed({pledge.kind for pledge in own}, rule)
        found.append(Seen(one.person_id, one.name, one.unit_id, units[one.unit_id], report, own, covered, None))
    return sorted(found, key=lambda one: (one.report is not None, one.both))


def counts_by_community(roots: Sequence[int], day: date) -> dict[int, int]:
    """unit id → how many have reported in, of the units in scope; one query."""
    rows = db.session.execute(
        select(Membership.unit_id, func.count())
        .where(Membership.kind == MembershipKind.REPORTED, holds_on(Membership, day), Membership.unit_id.in_(below(roots, day)))
        .group_by(Membership.unit_id)
    )
    return {row[0]: row[1] for row in rows}


def find_member(name: str, tail: str, day: date) -> list[int]:
    """Confirmed persons by whole name and the last four digits of a phone."""
    number = and_(Phone.person_id == Person.id, Phone.number.endswith(tail, autoescape=True), holds_on(Phone, day))
    query = select(Person.id).where(Person.name == name, Person.confirmed_at.is_not(None), select(Phone.id).where(number).exists())
    return list(db.session.scalars(query.order_by(Person.id)))
