"""What everybody may see. Nothing here reads the private table, a claimer's name or phone, or a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from app.core.db import db
from app.fund.models import FundMovementEntry, FundProject, FundRequest
from app.people.models import Unit
from app.wishes.models import Wish, WishClaim, WishPayment, WishPhoto, WishStepEntry
from app.wishes.queries.rounds import RoundRow, came_true, days_of, free_on, held_of, is_public, rounds_of, taken_on
from app.wishes.rules import FREE, FULL, OVER, ClaimKind, ForWhom, Step, WishKind, is_open, order_key, waited
from app.wishes.step_rules import Standing

PAGE = 24


@dataclass(frozen=True)
class PublicRow:
    """`state` is as it stands today, what lapsed included. `claimer` says only of what kind; a unit by its name."""

    id: int
    number: str
    unit_id: int
    unit_name: str
    kind: WishKind
    whom: ForWhom
    cost: int | None
    title: str
    words: str
    veiled: bool
    state: Step
    published_on: date
    state_on: date
    claim_kind: ClaimKind | None
    claim_unit: str | None
    waited: int = 0
    open: bool = True

    @property
    def community(self) -> str:
        return self.unit_name.removesuffix("党委")

    @property
    def free(self) -> bool:
        return self.state in FREE

    @property
    def full(self) -> bool:
        return self.state in FULL

    @property
    def claimer(self) -> str:
        if self.claim_kind is ClaimKind.UNIT and self.claim_unit:
            return self.claim_unit
        return {ClaimKind.PERSON: "一位志愿者", ClaimKind.DONOR: "一位爱心街坊"}.get(self.claim_kind, "") if self.claim_kind else ""


CLAIMER = Unit.__table__.alias("claimer")


def _rows() -> Any:
    """The standing claim beside each wish."""
    return (
        select(
            Wish.id,
            Wish.number,
            Wish.unit_id,
            Unit.name,
            Wish.kind,
            Wish.whom,
            Wish.cost,
            Wish.title,
            Wish.words,
            Wish.veiled_at,
            Wish.state,
            Wish.published_on,
            Wish.state_on,
            WishClaim.kind,
            CLAIMER.c.name,
            WishClaim.due_on,
            WishClaim.connected_on,
        )
        .join(Unit, Unit.id == Wish.unit_id)
        .outerjoin(WishClaim, and_(WishClaim.wish_id == Wish.id, WishClaim.ended_on.is_(None)))
        .outerjoin(CLAIMER, CLAIMER.c.id == WishClaim.unit_id)
    )


def _read(row: Any, today: date) -> PublicRow:
    *facts, veiled_at, state, published_on, state_on, kind, unit, due_on, connected_on = row
    now = Standing(state, due_on=None if connected_on else due_on).on(today).state
    assert now is not None  # noqa: S101  (only wishes that were published are read here, and those have a state)
    held = now not in FREE
    veiled = veiled_at is not None
    if veiled:
        facts[-2:] = ["这个心愿的内容已隐去", ""]
    values: Any = (*facts, veiled, now, published_on, state_on, kind if held else None, unit if held else None)
    return PublicRow(*values)


class Show:
    """Three lists that together are all."""

    FREE, TAKEN, FULL = "free", "taken", "full"


def _show(show: str, today: date) -> ColumnElement[bool]:
    return {Show.FREE: free_on(today), Show.TAKEN: taken_on(today), Show.FULL: came_true()}[show]


@dataclass(frozen=True)
class Found:
    rows: list[PublicRow]
    total: int


def listed(
    today: date,
    show: str | None,
    *,
    unit_id: int | None = None,
    kind: WishKind | None = None,
    narrow: ColumnElement[bool] | None = None,
    page: int = 1,
    size: int = PAGE,
) -> Found:
    """One page of the public wishes. Free ones in the order of the rule, the others the latest first. At most four queries.

    `show` None: all of them, in the order of their numbers. `narrow`: of a round, see `rounds.in_round`.
    """
    where = [is_public()]
    where += [_show(show, today)] if show else []
    where += [Wish.unit_id == unit_id] if unit_id else []
    where += [Wish.kind == kind] if kind else []
    where += [narrow] if narrow is not None else []
    if show == Show.FREE:
        return _free(where, today, page, size)
    total = int(db.session.scalar(select(func.count()).select_from(Wish).where(*where)) or 0)
    order = (Wish.state_on.desc(), Wish.id.desc()) if show else (Wish.id.desc(),)
    rows = db.session.execute(_rows().where(*where).order_by(*order).limit(size).offset((page - 1) * size))
    return Found(with_rounds([_read(row, today) for row in rows], today), total)


def _free(where: list[ColumnElement[bool]], today: date, page: int, size: int) -> Found:
    """All that are free are put in order, then one page of them: how long they waited is not stored anywhere."""
    rows = with_rounds([_read(row, today) for row in db.session.execute(_rows().where(*where))], today)
    rows.sort(key=lambda one: order_key(one.free, one.waited, one.published_on, one.id))
    return Found(rows[(page - 1) * size : page * size], len(rows))


def with_rounds(rows: Collection[PublicRow], today: date) -> list[PublicRow]:
    """Each with the rounds it waited, and whether it can be claimed today. Two queries."""
    held, found = held_of([one.id for one in rows]), rounds_of({one.unit_id for one in rows}, today)
    made = []
    for one in rows:
        days = days_of(found.get(one.unit_id, []))
        facts = {**one.__dict__, "waited": waited(one.published_on, days, held.get(one.id, []), today) if one.free else 0}
        made.append(PublicRow(**{**facts, "open": is_open(days, today)}))
    return made


def public_wish(wish_id: int, today: date) -> PublicRow | None:
    row = db.session.execute(_rows().where(Wish.id == wish_id, is_public())).one_or_none()
    return with_rounds([_read(row, today)], today)[0] if row else None


def counts(today: date, *, unit_id: int | None = None, kind: WishKind | None = None) -> dict[str, int]:
    """How many lines each of the three lists has; one query."""
    where = [is_public(), *([Wish.unit_id == unit_id] if unit_id else []), *([Wish.kind == kind] if kind else [])]
    many = [func.count().filter(_show(show, today)) for show in (Show.FREE, Show.TAKEN, Show.FULL)]
    row = db.session.execute(select(*many).select_from(Wish).where(*where)).one()
    return dict(zip((Show.FREE, Show.TAKEN, Show.FULL), row, strict=True))


def communities_with_wishes() -> list[tuple[int, str]]:
    """(id, 灯湖社区): where there is something to see."""
    rows = db.session.execute(
        select(Unit.id, Unit.name).join(Wish, Wish.unit_id == Unit.id).where(is_public()).distinct().order_by(Unit.id)
    )
    return [(row[0], row[1].removesuffix("党委")) for row in rows]


@dataclass(frozen=True)
class PublicStep:
    """What everybody may know of a step: which, and on which day. `note` only where it was written for everybody."""

    step: Step
    on: date
    note: str


ROAD = frozenset({Step.PUBLISHED, Step.CLAIMED, Step.CONNECTED, Step.FULFILLED, Step.THANKED, Step.LAPSED, Step.RELEASED})


def public_steps(wish_id: int, today: date, *, said: bool) -> list[PublicStep]:
    """From its publication on. `said`: with what was done and the thanks in words, as it was done in the end. What lapsed is told too."""
    rows = db.session.execute(
        select(WishStepEntry.step, WishStepEntry.happened_on, WishStepEntry.note)
        .where(WishStepEntry.wish_id == wish_id, WishStepEntry.step.in_(ROAD))
        .order_by(WishStepEntry.seq)
    )
    all_of_them = list(rows)
    last = max((at for at, row in enumerate(all_of_them) if row[0] is Step.FULFILLED), default=-1)
    found = [
        PublicStep(step, on, note if said and (step is Step.THANKED or at == last) else "")
        for at, (step, on, note) in enumerate(all_of_them)
    ]
    if found and found[-1].step is Step.CLAIMED:
        due_on = db.session.scalar(select(WishClaim.due_on).where(WishClaim.wish_id == wish_id, WishClaim.ended_on.is_(None)))
        if due_on is not None and due_on < today:
            found.append(PublicStep(Step.LAPSED, due_on + timedelta(days=1), ""))
    return found


@dataclass(frozen=True)
class PhotoRow:
    id: int
    name: str
    alt: str
    width: int
    height: int
    agreed: bool


def photos(wish_id: int) -> list[PhotoRow]:
    """Those that stand; who may see which, the views decide by `agreed`."""
    rows = db.session.execute(
        select(WishPhoto.id, WishPhoto.name, WishPhoto.alt, WishPhoto.width, WishPhoto.height, WishPhoto.agreed_at)
        .where(WishPhoto.wish_id == wish_id, WishPhoto.removed_at.is_(None))
        .order_by(WishPhoto.slot)
    )
    return [PhotoRow(*row[:5], row[5] is not None) for row in rows]


@dataclass(frozen=True)
class PaidRow:
    """A payment behind a wish. `voucher` once it is in the books; before that, and its purpose, nobody outside needs to know of it."""

    id: int
    request_id: int
    number: str
    purpose: str
    fen: int
    voucher: int | None
    booked_on: date | None


def payments(wish_id: int) -> list[PaidRow]:
    rows: Any = db.session.execute(
        select(
            WishPayment.id,
            FundRequest.id,
            FundRequest.number,
            FundRequest.purpose,
            FundRequest.fen,
            FundMovementEntry.voucher_no,
            FundMovementEntry.booked_on,
        )
        .join(FundRequest, FundRequest.id == WishPayment.request_id)
        .outerjoin(FundMovementEntry, FundMovementEntry.request_id == FundRequest.id)
        .where(WishPayment.wish_id == wish_id, WishPayment.removed_at.is_(None))
        .order_by(WishPayment.id)
    )
    return [PaidRow(*row) for row in rows]


def project_of(wish_id: int) -> tuple[int, str] | None:
    """(id, name) of the project that pays."""
    row = db.session.execute(
        select(FundProject.id, FundProject.name).join(Wish, Wish.project_id == FundProject.id).where(Wish.id == wish_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def of_project(project_id: int, today: date, limit: int = 12) -> Found:
    """The public wishes that a project pays for."""
    return listed(today, None, narrow=Wish.project_id == project_id, size=limit)


def next_round(found: Collection[RoundRow], today: date) -> RoundRow | None:
    """The one that runs, else the next to come."""
    return next((one for one in found if one.closes_on >= today), None)


def over(state: Step) -> bool:
    return state in OVER
