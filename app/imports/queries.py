"""Reading what a roster is compared with."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from app.core.db import db
from app.imports.planning import Known, KnownStage, Tie
from app.imports.reading import RosterRow
from app.imports.units import UnitFact
from app.people import queries as people
from app.people.models import Membership, Person, Phone, Stage, Unit, UnitParent
from app.people.rules import MembershipKind

T = TypeVar("T")
AT_ONCE = 5000  # values in one IN: SQLite takes 32,766, PostgreSQL 65,535


def parts(values: Collection[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    whole = list(values)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def units_in_reach(root_id: int, day: date) -> list[UnitFact]:
    """The root and all open units below it, each with its parent of the day (None at the root)."""
    rows = db.session.execute(
        select(Unit.id, Unit.name, Unit.kind, UnitParent.parent_id)
        .outerjoin(UnitParent, (UnitParent.unit_id == Unit.id) & people.holds_on(UnitParent, day))
        .where(Unit.id.in_(people.below([root_id], day)), Unit.closed_on.is_(None))
        .order_by(Unit.id)
    )
    return [UnitFact(row.id, row.name, row.kind, None if row.id == root_id else row.parent_id) for row in rows]


def candidates(rows: Sequence[RosterRow]) -> dict[int, list[Known]]:
    """Who on record has a row's phone today, or its name and birth date; by row number. A few queries for any number of rows."""
    by_phone: dict[str, set[int]] = {}
    for numbers in parts({row.phone for row in rows if row.phone}):
        held = select(Phone.number, Phone.person_id).where(Phone.number.in_(numbers), Phone.valid_to.is_(None))
        for number, person_id in db.session.execute(held):
            by_phone.setdefault(number, set()).add(person_id)
    born = {(row.name, row.birth_date) for row in rows if row.name and row.birth_date}
    by_birth: dict[tuple[str, date], set[int]] = {}
    for names in parts({name for name, _ in born}):
        same = select(Person.id, Person.name, Person.birth_date).where(Person.name.in_(names), Person.birth_date.is_not(None))
        for person_id, name, birth in db.session.execute(same):
            if birth and (name, birth) in born:
                by_birth.setdefault((name, birth), set()).add(person_id)
    known = _known(set().union(*by_phone.values(), *by_birth.values()))
    return {
        row.row: [known[found] for found in sorted(ids)]
        for row in rows
        if (ids := by_phone.get(row.phone, set()) | (by_birth.get((row.name, row.birth_date), set()) if row.birth_date else set()))
    }


def _known(person_ids: Collection[int]) -> dict[int, Known]:
    """The facts of many persons: their open phones and ties, all their stages."""
    known: dict[int, Known] = {}
    for ids in parts(sorted(person_ids)):
        phones: dict[int, set[str]] = {}
        for person_id, number in db.session.execute(
            select(Phone.person_id, Phone.number).where(Phone.person_id.in_(ids), Phone.valid_to.is_(None))
        ):
            phones.setdefault(person_id, set()).add(number)
        ties: dict[tuple[int, MembershipKind], Tie] = {}
        kinds = [MembershipKind.HOME, MembershipKind.REPORTED]
        for person_id, kind, tie_id, unit_id in db.session.execute(
            select(Membership.person_id, Membership.kind, Membership.id, Membership.unit_id)
            .where(Membership.person_id.in_(ids), Membership.kind.in_(kinds), Membership.valid_to.is_(None))
            .order_by(Membership.id)
        ):
            ties[person_id, kind] = Tie(tie_id, unit_id)
        stages: dict[int, list[KnownStage]] = {}
        for person_id, stage_id, reached, began_on in db.session.execute(
            select(Stage.person_id, Stage.id, Stage.kind, Stage.began_on).where(Stage.person_id.in_(ids))
        ):
            stages.setdefault(person_id, []).append(KnownStage(stage_id, reached, began_on))
        about = select(Person.id, Person.name, Person.confirmed_at, Person.origin, Person.gender, Person.birth_date, Person.note)
        for row in db.session.execute(about.where(Person.id.in_(ids))):
            known[row.id] = Known(
                row.id,
                row.name,
                row.confirmed_at is not None,
                row.origin,
                row.gender,
                row.birth_date,
                row.note,
                frozenset(phones.get(row.id, ())),
                ties.get((row.id, MembershipKind.HOME)),
                ties.get((row.id, MembershipKind.REPORTED)),
                tuple(stages.get(row.id, ())),
            )
    return known
