"""One wish as those who handle it see it: every step with its person; and, for them alone, whom to reach."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.people.models import Person, Unit
from app.people.queries import being
from app.wishes.models import Wish, WishClaim, WishPrivate, WishStepEntry
from app.wishes.queries.facts import rule
from app.wishes.rules import ClaimKind, ForWhom, Step, Way, WishKind


@dataclass(frozen=True)
class StepRow:
    """`name` of who took it, "" for nobody with an account; on the staff's page only."""

    step: Step
    at: datetime
    on: date
    name: str
    note: str
    reference: str


def steps(wish_id: int) -> list[StepRow]:
    rows = db.session.execute(
        select(
            WishStepEntry.step,
            WishStepEntry.at,
            WishStepEntry.happened_on,
            func.coalesce(Person.name, ""),
            WishStepEntry.note,
            WishStepEntry.reference,
        )
        .outerjoin(Person, Person.id == WishStepEntry.by_id)
        .where(WishStepEntry.wish_id == wish_id)
        .order_by(WishStepEntry.seq)
    )
    return [StepRow(*row) for row in rows]


@dataclass(frozen=True)
class DeskWish:
    """The whole of a wish but what is private."""

    id: int
    number: str
    unit_id: int
    unit_name: str
    kind: WishKind
    whom: ForWhom
    way: Way
    cost: int | None
    title: str
    words: str
    source_unit: str | None
    told_at: datetime
    published_on: date | None
    ended_on: date | None
    veiled: bool


SOURCE = Unit.__table__.alias("source")


def desk_wish(wish_id: int) -> DeskWish | None:
    row: Any = db.session.execute(
        select(
            Wish.id,
            Wish.number,
            Wish.unit_id,
            Unit.name,
            Wish.kind,
            Wish.whom,
            Wish.way,
            Wish.cost,
            Wish.title,
            Wish.words,
            SOURCE.c.name,
            Wish.told_at,
            Wish.published_on,
            Wish.ended_on,
            Wish.veiled_at,
        )
        .join(Unit, Unit.id == Wish.unit_id)
        .outerjoin(SOURCE, SOURCE.c.id == Wish.source_unit_id)
        .where(Wish.id == wish_id)
    ).one_or_none()
    if row is None:
        return None
    values: Any = (*row[:14], row[14] is not None)
    return DeskWish(*values)


@dataclass(frozen=True)
class PrivateRow:
    """For those who handle it, and nobody else."""

    words: str
    name: str
    phone: str
    place: str


def private(wish_id: int, today: date) -> PrivateRow | None:
    """None once it is erased, or would have to be: what is due to be erased is not shown, whether or not the command has run."""
    row = db.session.execute(
        select(WishPrivate.words, WishPrivate.name, WishPrivate.phone, WishPrivate.place, Wish.ended_on)
        .join(Wish, Wish.id == WishPrivate.wish_id)
        .where(WishPrivate.wish_id == wish_id, WishPrivate.erased_at.is_(None))
    ).one_or_none()
    if row is None or (row[4] is not None and today > row[4] + timedelta(days=rule().erase_after)):
        return None
    return PrivateRow(*row[:4])


@dataclass(frozen=True)
class ClaimerRow:
    """Who claimed it, for those who connect them. The phone of a person with an account stands in their own record."""

    claim_id: int
    kind: ClaimKind
    name: str
    phone: str
    unit_name: str | None
    claimed_on: date
    due_on: date
    connected_on: date | None
    by_id: int | None


def claimer(wish_id: int, today: date) -> ClaimerRow | None:
    """Of the claim that stands; once the wish is over so long that names are erased, nobody is there to be called: `by_id` is None."""
    row: Any = db.session.execute(
        select(
            WishClaim.id,
            WishClaim.kind,
            WishClaim.name,
            Person.name,
            WishClaim.phone,
            Unit.name,
            WishClaim.claimed_on,
            WishClaim.due_on,
            WishClaim.connected_on,
            being(WishClaim.by_id),
            Wish.ended_on,
        )
        .join(Wish, Wish.id == WishClaim.wish_id)
        .outerjoin(Person, Person.id == WishClaim.by_id)
        .outerjoin(Unit, Unit.id == WishClaim.unit_id)
        .where(WishClaim.wish_id == wish_id, WishClaim.ended_on.is_(None))
    ).one_or_none()
    if row is None:
        return None
    claim_id, kind, left, person, phone, unit, claimed_on, due_on, connected_on, by_id, ended_on = row
    if ended_on is not None and today > ended_on + timedelta(days=rule().erase_after):
        left, phone, by_id = "", "", None
    name = left if kind is ClaimKind.DONOR else person
    return ClaimerRow(claim_id, kind, name, phone, unit, claimed_on, due_on, connected_on, by_id)
