"""What a certificate would say, and who could issue it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, func, or_, select

from app.accounts.models import RoleGrant
from app.activities.models import Activity
from app.certificates.models import CertificateRequest
from app.certificates.rules import Line
from app.core.db import db
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind
from app.people.models import Membership, Person, Unit, UnitAncestry
from app.people.queries import ancestor_of_kind, below, holds_on, root_unit
from app.people.rules import MembershipKind, UnitKind


def services(person_ids: Collection[int], since: date, until: date) -> dict[int, list[tuple[Line, int]]]:
    """Each person's services of a period, most first, with the id of who organised: what was reversed is out. One query."""
    e = HourEntry
    credit = func.sum(case((e.hour_class == HourClass.CREDIT, e.minutes), else_=0))
    honour = func.sum(case((e.hour_class == HourClass.HONOUR, e.minutes), else_=0))
    times = func.sum(case((e.reverses_id.is_(None), 1), else_=-1))
    title = func.coalesce(Activity.title, "以前登记的志愿服务")
    found = db.session.execute(
        select(e.person_id, title, Unit.name, e.organising_unit_id, times, credit, honour)
        .join(Unit, Unit.id == e.organising_unit_id)
        .outerjoin(Activity, Activity.id == e.activity_id)
        .where(e.person_id.in_(person_ids), e.kind == HourKind.SERVICE, e.served_on.between(since, until))
        .group_by(e.person_id, title, Unit.name, e.organising_unit_id)
        .having(func.sum(e.minutes) > 0)
        .order_by(e.person_id, func.sum(e.minutes).desc(), title, Unit.name)
    )
    lines: dict[int, list[tuple[Line, int]]] = {}
    for person_id, content, unit, unit_id, count, credited, honoured in found:
        lines.setdefault(person_id, []).append((Line(content, unit, int(count), int(credited), int(honoured)), unit_id))
    return lines


def foreign(services_: Collection[tuple[Line, int]], unit_id: int, day: date) -> list[Line]:
    """Those that neither the unit nor one below it organised: 谁记录谁证明, so whoever accepts looks twice."""
    own = set(db.session.scalars(select(UnitAncestry.unit_id).where(UnitAncestry.ancestor_id == unit_id, holds_on(UnitAncestry, day))))
    return [line for line, organiser in services_ if organiser not in own]


@dataclass(frozen=True)
class UnitChoice:
    id: int
    name: str


def issuers(unit_id: int, day: date) -> list[UnitChoice]:
    """The unit and those above it, the nearest first: each may certify what was served below it."""
    found = db.session.execute(
        select(Unit.id, Unit.name)
        .join(UnitAncestry, and_(UnitAncestry.ancestor_id == Unit.id, UnitAncestry.unit_id == unit_id))
        .where(holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth)
    )
    return [UnitChoice(*row) for row in found]


def fitting_issuer(person_id: int, choices: Sequence[UnitChoice], day: date) -> int | None:
    """The nearest of the choices below which all that the person served was organised; else the highest. One query."""
    e = HourEntry
    served = select(e.organising_unit_id).where(e.person_id == person_id, e.kind == HourKind.SERVICE)
    above = select(UnitAncestry.unit_id, UnitAncestry.ancestor_id).where(
        UnitAncestry.unit_id.in_(served), UnitAncestry.ancestor_id.in_([choice.id for choice in choices]), holds_on(UnitAncestry, day)
    )
    covered: dict[int, set[int]] = {}
    for unit_id, ancestor_id in db.session.execute(above):
        covered.setdefault(ancestor_id, set()).add(unit_id)
    every = set().union(*covered.values())
    return next((choice.id for choice in choices if covered.get(choice.id, set()) == every), choices[-1].id if choices else None)


def public_unit(unit_id: int, day: date) -> str:
    """What the page for everybody calls the issuer: its community, or what stands above the communities."""
    found = ancestor_of_kind(unit_id, UnitKind.COMMUNITY, day) or root_unit()
    return found.name if found else ""


def secretary(unit_id: int, day: date) -> str | None:
    """负责人: the unit's own secretary."""
    dated = (RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day))
    held = (RoleGrant.unit_id == unit_id, RoleGrant.role == Role.SECRETARY, *dated)
    return db.session.scalar(
        select(Person.name).join(RoleGrant, RoleGrant.person_id == Person.id).where(*held).order_by(RoleGrant.id).limit(1)
    )


def last_contact(unit_id: int) -> str:
    """What the unit gave last, so that it is typed once."""
    given = select(CertificateRequest.contact).where(CertificateRequest.unit_id == unit_id, CertificateRequest.contact != "")
    return db.session.scalar(given.order_by(CertificateRequest.accepted_at.desc()).limit(1)) or ""


MOST_LISTED = 300


@dataclass(frozen=True)
class MemberHours:
    person_id: int
    name: str
    credit: int
    honour: int


def members_with_hours(unit_id: int, since: date, until: date, day: date) -> list[MemberHours]:
    """Members of a unit and of those below it who served in a period, by name, MOST_LISTED at most. One query."""
    e = HourEntry
    credit = func.sum(case((e.hour_class == HourClass.CREDIT, e.minutes), else_=0))
    honour = func.sum(case((e.hour_class == HourClass.HONOUR, e.minutes), else_=0))
    belongs = select(Membership.person_id).where(
        Membership.kind.in_((MembershipKind.HOME, MembershipKind.RESIDENT)),
        holds_on(Membership, day),
        Membership.unit_id.in_(below([unit_id], day)),
    )
    found = db.session.execute(
        select(Person.id, Person.name, credit, honour)
        .join(e, e.person_id == Person.id)
        .where(Person.id.in_(belongs), e.kind == HourKind.SERVICE, e.served_on.between(since, until))
        .group_by(Person.id, Person.name)
        .having(func.sum(e.minutes) > 0)
        .order_by(Person.name, Person.id)
        .limit(MOST_LISTED)
    )
    return [MemberHours(row[0], row[1], int(row[2]), int(row[3])) for row in found]
