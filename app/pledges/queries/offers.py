"""Reading offers and who took them on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.people.models import Membership, Person, Unit
from app.people.queries import holds_on
from app.people.rules import MembershipKind
from app.pledges.models import Offer, Pledge
from app.pledges.rules import OfferKind, is_open


@dataclass(frozen=True)
class OfferRow:
    id: int
    unit_id: int
    unit_name: str
    kind: OfferKind
    title: str
    words: str
    seats: int | None
    taken: int
    opens_on: date
    last_day: date | None
    closed_on: date | None

    @property
    def full(self) -> bool:
        return self.seats is not None and self.taken >= self.seats

    def is_open(self, today: date) -> bool:
        return is_open(self.opens_on, self.last_day, self.closed_on, today)


def _offers() -> Any:
    return select(
        Offer.id,
        Offer.unit_id,
        Unit.name,
        Offer.kind,
        Offer.title,
        Offer.words,
        Offer.seats,
        Offer.taken,
        Offer.opens_on,
        Offer.last_day,
        Offer.closed_on,
    ).join(Unit, Unit.id == Offer.unit_id)


def offer(offer_id: int) -> OfferRow | None:
    row = db.session.execute(_offers().where(Offer.id == offer_id)).one_or_none()
    return OfferRow(*row) if row else None


def offers_of(unit_id: int, today: date, *, past: bool = False) -> list[OfferRow]:
    """What a community offers or will offer; with `past` what it offered before. The newest first."""
    over = or_(Offer.closed_on.is_not(None), and_(Offer.last_day.is_not(None), Offer.last_day < today))
    query = _offers().where(Offer.unit_id == unit_id, over if past else ~over)
    return [OfferRow(*row) for row in db.session.execute(query.order_by(Offer.id.desc()).limit(200))]


@dataclass(frozen=True)
class Taker:
    """Somebody who took an offer on. `recorded` says that another person noted it for them."""

    pledge_id: int
    person_id: int
    name: str
    home_name: str | None
    made_at: datetime
    recorded: bool
    withdrawn_at: datetime | None
    done_at: datetime | None
    confirmer_name: str | None


def takers(offer_id: int, day: date) -> list[Taker]:
    """Those who stand first, then who withdrew; one query."""
    confirmer = aliased(Person)
    rows = db.session.execute(
        select(
            Pledge.id,
            Pledge.person_id,
            Person.name,
            Unit.name,
            Pledge.made_at,
            Pledge.made_by_id != Pledge.person_id,
            Pledge.withdrawn_at,
            Pledge.done_at,
            confirmer.name,
        )
        .join(Person, Person.id == Pledge.person_id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.kind == MembershipKind.HOME, holds_on(Membership, day)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .outerjoin(confirmer, confirmer.id == Pledge.confirmed_by_id)
        .where(Pledge.offer_id == offer_id)
        .order_by(Pledge.withdrawn_at.is_not(None), Pledge.id)
    )
    return [Taker(*row) for row in rows]


@dataclass(frozen=True)
class PledgeRow:
    """One pledge that stands or stood, with its offer."""

    id: int
    person_id: int
    name: str
    offer_id: int
    unit_id: int
    unit_name: str
    kind: OfferKind
    title: str
    made_at: datetime
    withdrawn_at: datetime | None
    done_at: datetime | None


def _pledges() -> Any:
    return (
        select(
            Pledge.id,
            Pledge.person_id,
            Person.name,
            Offer.id,
            Offer.unit_id,
            Unit.name,
            Offer.kind,
            Offer.title,
            Pledge.made_at,
            Pledge.withdrawn_at,
            Pledge.done_at,
        )
        .join(Person, Person.id == Pledge.person_id)
        .join(Offer, Offer.id == Pledge.offer_id)
        .join(Unit, Unit.id == Offer.unit_id)
    )


def pledge(pledge_id: int) -> PledgeRow | None:
    row = db.session.execute(_pledges().where(Pledge.id == pledge_id)).one_or_none()
    return PledgeRow(*row) if row else None


def standing(person_ids: Collection[int]) -> dict[int, list[PledgeRow]]:
    """person id → what they took on and did not withdraw from, the oldest first; one query."""
    found: dict[int, list[PledgeRow]] = {}
    rows = db.session.execute(_pledges().where(Pledge.person_id.in_(person_ids), Pledge.withdrawn_at.is_(None)).order_by(Pledge.id))
    for row in rows:
        found.setdefault(row[1], []).append(PledgeRow(*row))
    return found
