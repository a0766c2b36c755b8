"""Merges as they are listed: whose turn it is, what was done lately."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.merges.models import STANDS, Merge
from app.merges.rules import UNDO_FOR, State, Verdict
from app.people.models import Membership, Person
from app.people.queries import below, holds_all, holds_on
from app.people.queries.units import is_the_whole
from app.people.rules import HOMES

SHOWN = 30


@dataclass(frozen=True)
class MergeRow:
    id: int
    stays_id: int
    goes_id: int
    stays_name: str
    goes_name: str
    reason: str
    maker_id: int
    maker: str
    made_at: datetime
    decider: str | None
    decided_at: datetime | None
    verdict: Verdict | None
    answer: str
    merged_at: datetime | None
    undo_at: datetime | None
    undo_by: str | None
    undo_reason: str
    undone_at: datetime | None
    erased_at: datetime | None

    @property
    def state(self) -> State:
        if self.verdict is None:
            return State.WAITING
        if self.verdict is not Verdict.APPROVED:
            return State(self.verdict.value)
        if self.merged_at is None:
            return State.MOVING
        if self.undo_at is None:
            return State.MERGED
        return State.UNDONE if self.undone_at else State.UNDOING

    @property
    def undo_until(self) -> datetime | None:
        return self.decided_at + UNDO_FOR if self.decided_at else None


def _select() -> Select[Any]:
    stays, goes, maker, decider, undoer = (Person.__table__.alias(name) for name in ("stays", "goes", "maker", "decider", "undoer"))
    m = Merge
    return (
        select(
            m.id, m.stays_id, m.goes_id, stays.c.name, goes.c.name, m.reason, m.proposed_by_id, maker.c.name, m.proposed_at,
            decider.c.name, m.decided_at, m.verdict, m.answer, m.merged_at, m.undo_at, undoer.c.name, m.undo_reason, m.undone_at,
            func.coalesce(stays.c.erased_at, goes.c.erased_at),
        )
        .join(stays, stays.c.id == m.stays_id)
        .join(goes, goes.c.id == m.goes_id)
        .join(maker, maker.c.id == m.proposed_by_id)
        .outerjoin(decider, decider.c.id == m.decided_by_id)
        .outerjoin(undoer, undoer.c.id == m.undo_by_id)
    )  # fmt: skip


def merge(merge_id: int) -> MergeRow | None:
    row = db.session.execute(_select().where(Merge.id == merge_id)).one_or_none()
    return MergeRow(*row) if row else None


def _both_below(roots: Any, day: date) -> ColumnElement[bool]:
    """Both records are at home below the units (of one that went the other speaks); or, for who holds the whole subdistrict, nowhere."""
    anywhere = select(Membership.person_id).where(Membership.kind.in_(HOMES), holds_on(Membership, day))
    homes = anywhere.where(Membership.unit_id.in_(below(roots, day)))

    def here(column: Any) -> ColumnElement[bool]:
        return or_(column.in_(homes), and_(is_the_whole(roots), column.not_in(anywhere)))

    went = select(Person.id).where(Person.id == Merge.goes_id, Person.became_id.is_not(None)).exists()
    return and_(here(Merge.stays_id), or_(went, here(Merge.goes_id)))


def done(roots: Collection[int], day: date, *, start: int = 0, limit: int = SHOWN) -> list[MergeRow]:
    """Decided about, the latest first; one query."""
    query = _select().where(Merge.verdict.is_not(None))
    if not holds_all(roots):
        query = query.where(_both_below(roots, day))
    return [
        MergeRow(*row) for row in db.session.execute(query.order_by(Merge.decided_at.desc(), Merge.id.desc()).offset(start).limit(limit))
    ]


def waiting(roots: Collection[int], day: date) -> list[MergeRow]:
    """The longest first; one query."""
    query = _select().where(or_(Merge.verdict.is_(None), Merge.id.in_(unfinished())))
    if not holds_all(roots):
        query = query.where(_both_below(roots, day))
    return [MergeRow(*row) for row in db.session.execute(query.order_by(Merge.proposed_at, Merge.id))]


def unfinished() -> Select[int]:
    """Those that stopped between two steps."""
    half = or_(Merge.merged_at.is_(None), Merge.undo_at.is_not(None) & Merge.undone_at.is_(None))
    return select(Merge.id).where(Merge.verdict == Verdict.APPROVED, half)


def for_actor(actor: Actor, day: date) -> Select[int]:
    """How many wait for this actor, of whom they see: not their own proposals, nor those about themselves."""
    return select(func.count()).select_from(Merge).where(*_turn(actor, day))


def _turn(actor: Actor, day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Merge.verdict.is_(None),
        Merge.proposed_by_id != actor.person_id,
        Merge.stays_id != actor.person_id,
        Merge.goes_id != actor.person_id,
        _both_below(actor.roots(Action.PERSON_MERGE), day),
    )


def items_for(actor: Actor, day: date) -> list[MergeRow]:
    return [MergeRow(*row) for row in db.session.execute(_select().where(*_turn(actor, day)).order_by(Merge.proposed_at, Merge.id))]


def of_person(person_id: int) -> list[MergeRow]:
    """Merges that stand or are being undone, of which somebody is the one who stays."""
    query = _select().where(Merge.stays_id == person_id, Merge.verdict == Verdict.APPROVED, Merge.undone_at.is_(None))
    return [MergeRow(*row) for row in db.session.execute(query.order_by(Merge.id))]


def standing(goes_id: int) -> tuple[int, int] | None:
    """(id, who stays) of the proposal or merge that stands about a record that goes: there is one at most."""
    found = select(Merge.id, Merge.stays_id).where(Merge.goes_id == goes_id, STANDS)
    row = db.session.execute(found).one_or_none()
    return (row.id, row.stays_id) if row else None
