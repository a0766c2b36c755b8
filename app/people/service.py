"""Recording persons and units, and changing their dated ties. Called inside a write transaction; nothing here commits."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import and_, insert, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict, Invalid
from app.people import queries
from app.people.models import (
    Consent,
    Membership,
    Person,
    Phone,
    Place,
    PlaceAncestry,
    PlaceParent,
    PlaceUnit,
    Stage,
    Unit,
    UnitAncestry,
    UnitParent,
)
from app.people.rules import ConsentKind, Gender, MembershipKind, Origin, PlaceKind, StageKind, UnitKind


def lock_person(person_id: int) -> None:
    """Take the person's row first (persons, shifts, totals), so that two writes about one person queue up."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def lock_persons(person_ids: Collection[int]) -> None:
    """`lock_person` for many, in ascending order and in one statement."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update(key_share=True))


def create_unit(kind: UnitKind, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new unit under `parent_id`; only the subdistrict has none. Raises Invalid for a name its siblings have."""
    writing()
    if parent_id is None and queries.root_unit() is not None:
        raise Conflict("街道已经建好了，新的组织请建在它下面。")
    if parent_id is not None:
        twin = (
            select(Unit.id)
            .join(UnitParent, UnitParent.unit_id == Unit.id)
            .where(UnitParent.parent_id == parent_id, UnitParent.valid_to.is_(None), Unit.name == name, Unit.closed_on.is_(None))
        )
        if db.session.scalar(twin) is not None:
            raise Invalid({"name": f"这里已经有“{name}”了"})
    unit_id: int = db.session.execute(insert(Unit).values(kind=kind, name=name, opened_on=opened_on).returning(Unit.id)).scalar_one()
    if parent_id is not None:
        db.session.execute(insert(UnitParent).values(unit_id=unit_id, parent_id=parent_id, valid_from=opened_on))
        above = select(UnitAncestry.ancestor_id, UnitAncestry.depth).where(
            UnitAncestry.unit_id == parent_id, UnitAncestry.valid_to.is_(None)
        )
        lines = [
            {"unit_id": unit_id, "ancestor_id": ancestor, "depth": depth + 1, "valid_from": opened_on}
            for ancestor, depth in db.session.execute(above)
        ]
    else:
        lines = []
    db.session.execute(insert(UnitAncestry), [*lines, {"unit_id": unit_id, "ancestor_id": unit_id, "depth": 0, "valid_from": opened_on}])
    audit.record(actor_id, "unit", "unit", unit_id, name=name, kind=kind.value, parent=parent_id)
    return unit_id


def create_place(kind: PlaceKind, name: str, parent_id: int | None, opened_on: date, actor_id: int | None) -> int:
    """A new place inside `parent_id`; a 社区 has none. Raises Invalid for a name its siblings have."""
    writing()
    twins = (
        select(Place.id)
        .outerjoin(PlaceParent, and_(PlaceParent.place_id == Place.id, PlaceParent.valid_to.is_(None)))
        .where(PlaceParent.parent_id.is_not_distinct_from(parent_id), Place.name == name, Place.closed_on.is_(None))
    )
    if db.session.scalar(twins) is not None:
        raise Invalid({"name": f"这里已经有“{name}”了"})
    place_id: int = db.session.execute(insert(Place).values(kind=kind, name=name, opened_on=opened_on).returning(Place.id)).scalar_one()
    lines = [{"place_id": place_id, "ancestor_id": place_id, "depth": 0, "valid_from": opened_on}]
    if parent_id is not None:
        db.session.execute(insert(PlaceParent).values(place_id=place_id, parent_id=parent_id, valid_from=opened_on))
        above = select(PlaceAncestry.ancestor_id, PlaceAncestry.depth).where(
            PlaceAncestry.place_id == parent_id, PlaceAncestry.valid_to.is_(None)
        )
        lines += [
            {"place_id": place_id, "ancestor_id": ancestor, "depth": depth + 1, "valid_from": opened_on}
            for ancestor, depth in db.session.execute(above)
        ]
    db.session.execute(insert(PlaceAncestry), lines)
    audit.record(actor_id, "place", "place", place_id, name=name, kind=kind.value, parent=parent_id)
    return place_id


def tie_place(place_id: int, unit_id: int, from_day: date, actor_id: int | None) -> None:
    """支部建在小区上. Nothing when they are tied already."""
    writing()
    tied = select(PlaceUnit.id).where(PlaceUnit.place_id == place_id, PlaceUnit.unit_id == unit_id, PlaceUnit.valid_to.is_(None))
    if db.session.scalar(tied) is None:
        db.session.execute(insert(PlaceUnit).values(place_id=place_id, unit_id=unit_id, valid_from=from_day))
        audit.record(actor_id, "place.unit", "place", place_id, unit=unit_id)


def record_person(
    name: str,
    origin: Origin,
    now: datetime,
    *,
    phone: str | None = None,
    gender: Gender | None = None,
    birth_date: date | None = None,
    confirmed_by_id: int | None = None,
    confirmed: bool = False,
) -> int:
    """A new person, always: who it might also be is for people to decide, never for a matching phone."""
    writing()
    person_id: int = db.session.execute(
        insert(Person)
        .values(
            name=name,
            origin=origin,
            gender=gender,
            birth_date=birth_date,
            recorded_at=now,
            confirmed_at=now if confirmed else None,
            confirmed_by_id=confirmed_by_id,
            note="",
        )
        .returning(Person.id)
    ).scalar_one()
    if phone:
        db.session.execute(insert(Phone).values(person_id=person_id, number=phone, valid_from=clock.local_date(now)))
    return person_id


_followers: list[Callable[[int, datetime], None]] = []


def when_confirmed(follow: Callable[[int, datetime], None]) -> None:
    """Register what else happens when somebody is confirmed (hours that waited are credited), in the same transaction."""
    if follow not in _followers:
        _followers.append(follow)


def confirm_person(person_id: int, by_id: int, now: datetime) -> bool:
    """Somebody says who this is. False when it was said before; nothing is overwritten."""
    writing()
    confirming = update(Person).where(Person.id == person_id, Person.confirmed_at.is_(None)).values(confirmed_at=now, confirmed_by_id=by_id)
    done = db.session.execute(confirming.returning(Person.id)).scalar_one_or_none() is not None
    if done:
        audit.record(by_id, "person.confirmation", "person", person_id)
        for follow in _followers:
            follow(person_id, now)
    return done


def become(person_id: int, known_id: int) -> None:
    """A walk-in turned out to be somebody known; what their phone scans from now on is that person's."""
    writing()
    db.session.execute(update(Person).where(Person.id == person_id).values(became_id=known_id))


def add_phone(person_id: int, number: str, from_day: date) -> None:
    """One more contact; nothing when it is there already."""
    writing()
    known = select(Phone.id).where(Phone.person_id == person_id, Phone.number == number, Phone.valid_to.is_(None))
    if db.session.scalar(known) is None:
        db.session.execute(insert(Phone).values(person_id=person_id, number=number, valid_from=from_day))


def rename_unit(unit_id: int, name: str, actor_id: int) -> None:
    writing()
    before = db.session.scalar(select(Unit.name).where(Unit.id == unit_id))
    if before != name:
        db.session.execute(update(Unit).where(Unit.id == unit_id).values(name=name))
        audit.record(actor_id, "unit.name", "unit", unit_id, before=before, after=name)


def join(person_id: int, unit_id: int, kind: MembershipKind, from_day: date) -> None:
    """A new membership. A home branch closes the one before it on that day."""
    writing()
    if kind is MembershipKind.HOME:
        db.session.execute(
            update(Membership)
            .where(Membership.person_id == person_id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None))
            .values(valid_to=from_day)
        )
    db.session.execute(insert(Membership).values(person_id=person_id, unit_id=unit_id, kind=kind, valid_from=from_day))


def begin_stage(person_id: int, kind: StageKind, began_on: date) -> None:
    writing()
    db.session.execute(insert(Stage).values(person_id=person_id, kind=kind, began_on=began_on))


def give_consent(person_id: int, kind: ConsentKind, now: datetime) -> None:
    """Nothing when it is given already."""
    writing()
    if not queries.has_consented(person_id, kind):
        db.session.execute(insert(Consent).values(person_id=person_id, kind=kind, given_at=now))
        audit.record(person_id, "consent", "person", person_id, kind=kind.value)


def withdraw_consent(person_id: int, kind: ConsentKind, now: datetime) -> None:
    """Effective at once."""
    writing()
    db.session.execute(
        update(Consent).where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    audit.record(person_id, "consent.withdrawal", "person", person_id, kind=kind.value)


def leave(person_id: int, unit_id: int, kind: MembershipKind, on: date) -> None:
    """Close a membership that stands; from `on` it no longer holds."""
    writing()
    db.session.execute(
        update(Membership)
        .where(Membership.person_id == person_id, Membership.unit_id == unit_id, Membership.kind == kind, Membership.valid_to.is_(None))
        .values(valid_to=on)
    )
