"""Reading people and units. Scopes are sets of root units; everything below them is in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core.db import db
from app.people.models import Consent, Membership, Person, Phone, Stage, Unit, UnitAncestry, UnitParent
from app.people.rules import ConsentKind, Gender, MembershipKind, StageFact, StageKind, UnitKind, current_stage


def holds_on(table: type[UnitAncestry] | type[UnitParent] | type[Membership] | type[Phone], day: date) -> ColumnElement[bool]:
    """The dated tie holds on `day`."""
    return and_(table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to > day))


def below(roots: Collection[int], day: date) -> Select[int]:
    """A subselect of the ids of all units in the subtrees of `roots` on `day`, the roots included."""
    return select(UnitAncestry.unit_id).where(UnitAncestry.ancestor_id.in_(roots), holds_on(UnitAncestry, day))


def is_below(unit_id: int, roots: Collection[int], day: date) -> bool:
    """Whether a unit lies in one of the subtrees."""
    if not roots:
        return False
    found = select(UnitAncestry.id).where(UnitAncestry.unit_id == unit_id, UnitAncestry.ancestor_id.in_(roots), holds_on(UnitAncestry, day))
    return db.session.scalar(found.limit(1)) is not None


@dataclass(frozen=True)
class UnitRow:
    id: int
    name: str
    kind: UnitKind


def unit(unit_id: int) -> UnitRow | None:
    row = db.session.execute(select(Unit.id, Unit.name, Unit.kind).where(Unit.id == unit_id)).one_or_none()
    return UnitRow(*row) if row else None


def units_below(roots: Collection[int], day: date, kinds: Collection[UnitKind] | None = None) -> list[UnitRow]:
    """Units in scope, by id; narrowed to `kinds` where given."""
    if not roots:
        return []
    query = select(Unit.id, Unit.name, Unit.kind).where(Unit.id.in_(below(roots, day)), Unit.closed_on.is_(None)).order_by(Unit.id)
    if kinds is not None:
        query = query.where(Unit.kind.in_(kinds))
    return [UnitRow(*row) for row in db.session.execute(query)]


def ancestor_of_kind(unit_id: int, kind: UnitKind, day: date) -> UnitRow | None:
    """The nearest unit of a kind above (or at) a unit: a branch's community."""
    row = db.session.execute(
        select(Unit.id, Unit.name, Unit.kind)
        .join(UnitAncestry, UnitAncestry.ancestor_id == Unit.id)
        .where(UnitAncestry.unit_id == unit_id, Unit.kind == kind, holds_on(UnitAncestry, day))
        .order_by(UnitAncestry.depth)
        .limit(1)
    ).one_or_none()
    return UnitRow(*row) if row else None


def root_unit() -> UnitRow | None:
    """The subdistrict, once it exists."""
    row = db.session.execute(select(Unit.id, Unit.name, Unit.kind).where(Unit.kind == UnitKind.SUBDISTRICT).limit(1)).one_or_none()
    return UnitRow(*row) if row else None


@dataclass(frozen=True)
class PersonRow:
    """`home_*` is the home branch of today; `confirmed` says that somebody knows who this is."""

    id: int
    name: str
    gender: Gender | None
    birth_date: date | None
    confirmed: bool
    home_id: int | None
    home_name: str | None


def person(person_id: int, day: date) -> PersonRow | None:
    row = db.session.execute(
        select(Person.id, Person.name, Person.gender, Person.birth_date, Person.confirmed_at, Unit.id, Unit.name)
        .outerjoin(
            Membership,
            and_(Membership.person_id == Person.id, Membership.kind == MembershipKind.HOME, holds_on(Membership, day)),
        )
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(Person.id == person_id)
    ).one_or_none()
    return PersonRow(row[0], row[1], row[2], row[3], row[4] is not None, row[5], row[6]) if row else None


def who_now(person_id: int) -> int:
    """The person a walk-in turned out to be, else the same."""
    return db.session.scalar(select(Person.became_id).where(Person.id == person_id)) or person_id


def phones_of(person_ids: Collection[int], day: date) -> dict[int, str]:
    """One number of each, the first recorded; one query, people without one are left out."""
    rows = db.session.execute(
        select(Phone.person_id, Phone.number).where(Phone.person_id.in_(person_ids), holds_on(Phone, day)).order_by(Phone.id.desc())
    )
    return dict(rows.all())


def is_confirmed(person_id: int) -> bool:
    """Whether somebody has said who this is."""
    return db.session.scalar(select(Person.confirmed_at).where(Person.id == person_id)) is not None


def confirmed_among(person_ids: Collection[int]) -> set[int]:
    """Those of whom somebody has said who they are; one query."""
    return set(db.session.execute(select(Person.id).where(Person.id.in_(person_ids), Person.confirmed_at.is_not(None))).scalars())


def home_units_on(person_ids: Collection[int], day: date) -> dict[int, int]:
    """The home branch (组织关系) of each on a day; where there is none, the community a resident belongs to. One query."""
    rows = db.session.execute(
        select(Membership.person_id, Membership.kind, Membership.unit_id).where(
            Membership.person_id.in_(person_ids),
            Membership.kind.in_([MembershipKind.HOME, MembershipKind.RESIDENT]),
            holds_on(Membership, day),
        )
    ).all()
    residents = {person_id: unit_id for person_id, kind, unit_id in rows if kind is MembershipKind.RESIDENT}
    return residents | {person_id: unit_id for person_id, kind, unit_id in rows if kind is MembershipKind.HOME}


def home_unit_on(person_id: int, day: date) -> int | None:
    return home_units_on([person_id], day).get(person_id)


def stages(person_id: int) -> list[StageFact]:
    rows = db.session.execute(select(Stage.kind, Stage.began_on).where(Stage.person_id == person_id).order_by(Stage.began_on))
    return [StageFact(*row) for row in rows]


def stage_on(person_id: int, day: date) -> StageFact | None:
    return current_stage(stages(person_id), day)


def stages_of(person_ids: Collection[int], day: date) -> dict[int, StageFact]:
    """Current stages of many, in one query."""
    facts: dict[int, list[StageFact]] = {}
    for person_id, kind, began_on in db.session.execute(
        select(Stage.person_id, Stage.kind, Stage.began_on).where(Stage.person_id.in_(person_ids))
    ):
        facts.setdefault(person_id, []).append(StageFact(kind, began_on))
    current = {person_id: current_stage(known, day) for person_id, known in facts.items()}
    return {person_id: stage for person_id, stage in current.items() if stage}


def phones(person_id: int, day: date) -> list[str]:
    rows = db.session.execute(select(Phone.number).where(Phone.person_id == person_id, holds_on(Phone, day)).order_by(Phone.id))
    return list(rows.scalars())


@dataclass(frozen=True)
class MemberRow:
    person_id: int
    name: str
    unit_id: int
    stage: StageKind | None


def members(unit_ids: Collection[int], day: date) -> list[MemberRow]:
    """Home members of the units on a day, with their stage of that day; two queries, by name."""
    rows = db.session.execute(
        select(Person.id, Person.name, Membership.unit_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id.in_(unit_ids), Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
        .order_by(Person.name, Person.id)
    ).all()
    held = stages_of([row.id for row in rows], day)
    return [MemberRow(row.id, row.name, row.unit_id, held[row.id].kind if row.id in held else None) for row in rows]


def has_consented(person_id: int, kind: ConsentKind) -> bool:
    found = select(Consent.id).where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
    return db.session.scalar(found) is not None


def consents(person_id: int) -> frozenset[ConsentKind]:
    return frozenset(
        db.session.execute(select(Consent.kind).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))).scalars()
    )


def member_counts(day: date) -> dict[int, int]:
    """Home members of each unit on a day; one query."""
    rows = db.session.execute(
        select(Membership.unit_id, func.count())
        .where(Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
        .group_by(Membership.unit_id)
    )
    return dict(rows.all())


def communities_of(unit_ids: Collection[int], day: date) -> dict[int, int]:
    """unit id → the community above it; one query, units without one are left out."""
    rows = db.session.execute(
        select(UnitAncestry.unit_id, Unit.id)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id.in_(unit_ids), Unit.kind == UnitKind.COMMUNITY, holds_on(UnitAncestry, day))
    )
    return dict(rows.all())
