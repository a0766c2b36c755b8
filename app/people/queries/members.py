"""Who belongs where on a day, and at which stage."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam, func, or_, select

from app.core.db import db, rows
from app.people.models import Membership, Person, Stage
from app.people.queries.dated import holds_on
from app.people.rules import HOMES, MembershipKind, StageFact, StageKind, current_stage


def home_units_on(person_ids: Collection[int], day: date) -> dict[int, int]:
    """The home branch (组织关系) of each on a day; where there is none, the community a resident belongs to. One query."""
    ties = rows(_HOMES, person_ids=list(person_ids), day=day)
    residents = {person_id: unit_id for person_id, kind, unit_id in ties if kind is MembershipKind.RESIDENT}
    return residents | {person_id: unit_id for person_id, kind, unit_id in ties if kind is MembershipKind.HOME}


_HOMES = select(Membership.person_id, Membership.kind, Membership.unit_id).where(
    Membership.person_id.in_(bindparam("person_ids", expanding=True)),
    Membership.kind.in_(HOMES),
    Membership.valid_from <= bindparam("day", type_=Date),
    or_(Membership.valid_to.is_(None), Membership.valid_to > bindparam("day", type_=Date)),
)


def home_unit_on(person_id: int, day: date) -> int | None:
    return home_units_on([person_id], day).get(person_id)


def stages(person_id: int) -> list[StageFact]:
    began = db.session.execute(select(Stage.kind, Stage.began_on).where(Stage.person_id == person_id).order_by(Stage.began_on))
    return [StageFact(*row) for row in began]


def stage_on(person_id: int, day: date) -> StageFact | None:
    return current_stage(stages(person_id), day)


def stages_of(person_ids: Collection[int], day: date) -> dict[int, StageFact]:
    """Current stages of many, in one query."""
    facts: dict[int, list[StageFact]] = {}
    for person_id, kind, began_on in rows(_STAGES, person_ids=list(person_ids)):
        facts.setdefault(person_id, []).append(StageFact(kind, began_on))
    current = {person_id: current_stage(known, day) for person_id, known in facts.items()}
    return {person_id: stage for person_id, stage in current.items() if stage}


_STAGES = select(Stage.person_id, Stage.kind, Stage.began_on).where(Stage.person_id.in_(bindparam("person_ids", expanding=True)))


@dataclass(frozen=True)
class MemberRow:
    person_id: int
    name: str
    unit_id: int
    stage: StageKind | None


def members(unit_ids: Collection[int], day: date) -> list[MemberRow]:
    """Home members of the units on a day, with their stage of that day; two queries, by name."""
    found = db.session.execute(
        select(Person.id, Person.name, Membership.unit_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id.in_(unit_ids), Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
        .order_by(Person.name, Person.id)
    ).all()
    held = stages_of([row.id for row in found], day)
    return [MemberRow(row.id, row.name, row.unit_id, held[row.id].kind if row.id in held else None) for row in found]


def member_counts(day: date) -> dict[int, int]:
    """Home members of each unit on a day; one query."""
    counts = db.session.execute(
        select(Membership.unit_id, func.count())
        .where(Membership.kind == MembershipKind.HOME, holds_on(Membership, day))
        .group_by(Membership.unit_id)
    )
    return dict(counts.all())
