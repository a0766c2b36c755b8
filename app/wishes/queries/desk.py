"""What those who handle wishes see: every state, every step with its person; and, for them alone, whom to reach."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import db
from app.fund.models import FundProject, FundRequest
from app.fund.rules import PUBLIC_STAGES, ProjectKind, RequestKind
from app.fund.rules import Step as FundStep
from app.people.models import Person, Unit
from app.people.queries import below
from app.wishes.models import Wish, WishClaim, WishPayment, WishPhoto, WishPrivate, WishStepEntry
from app.wishes.queries.facts import rule
from app.wishes.queries.rounds import free_on, taken_on
from app.wishes.rules import FULL, OVER, ClaimKind, ForWhom, Step, Way, WishKind
from app.wishes.step_rules import Standing

PAGE = 40
IN_THE_BOOKS = (FundStep.PAID, FundStep.RECONCILED, FundStep.MISMATCH, FundStep.ANSWERED)


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
    """Of the claim that stands; a donor's name and phone are gone once the wish is over so long that they must be."""
    row = db.session.execute(
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
            WishClaim.by_id,
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
        left = phone = ""
    name = left if kind is ClaimKind.DONOR else person
    return ClaimerRow(claim_id, kind, name, phone, unit, claimed_on, due_on, connected_on, by_id)


def projects_of_wishes() -> list[tuple[int, str]]:
    """Projects of kind 微心愿 that are public, the latest first."""
    rows = db.session.execute(
        select(FundProject.id, FundProject.name)
        .where(FundProject.kind == ProjectKind.WISH, FundProject.stage.in_(PUBLIC_STAGES))
        .order_by(FundProject.id.desc())
        .limit(100)
    )
    return [(row[0], row[1]) for row in rows]


def payments_of(project_id: int, wish_id: int) -> list[tuple[int, str]]:
    """Payments of a project that can still be linked to a wish: (id, number and purpose)."""
    linked = select(WishPayment.request_id).where(WishPayment.wish_id == wish_id, WishPayment.removed_at.is_(None))
    rows = db.session.execute(
        select(FundRequest.id, FundRequest.number, FundRequest.purpose)
        .where(FundRequest.project_id == project_id, FundRequest.kind == RequestKind.PAYMENT, FundRequest.id.not_in(linked))
        .where(FundRequest.state.in_(IN_THE_BOOKS))
        .order_by(FundRequest.id.desc())
        .limit(60)
    )
    return [(row[0], f"{row[1]} {row[2]}") for row in rows]


def to_settle(now_day: date) -> list[int]:
    """Wishes whose claim lapsed by its day and on which nothing was recorded since."""
    return list(
        db.session.scalars(
            select(Wish.id)
            .join(WishClaim, WishClaim.wish_id == Wish.id)
            .where(Wish.state == Step.CLAIMED, WishClaim.ended_on.is_(None), WishClaim.connected_on.is_(None), WishClaim.due_on < now_day)
            .order_by(Wish.id)
        )
    )


def removed_photos(before: datetime) -> list[str]:
    """The files of photos that were taken down before a moment."""
    return list(db.session.scalars(select(WishPhoto.name).where(WishPhoto.removed_at < before).order_by(WishPhoto.id)))


def to_erase(day: date) -> list[int]:
    """Wishes that were over before `day` and still have something private."""
    kept = WishPrivate.erased_at.is_(None)
    donor = and_(WishClaim.kind == ClaimKind.DONOR, WishClaim.erased_at.is_(None), WishClaim.wish_id == Wish.id)
    return list(
        db.session.scalars(
            select(Wish.id)
            .join(WishPrivate, WishPrivate.wish_id == Wish.id)
            .where(Wish.state.in_(OVER), Wish.ended_on < day, or_(kept, select(WishClaim.id).where(donor).exists()))
            .order_by(Wish.id)
        )
    )
