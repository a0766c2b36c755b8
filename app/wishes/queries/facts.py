"""One wish as the services and the views need it to decide: where it stands, whose it is, who claimed it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.sql.expression import literal

from app.core.db import db
from app.people.models import Person, Place
from app.people.queries import being
from app.people.rules import PlaceKind
from app.settings import queries as settings
from app.wishes.models import Wish, WishClaim, WishPrivate
from app.wishes.rules import DAYS, ERASE_AFTER, SETTING, ClaimKind, Rule, Step
from app.wishes.step_rules import Standing

FINER = (PlaceKind.ESTATE, PlaceKind.BUILDING, PlaceKind.STAIRWELL)


def rule() -> Rule:
    """本地规定."""
    found = settings.value(SETTING, {"connect_days": DAYS, "erase_after": ERASE_AFTER})
    return Rule(int(found["connect_days"]), int(found["erase_after"]))


@dataclass(frozen=True)
class Facts:
    """People are who they are now: what their former record told, claimed or decided, they did."""

    id: int
    number: str
    unit_id: int
    title: str
    words: str
    state: Step | None
    steps: int
    last_by_id: int | None
    own_id: int | None
    told_by_id: int | None
    project_id: int | None
    veiled: bool
    claim_id: int | None
    claim_kind: ClaimKind | None
    claimer_id: int | None
    due_on: date | None
    connected: bool

    @property
    def standing(self) -> Standing:
        return Standing(self.state, self.last_by_id, self.own_id, self.claimer_id, None if self.connected else self.due_on)

    def on(self, today: date) -> Step | None:
        return self.standing.on(today).state


def facts(wish_id: int) -> Facts | None:
    row: Any = db.session.execute(
        select(
            Wish.id,
            Wish.number,
            Wish.unit_id,
            Wish.title,
            Wish.words,
            Wish.state,
            Wish.steps,
            being(Wish.last_by_id),
            being(Wish.own_id),
            being(Wish.told_by_id),
            Wish.project_id,
            Wish.veiled_at,
            WishClaim.id,
            WishClaim.kind,
            being(WishClaim.by_id),
            WishClaim.due_on,
            WishClaim.connected_on,
        )
        .outerjoin(WishClaim, (WishClaim.wish_id == Wish.id) & WishClaim.ended_on.is_(None))
        .where(Wish.id == wish_id)
    ).one_or_none()
    if row is None:
        return None
    *first, veiled_at, claim_id, kind, by_id, due_on, connected_on = row
    values: Any = (*first, veiled_at is not None, claim_id, kind, by_id, due_on, connected_on is not None)
    return Facts(*values)


def told_before(form_key: str | None) -> int | None:
    """The wish that the same page has already told: a form sent twice is one wish."""
    return db.session.scalar(select(Wish.id).where(Wish.form_key == form_key)) if form_key else None


def names_to_keep_out(wish_id: int | None, text: str) -> list[str]:
    """Names that stand in the words: of whose wish it is, and of anybody on record (three letters or more; two are too often a word)."""
    standing = select(Person.name).where(func.length(Person.name) > 2, literal(text).contains(Person.name)).distinct()
    names = list(db.session.scalars(standing))
    if wish_id is not None:
        names += [name for name in db.session.scalars(select(WishPrivate.name).where(WishPrivate.wish_id == wish_id)) if name]
        own = select(Person.name).join(Wish, Wish.own_id == Person.id).where(Wish.id == wish_id)
        names += list(db.session.scalars(own))
    return names


def places_to_keep_out(text: str) -> list[str]:
    """Estates and buildings on record that stand in the words."""
    found = select(Place.name).where(Place.kind.in_(FINER), literal(text).contains(Place.name)).distinct()
    return list(db.session.scalars(found))
