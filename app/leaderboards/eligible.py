"""Who is counted among the heads of a unit. Exempt people are out of the denominator, and welcome: their hours count."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import CompoundSelect, Select, Subquery, func, or_, select, union_all
from sqlalchemy.orm import aliased

from app.leaderboards.rules import BoardRule, born_since
from app.people.models import Membership, Person
from app.people.queries import holds_on
from app.people.rules import MembershipKind
from app.schemes.models import PointProposal
from app.schemes.rules import PointVerdict


def exempt(day: date, held: BoardRule) -> CompoundSelect[int]:
    """A subselect of everybody who is exempt on a day: by age, or by a dated exemption (ill, long away) that two people gave."""
    given, lifted = PointProposal, aliased(PointProposal)
    ended = (
        select(lifted.id)
        .where(lifted.revokes_id == given.id, lifted.verdict == PointVerdict.APPROVED, lifted.happened_on <= day)
        .correlate(given)
        .exists()
    )
    dated = select(given.person_id).where(
        given.exempts.is_not(None),
        given.verdict == PointVerdict.APPROVED,
        given.happened_on <= day,
        or_(given.until.is_(None), given.until >= day),
        ~ended,
    )
    return union_all(select(Person.id).where(Person.birth_date <= born_since(day, held.exempt_age)), dated)


def eligible(day: date, held: BoardRule) -> Subquery:
    """Person and unit: home members, and confirmed residents without a home branch, as the ledger's home unit says; without the exempt."""
    home, resident = _belonging(day)
    return union_all(*(one.where(Membership.person_id.not_in(exempt(day, held))) for one in (home, resident))).subquery()


def counted_by_unit(day: date, held: BoardRule) -> Subquery:
    """How many of them each unit has, `unit_id` and `heads`."""
    home, resident = _belonging(day)
    counting = Membership.unit_id, func.count().label("heads")
    return union_all(
        *(
            one.with_only_columns(*counting).where(Membership.person_id.not_in(exempt(day, held))).group_by(Membership.unit_id)
            for one in (home, resident)
        )
    ).subquery()


def _belonging(day: date) -> tuple[Select[int, int], Select[int, int]]:
    home = select(Membership.person_id, Membership.unit_id).where(Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
    elsewhere = aliased(Membership)
    has_home = select(elsewhere.id).where(
        elsewhere.person_id == Membership.person_id, elsewhere.kind == MembershipKind.HOME, holds_on(elsewhere, day)
    )
    resident = (
        select(Membership.person_id, Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.kind == MembershipKind.RESIDENT, holds_on(Membership, day), Person.confirmed_at.is_not(None), ~has_home.exists())
    )
    return home, resident


def team_members(team_ids: Select[int] | Collection[int], day: date) -> Subquery:
    """Each member once a board: with the team joined first."""
    order = func.row_number().over(partition_by=Membership.person_id, order_by=(Membership.valid_from, Membership.id)).label("nth")
    joined = (
        select(Membership.person_id, Membership.unit_id, order)
        .where(Membership.kind == MembershipKind.TEAM, Membership.unit_id.in_(team_ids), holds_on(Membership, day))
        .subquery()
    )
    return select(joined.c.person_id, joined.c.unit_id).where(joined.c.nth == 1).subquery()


def eligible_team_members(team_ids: Select[int] | Collection[int], day: date, held: BoardRule) -> Subquery:
    member = team_members(team_ids, day)
    return select(member.c.person_id, member.c.unit_id).where(member.c.person_id.not_in(exempt(day, held))).subquery()
