"""Who a row means: people on record by name, phone, last four digits or volunteer's number. A few queries for any number of rows."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from app.core.db import db
from app.people import queries as people
from app.people.models import Membership, Person, Phone
from app.people.naming import volunteer_number
from app.people.rules import HOMES, MembershipKind
from app.registers.scope import Scope
from app.sheets.cells import folded

T = TypeVar("T")
AT_ONCE = 500


def parts(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    whole = list(values)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


@dataclass(frozen=True)
class Known:
    """Somebody on record. `home_id` is the home branch (or the community of a resident), `branch_id` that of a home member only;
    `units` are all that they belong to."""

    id: int
    name: str
    phones: tuple[str, ...]
    home_id: int | None
    branch_id: int | None
    units: frozenset[int]


class People:
    """Confirmed people of some names or numbers."""

    def __init__(self, found: Iterable[Known]) -> None:
        self.by_id = {one.id: one for one in found}
        self._named: dict[str, list[Known]] = {}
        for one in self.by_id.values():
            self._named.setdefault(folded(one.name), []).append(one)

    def named(self, name: str) -> list[Known]:
        return self._named.get(folded(name), [])

    def tail(self, person_id: int) -> str:
        """What tells somebody from namesakes: the last four digits, else (or where those are shared) the volunteer's number."""
        one = self.by_id[person_id]
        last = one.phones[0][-4:] if one.phones else ""
        same = [other for other in self.named(one.name) if last and any(phone.endswith(last) for phone in other.phones)]
        return last if len(same) == 1 else volunteer_number(one.id)


def people_called(names: Collection[str], ids: Collection[int] = ()) -> People:
    """`names` as written; spellings that fold to the same are found by both forms."""
    found: dict[int, str] = {}
    wanted = sorted({name for name in names if name} | {folded(name) for name in names if name})
    sure = select(Person.id, Person.name).where(Person.confirmed_at.is_not(None), Person.became_id.is_(None))
    for some in parts(wanted):
        found.update(db.session.execute(sure.where(Person.name.in_(some))).all())
    for numbers in parts(sorted(set(ids))):
        found.update(db.session.execute(sure.where(Person.id.in_(numbers))).all())
    return People(_known(found))


def _known(names: dict[int, str]) -> Iterator[Known]:
    for ids in parts(sorted(names)):
        phones: dict[int, list[str]] = {}
        homes: dict[int, int] = {}
        branches: dict[int, int] = {}
        units: dict[int, set[int]] = {}
        open_phones = select(Phone.person_id, Phone.number).where(Phone.person_id.in_(ids), Phone.valid_to.is_(None)).order_by(Phone.id)
        for person_id, number in db.session.execute(open_phones):
            phones.setdefault(person_id, []).append(number)
        open_ties = select(Membership.person_id, Membership.unit_id, Membership.kind).where(
            Membership.person_id.in_(ids), Membership.valid_to.is_(None)
        )
        for person_id, unit_id, kind in db.session.execute(open_ties):
            units.setdefault(person_id, set()).add(unit_id)
            if kind is MembershipKind.HOME:
                branches[person_id] = unit_id
            if kind is MembershipKind.HOME or (kind is MembershipKind.RESIDENT and person_id not in homes):
                homes[person_id] = unit_id
        for id_ in ids:
            yield Known(id_, names[id_], tuple(phones.get(id_, ())), homes.get(id_), branches.get(id_), frozenset(units.get(id_, ())))


def whose(known: People, scope: Scope, name: str, tail: str) -> tuple[Known | None, str]:
    """The one person that a name and a tail (digits of the phone, whole or the last four, or a volunteer's number) mean, or why nobody."""
    same = known.named(name)
    if tail.startswith("GC-"):
        same = [one for one in same if volunteer_number(one.id) == tail]
    elif tail:
        same = [one for one in same if any(phone.endswith(tail) for phone in one.phones)]
    if scope.reach is not None:
        near = [one for one in same if one.units & scope.reach]
        if same and not near:
            return None, f"{name}的组织关系不在您管的范围内"
        same = near
    if not same:
        return None, f"名册里没有{name}{f'（{tail[-4:]}）' if tail else ''}，请先核对姓名和手机号码"
    if len(same) > 1:
        return None, f"名册里有 {len(same)} 位{name}，请写上手机号码或后四位来区分"
    return same[0], ""


def in_reach(scope: Scope, day: date) -> list[int]:
    """Ids of all people with a standing home (or as a resident) in the reach."""
    query = select(Membership.person_id).where(Membership.kind.in_(HOMES), people.holds_on(Membership, day)).distinct()
    if scope.reach is not None:
        query = query.where(Membership.unit_id.in_(people.below(scope.tops, day)))
    return sorted(db.session.scalars(query))
