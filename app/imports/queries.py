"""Reading what a roster is compared with."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import exists, or_, select

from app.core.db import db
from app.imports.models import ImportHeading
from app.imports.planning import Known, KnownStage, Tie
from app.imports.reading import RosterRow
from app.imports.rules import Column
from app.imports.units import UnitFact
from app.people import queries as people
from app.people.models import Membership, Person, Phone, Stage, Unit, UnitParent
from app.people.rules import MembershipKind
from app.sheets.cells import folded

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
    return [UnitFact(row.id, folded(row.name), row.kind, None if row.id == root_id else row.parent_id) for row in rows]


@dataclass(frozen=True)
class Candidates(Mapping[int, list[Known]]):
    """Who on record may be in a row, by row number. Put together when a row is asked for: where a hundred rows have one name, each
    would hold a list of the same hundred people."""

    rows: Mapping[int, RosterRow]
    by_phone: Mapping[str, set[int]]
    by_birth: Mapping[tuple[str, date], set[int]]
    by_name: Mapping[str, set[int]]
    known: Mapping[int, Known]

    def __getitem__(self, number: int) -> list[Known]:
        return [self.known[person_id] for person_id in sorted(self._ids(self.rows[number]))]

    def _ids(self, row: RosterRow) -> set[int]:
        found = self.by_phone.get(row.phone, set()) | self.by_name.get(row.name, set())
        return found | self.by_birth.get((row.name, row.birth_date), set()) if row.birth_date else found

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def candidates(rows: Sequence[RosterRow]) -> Candidates:
    """Who has the phone of a row today, its name and birth date, or its name and no phone or no birth date (for a row that lacks either:
    just its name). A few queries for any number of rows."""
    by_phone = _by_phone({row.phone for row in rows if row.phone})
    by_birth = _by_birth({(row.name, row.birth_date) for row in rows if row.name and row.birth_date})
    bare = {row.name for row in rows if row.name and not (row.birth_date and (row.phone or row.masked))}
    by_name = _by_name({row.name for row in rows if row.name} - bare, vague=True) | _by_name(bare, vague=False)
    ids = set[int]().union(*by_phone.values(), *by_birth.values(), *by_name.values())
    return Candidates({row.row: row for row in rows}, by_phone, by_birth, by_name, _known(ids))


def _by_phone(numbers: Collection[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for some in parts(numbers):
        held = select(Phone.number, Phone.person_id).where(Phone.number.in_(some), Phone.valid_to.is_(None))
        for number, person_id in db.session.execute(held):
            found.setdefault(number, set()).add(person_id)
    return found


def _by_birth(born: Collection[tuple[str, date]]) -> dict[tuple[str, date], set[int]]:
    found: dict[tuple[str, date], set[int]] = {}
    for some in parts(born):
        names, days = {name for name, _ in some}, {day for _, day in some}
        same = select(Person.id, Person.name, Person.birth_date).where(Person.name.in_(names), Person.birth_date.in_(days))
        for person_id, name, birth in db.session.execute(same):
            if birth and (name, birth) in born:
                found.setdefault((name, birth), set()).add(person_id)
    return found


def _by_name(names: Collection[str], *, vague: bool) -> dict[str, set[int]]:
    """`vague`: only those without a phone or without a birth date."""
    found: dict[str, set[int]] = {}
    for some in parts(names):
        same = select(Person.id, Person.name).where(Person.name.in_(some))
        if vague:
            same = same.where(or_(Person.birth_date.is_(None), ~exists().where(Phone.person_id == Person.id, Phone.valid_to.is_(None))))
        for person_id, name in db.session.execute(same):
            found.setdefault(name, set()).add(person_id)
    return found


def _known(person_ids: Collection[int]) -> dict[int, Known]:
    """The facts of many persons: their open phones and ties, all their stages."""
    known: dict[int, Known] = {}
    for ids in parts(sorted(person_ids)):
        phones: dict[int, dict[str, int]] = {}
        for person_id, number, phone_id in db.session.execute(
            select(Phone.person_id, Phone.number, Phone.id).where(Phone.person_id.in_(ids), Phone.valid_to.is_(None))
        ):
            phones.setdefault(person_id, {})[number] = phone_id
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
                folded(row.name),
                row.confirmed_at is not None,
                row.origin,
                row.gender,
                row.birth_date,
                row.note,
                phones.get(row.id, {}),
                ties.get((row.id, MembershipKind.HOME)),
                ties.get((row.id, MembershipKind.REPORTED)),
                tuple(stages.get(row.id, ())),
            )
    return known


@dataclass(frozen=True)
class OwnWord:
    """One heading word of an office, and what it stands for (None: not used)."""

    id: int
    word: str
    means: Column | None
    made_by: str | None
    made_at: datetime


def own_words(unit_id: int | None) -> list[OwnWord]:
    """本单位的表头."""
    h = ImportHeading
    rows = select(h.id, h.word, h.means, Person.name, h.made_at).outerjoin(Person, Person.id == h.made_by_id)
    return [OwnWord(*row) for row in db.session.execute(rows.where(h.unit_id == unit_id).order_by(h.word))] if unit_id else []
