"""Finding people within one's rights: by name, initials, phone or unit. The number of queries does not grow with what is found."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select, tuple_

from app.core.db import db
from app.people.models import Membership, Person, Phone, Unit, UnitAncestry
from app.people.name_rules import fit, natural
from app.people.naming import mask_phone
from app.people.queries.dated import holds_on
from app.people.queries.members import stages_of
from app.people.queries.persons import in_order, phones_of
from app.people.queries.trees import UNITS, paths_of
from app.people.queries.units import below, root_unit
from app.people.rules import MembershipKind, StageKind, UnitKind

PAGE = 20
LARGEST = 2**31 - 1  # that an id can be
SAME_DIGITS = 500  # of 14,000 people one or two share their last four digits


class Sight(StrEnum):
    """How much of somebody an actor may see."""

    GUEST = "guest"  # reported in or living here, or of a team here: name and hours
    HOME = "home"  # a member here, or a resident here who is a member nowhere: everything that the branch knows


@dataclass(frozen=True)
class Tie:
    kind: MembershipKind
    unit_id: int
    unit_name: str
    since: date


@dataclass(frozen=True)
class Found:
    """One line of the directory. `stage` is for home members only; `phone` is masked; their page has the whole one and logs who looked."""

    id: int
    name: str
    confirmed: bool
    sight: Sight
    home: str
    ties: tuple[Tie, ...]
    stage: StageKind | None
    phone: str | None


@dataclass(frozen=True)
class Page:
    """`after` is the id of the last line, to go on from; None on the last page."""

    rows: list[Found]
    after: int | None


def within(unit_ids: Collection[int], roots: Collection[int], day: date) -> frozenset[int]:
    """Those of the units that lie below `roots`; one query."""
    if not unit_ids or not roots:
        return frozenset()
    found = select(UnitAncestry.unit_id).where(
        UnitAncestry.unit_id.in_(unit_ids), UnitAncestry.ancestor_id.in_(roots), holds_on(UnitAncestry, day)
    )
    return frozenset(db.session.scalars(found))


def holds_all(roots: Collection[int]) -> bool:
    """The whole subdistrict is in scope, and with it those who belong to no unit."""
    root = root_unit()
    return root is not None and root.id in roots


def homes_of(ties: Collection[Tie]) -> tuple[Tie, ...]:
    """The home branch; only where there is none, the community a resident belongs to (as home_units_on says)."""
    homes = tuple(tie for tie in ties if tie.kind is MembershipKind.HOME)
    return homes or tuple(tie for tie in ties if tie.kind is MembershipKind.RESIDENT)


def sight(person_id: int, roots: Collection[int], day: date) -> Sight | None:
    """What an actor with these roots may see of a person; None when nothing."""
    if not roots:
        return None
    ties = ties_of([person_id], day).get(person_id, ())
    here, homes = within({tie.unit_id for tie in ties}, roots, day), homes_of(ties)
    if any(tie.unit_id in here for tie in homes):
        return Sight.HOME
    if not homes and holds_all(roots):
        here_still = select(Person.id).where(Person.id == person_id, Person.became_id.is_(None), Person.erased_at.is_(None))
        return Sight.HOME if db.session.scalar(here_still) else None
    return Sight.GUEST if any(tie.unit_id in here for tie in ties) else None


def ties_of(person_ids: Collection[int], day: date) -> dict[int, tuple[Tie, ...]]:
    """The memberships of each on a day, the home branch first; one query."""
    rows = db.session.execute(
        select(Membership.person_id, Membership.kind, Unit.id, Unit.name, Membership.valid_from)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id.in_(person_ids), holds_on(Membership, day))
        .order_by(Membership.kind != MembershipKind.HOME, Membership.valid_from, Membership.id)
    )
    found: dict[int, list[Tie]] = {}
    for person_id, kind, unit_id, name, since in rows:
        found.setdefault(person_id, []).append(Tie(kind, unit_id, name, since))
    return {person_id: tuple(ties) for person_id, ties in found.items()}


def search(words: str, roots: Collection[int], day: date, *, unit_id: int | None = None, after: int | None = None) -> Page:
    """People in scope whom all the words fit, by first letter, surname and initials. An `after` that is not in scope is the beginning."""
    query = (
        select(Person.id, Person.name, Person.confirmed_at)
        .where(Person.became_id.is_(None), Person.erased_at.is_(None))
        .order_by(*in_order())
    )
    everyone = holds_all(roots)
    ours = None if everyone else below(roots, day)
    members = select(Membership.person_id).where(holds_on(Membership, day))
    if ours is not None:
        query = query.where(Person.id.in_(members.where(Membership.unit_id.in_(ours))))
    if unit_id is not None:
        query = query.where(Person.id.in_(members.where(Membership.unit_id.in_(below([unit_id], day)))))
    for word in words.split()[:4]:
        named = members.join(Unit, Unit.id == Membership.unit_id).where(Unit.name.contains(word, autoescape=True))
        units = Person.id.in_(named if ours is None else named.where(Membership.unit_id.in_(ours)))
        query = query.where(_fits(word, units, day))
    if after is not None and 0 < after <= LARGEST:
        last = db.session.execute(query.with_only_columns(*in_order()).order_by(None).where(Person.id == after)).one_or_none()
        if last is not None:
            query = query.where(tuple_(*in_order()) > tuple_(*last))
    rows = db.session.execute(query.limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    return Page(
        _lines([(row.id, row.name, row.confirmed_at) for row in shown], roots, everyone, day),
        shown[-1].id if len(rows) > PAGE else None,
    )


def _fits(word: str, units: ColumnElement[bool], day: date) -> ColumnElement[bool]:
    if word.isascii() and word.isdigit():
        number = Phone.number == word if len(word) > 4 else Phone.number.endswith(word, autoescape=True)
        own = select(Phone.person_id).where(number, holds_on(Phone, day)).distinct().limit(SAME_DIGITS)
        return Person.id.in_(list(db.session.scalars(own)))  # read first: SQLite would ask it anew for every person
    if word.isascii():
        return Person.initials.contains(word.lower(), autoescape=True)
    return or_(Person.name.contains(word, autoescape=True), units)


def _lines(rows: list[tuple[int, str, object]], roots: Collection[int], everyone: bool, day: date) -> list[Found]:
    ids = [row[0] for row in rows]
    ties, phones, stages = ties_of(ids, day), phones_of(ids, day), stages_of(ids, day)
    units = {tie.unit_id for person in ties.values() for tie in person}
    here = within(units, roots, day)
    found = []
    for person_id, name, confirmed_at in rows:
        own = ties.get(person_id, ())
        homes = homes_of(own)
        at_home = any(tie.unit_id in here for tie in homes) or (everyone and not homes)
        reported = any(tie.kind is MembershipKind.REPORTED and tie.unit_id in here for tie in own)
        found.append(
            Found(
                id=person_id,
                name=name,
                confirmed=confirmed_at is not None,
                sight=Sight.HOME if at_home else Sight.GUEST,
                home=homes[0].unit_name if homes and (at_home or reported) else "",
                ties=tuple(tie for tie in own if tie not in homes and tie.unit_id in here),
                stage=stages[person_id].kind if at_home and person_id in stages else None,
                phone=mask_phone(phones[person_id]) if person_id in phones else None,
            )
        )
    return found


@dataclass(frozen=True)
class UnitChoice:
    """A unit that somebody may be moved to or join, with what stands above it."""

    id: int
    name: str
    above: str


def units_named(words: str, kinds: Collection[UnitKind], limit: int, day: date) -> list[UnitChoice]:
    """Standing units of some kinds that the words fit: by their own name, by the community or branch above them, or by initials.

    The best first, in the order of their numbers; `limit` and one at most, so that more shows. Two queries.
    """
    standing = select(Unit.id, Unit.name).where(Unit.kind.in_(kinds), Unit.closed_on.is_(None))
    return fitting(words, [(row.id, row.name) for row in db.session.execute(standing)], day)[: limit + 1]


def fitting(words: str, units: Collection[tuple[int, str]], day: date) -> list[UnitChoice]:
    """Those of the units (ids and names) that the words fit, the best first; one query."""
    paths = paths_of(UNITS, [unit_id for unit_id, _ in units], day)
    ranked = []
    for unit_id, name in units:
        above = paths.get(unit_id, [])[1:]  # all stand below the 街道
        rank = fit(words, name, above)
        if rank is not None:
            ranked.append((rank, natural(name), unit_id, UnitChoice(unit_id, name, "，".join(above))))
    return [choice for *_, choice in sorted(ranked, key=lambda row: row[:3])]
