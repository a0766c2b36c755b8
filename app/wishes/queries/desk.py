"""The heaps of the desk, and a line of them. No name and no phone stands in it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import db
from app.people.models import Unit
from app.people.queries import below
from app.wishes.models import Wish, WishClaim
from app.wishes.queries.rounds import free_on, taken_on
from app.wishes.rules import FULL, ForWhom, Step, Way, WishKind
from app.wishes.step_rules import Standing

PAGE = 40


class Heap:
    """What the desk is sorted into."""

    NEW, FREE, TAKEN, FULL, OVER = "new", "free", "taken", "full", "over"


HEAPS = {Heap.NEW: "还没公开", Heap.FREE: "等人认领", Heap.TAKEN: "有人在办", Heap.FULL: "圆了", Heap.OVER: "没有办"}


def _heap(heap: str, today: date) -> ColumnElement[bool]:
    return {
        Heap.NEW: Wish.state.in_((Step.TOLD, Step.VERIFIED, Step.RETURNED)),
        Heap.FREE: free_on(today),
        Heap.TAKEN: taken_on(today),
        Heap.FULL: Wish.state.in_(FULL),
        Heap.OVER: Wish.state.in_((Step.DECLINED, Step.WITHDRAWN)),
    }[heap]


@dataclass(frozen=True)
class DeskRow:
    """A line of the desk. No name and no phone stands in it."""

    id: int
    number: str
    unit_id: int
    unit_name: str
    kind: WishKind
    whom: ForWhom
    title: str
    way: Way
    state: Step
    state_at: datetime
    told_on: date
    due_on: date | None

    @property
    def heading(self) -> str:
        return self.title or self.number


def _line() -> Any:
    return (
        select(
            Wish.id,
            Wish.number,
            Wish.unit_id,
            Unit.name,
            Wish.kind,
            Wish.whom,
            Wish.title,
            Wish.way,
            Wish.state,
            Wish.state_at,
            Wish.told_on,
            WishClaim.due_on,
            WishClaim.connected_on,
        )
        .join(Unit, Unit.id == Wish.unit_id)
        .outerjoin(WishClaim, and_(WishClaim.wish_id == Wish.id, WishClaim.ended_on.is_(None)))
    )


def desk_row(row: Any, today: date) -> DeskRow:
    *facts, due_on, connected_on = row
    waiting = None if connected_on else due_on
    facts[8] = Standing(facts[8], due_on=waiting).on(today).state
    values: Any = (*facts, waiting)
    return DeskRow(*values)


def lines(where: ColumnElement[bool], today: date, *, limit: int, offset: int = 0) -> list[DeskRow]:
    """Those that began to wait first, first."""
    rows = db.session.execute(_line().where(where).order_by(Wish.state_at, Wish.id).limit(limit).offset(offset))
    return [desk_row(row, today) for row in rows]


def desk(roots: Collection[int], today: date, heap: str, unit_id: int | None = None, page: int = 1) -> tuple[list[DeskRow], dict[str, int]]:
    """One page of a heap, and how many each heap holds; two queries."""
    here = Wish.unit_id.in_(below(roots, today))
    scope = and_(here, Wish.unit_id == unit_id) if unit_id else here
    many = [func.count().filter(_heap(one, today)) for one in HEAPS]
    counted = db.session.execute(select(*many).select_from(Wish).where(scope)).one()
    found = lines(and_(scope, _heap(heap, today)), today, limit=PAGE, offset=(page - 1) * PAGE)
    return found, dict(zip(HEAPS, counted, strict=True))
