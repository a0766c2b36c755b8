"""Reading member cards, and the people whom an actor may print them for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.cards.models import MemberCard
from app.core.db import db
from app.people import queries as people
from app.people.models import Membership, Person, Phone, Unit
from app.people.name_rules import natural
from app.people.rules import MembershipKind, UnitKind


@dataclass(frozen=True)
class CardRow:
    """`own` says that its holder made it, as a picture on their phone."""

    id: int
    person_id: int
    number: int
    issued_at: datetime
    own: bool
    revoked_at: datetime | None


_CARD = select(
    MemberCard.id,
    MemberCard.person_id,
    MemberCard.number,
    MemberCard.issued_at,
    MemberCard.issued_by_id == MemberCard.person_id,
    MemberCard.revoked_at,
)


def card(card_id: int) -> CardRow | None:
    """A card, also one that is no longer valid."""
    row = db.session.execute(_CARD.where(MemberCard.id == card_id)).one_or_none()
    return CardRow(*row) if row else None


def valid_card(person_id: int) -> CardRow | None:
    row = db.session.execute(_CARD.where(MemberCard.person_id == person_id, MemberCard.revoked_at.is_(None))).one_or_none()
    return CardRow(*row) if row else None


def valid_of_all_records(person_id: int) -> list[CardRow]:
    """Every card with which somebody signs in: their own, and those of records that were merged into theirs."""
    theirs = MemberCard.person_id.in_(people.records_of(person_id))
    rows = db.session.execute(
        _CARD.where(theirs, MemberCard.revoked_at.is_(None)).order_by(MemberCard.person_id != person_id, MemberCard.id)
    )
    return [CardRow(*row) for row in rows]


def valid_cards(person_ids: Collection[int]) -> dict[int, int]:
    """person id → the id of their valid card; one query."""
    rows = db.session.execute(
        select(MemberCard.person_id, MemberCard.id).where(MemberCard.person_id.in_(person_ids), MemberCard.revoked_at.is_(None))
    )
    return dict(rows.all())


def last_numbers(person_ids: Collection[int]) -> dict[int, int]:
    """person id → the number of their newest issue; people who never had a card are left out."""
    rows = db.session.execute(
        select(MemberCard.person_id, func.max(MemberCard.number)).where(MemberCard.person_id.in_(person_ids)).group_by(MemberCard.person_id)
    )
    return dict(rows.all())


@dataclass(frozen=True)
class Holder:
    """Somebody to print a card for. `tail`: the last four digits that tell two of one name apart. `former`: how many valid cards they
    hold of records that were merged into theirs."""

    person_id: int
    name: str
    unit_name: str | None
    tail: str
    card_id: int | None
    issued_at: datetime | None
    former: int = 0


def _in_scope(roots: Collection[int], day: date) -> ColumnElement[bool]:
    """Persons of the units below `roots`, and those who belong to no unit yet: whoever stands before them may help.

    A record that was merged into another is nobody to print for.
    """
    ties = select(Membership.id).where(Membership.person_id == Person.id, people.holds_on(Membership, day)).correlate(Person)
    return and_(Person.became_id.is_(None), or_(ties.where(Membership.unit_id.in_(people.below(roots, day))).exists(), ~ties.exists()))


def _holders(day: date) -> Select[*tuple[Any, ...]]:
    number = select(func.max(Phone.number)).where(Phone.person_id == Person.id, people.holds_on(Phone, day)).scalar_subquery()
    home = and_(Membership.person_id == Person.id, Membership.kind == MembershipKind.HOME, people.holds_on(Membership, day))
    went, theirs = aliased(Person), aliased(MemberCard)
    former = select(func.count()).select_from(theirs).join(went, went.id == theirs.person_id)
    former = former.where(went.became_id == Person.id, theirs.revoked_at.is_(None)).correlate(Person)
    return (
        select(Person.id, Person.name, Unit.name, number, MemberCard.id, MemberCard.issued_at, former.scalar_subquery())
        .outerjoin(Membership, home)
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .outerjoin(MemberCard, and_(MemberCard.person_id == Person.id, MemberCard.revoked_at.is_(None)))
        .order_by(*people.in_order())
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[Holder]:
    return [Holder(r[0], r[1], r[2], (r[3] or "")[-4:], r[4], r[5], r[6]) for r in db.session.execute(query)]


def members(unit_id: int, day: date, limit: int, offset: int = 0) -> list[Holder]:
    """Everyone with an open tie to a unit: its branch members, its team, its residents."""
    tied = select(Membership.person_id).where(Membership.unit_id == unit_id, people.holds_on(Membership, day))
    return _rows(_holders(day).where(Person.id.in_(tied)).limit(limit).offset(offset))


def find(words: str, roots: Collection[int], day: date) -> list[Holder]:
    """By whole name, whole phone or its last four digits, within scope; thirty at most."""
    number = Phone.number == words if len(words) > 4 else Phone.number.like(f"%{words}")
    reached = select(Phone.id).where(Phone.person_id == Person.id, number, people.holds_on(Phone, day)).exists()
    meant: ColumnElement[bool] = reached if words.isdigit() and len(words) >= 4 else Person.name == words
    return _rows(_holders(day).where(meant, _in_scope(roots, day)).limit(30))


def printable(person_ids: Collection[int], roots: Collection[int], day: date) -> list[Holder]:
    """Those of the persons who are in scope; the others are left out."""
    return _rows(_holders(day).where(Person.id.in_(person_ids), _in_scope(roots, day)))


def communities(person_ids: Collection[int], day: date) -> dict[int, str]:
    """person id → 灯湖社区, from the unit they belong to; people of no community are left out. Three queries."""
    units = people.home_units_on(person_ids, day)
    above = people.communities_of(set(units.values()), day)
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(set(above.values()))))
    names = {unit_id: name.removesuffix("党委") for unit_id, name in rows}
    return {person_id: names[above[unit_id]] for person_id, unit_id in units.items() if unit_id in above}


@dataclass(frozen=True)
class UnitCards:
    id: int
    name: str
    kind: UnitKind
    people: int
    cards: int


def units(roots: Collection[int], day: date) -> list[UnitCards]:
    """Units in scope that have people, with how many of them hold a valid card, in the order of their names; two queries."""
    tied = (
        select(Membership.unit_id, func.count(Membership.person_id.distinct()), func.count(MemberCard.person_id.distinct()))
        .outerjoin(MemberCard, and_(MemberCard.person_id == Membership.person_id, MemberCard.revoked_at.is_(None)))
        .where(Membership.unit_id.in_(people.below(roots, day)), people.holds_on(Membership, day))
        .group_by(Membership.unit_id)
    )
    counts = {unit_id: (everyone, cards) for unit_id, everyone, cards in db.session.execute(tied)}
    found = [UnitCards(row.id, row.name, row.kind, *counts[row.id]) for row in people.units_below(roots, day) if row.id in counts]
    return sorted(found, key=lambda one: natural(one.name))


@dataclass(frozen=True)
class Community:
    """A community's units that have people; `name` is empty for those that belong to none."""

    name: str
    units: list[UnitCards]


def by_community(units: list[UnitCards], day: date) -> list[Community]:
    """Communities in the order of their names, what belongs to none at the end; two queries."""
    above = people.communities_of([one.id for one in units], day)
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(set(above.values()))))
    names: dict[int, str] = {unit_id: name.removesuffix("党委") for unit_id, name in rows}
    grouped: dict[str, list[UnitCards]] = {name: [] for name in sorted(names.values(), key=natural)}
    alone: list[UnitCards] = []
    for one in units:
        (grouped[names[above[one.id]]] if one.id in above else alone).append(one)
    return [*(Community(name, held) for name, held in grouped.items()), *([Community("", alone)] if alone else [])]


def cards_to_print(card_ids: Collection[int], roots: Collection[int], day: date) -> list[Holder]:
    """The holders in scope of those cards that are still valid, by name."""
    return _rows(_holders(day).where(MemberCard.id.in_(card_ids), _in_scope(roots, day)))


def revoked(card_ids: Collection[int], roots: Collection[int], day: date) -> int:
    """How many of those cards were taken back, of holders in scope."""
    query = select(func.count()).select_from(MemberCard).join(Person, Person.id == MemberCard.person_id)
    return db.session.scalar(query.where(MemberCard.id.in_(card_ids), MemberCard.revoked_at.is_not(None), _in_scope(roots, day))) or 0
