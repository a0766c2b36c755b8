"""The public books: every movement and every 服务人次 behind the figures. All money in fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import FundBudgetLine, FundMovementEntry, FundProject, FundRequest, FundServiceEntry
from app.fund.queries.amounts import own_money, signed_fen, spent_fen
from app.fund.queries.finding import Sought, like, of_projects
from app.fund.rules import PUBLIC_STAGES, MovementKind

PAGE = 50


class Way(StrEnum):
    """Which side of the books."""

    ALL = "all"
    IN = "in"
    OUT = "out"
    INSIDE = "inside"  # from one account of the fund to another: in neither figure
    FIXED = "fixed"  # corrections


KINDS = {
    Way.IN: (MovementKind.DONATION, MovementKind.OPENING),
    Way.OUT: (MovementKind.SPENDING, MovementKind.REFUND),
    Way.INSIDE: (MovementKind.GRANT, MovementKind.RETURN, MovementKind.TRANSFER),
}


@dataclass(frozen=True)
class Movement:
    """One line of the public books. `fen` is signed as `signed_fen`, among the spending as `spent_fen`.

    `memo` of a correction is its published explanation. `past`: of an import, without papers. `project_id` is None where the
    project is no longer public (an import that was undone), though its name stays.
    """

    voucher_no: int
    kind: MovementKind
    booked_on: date
    fen: int
    memo: str
    donor: str
    line: str | None
    project_id: int | None
    project: str | None
    reverses_voucher: int | None
    reversed_by: int | None
    past: bool


@dataclass(frozen=True)
class Books:
    """A page of movements, and what all that match add up to as far as it is the fund's own money."""

    rows: tuple[Movement, ...]
    count: int
    total: int
    page: int
    pages: int


def matching(way: Way, sought: Sought, day: date, project_id: int | None = None, donor_of: int | None = None) -> list[ColumnElement[bool]]:
    """What makes a movement one of those asked for. `donor_of`: by the same donor as that voucher's, under the name they agreed to."""
    where: list[ColumnElement[bool]] = []
    if way in KINDS:
        where.append(FundMovementEntry.kind.in_(KINDS[way]))
    if way is Way.FIXED:
        where.append(FundMovementEntry.reverses_id.is_not(None))
    if sought.days:
        where.append(FundMovementEntry.booked_on.between(*sought.days))
    if project_id:
        where.append(FundRequest.project_id == project_id)
    if sought.of_some_projects:
        where.append(FundRequest.project_id.in_(select(FundProject.id).where(of_projects(sought, day, words=False))))
    if sought.search:
        named = FundRequest.project_id.in_(select(FundProject.id).where(like(sought.search)))
        where.append(or_(FundMovementEntry.memo.contains(sought.search, autoescape=True), named))
    if donor_of:
        where.append(_by_donor_of(donor_of))
    return where


def _by_donor_of(voucher_no: int) -> ColumnElement[bool]:
    entry, asked, given = aliased(FundMovementEntry), aliased(FundRequest), aliased(FundMovementEntry)
    name = select(asked.public_name).join(entry, entry.request_id == asked.id).where(entry.voucher_no == voucher_no).limit(1)
    theirs = select(given.id).join(asked, asked.id == given.request_id).where(asked.public_name == name.scalar_subquery())
    of_entry = func.coalesce(FundMovementEntry.reverses_id, FundMovementEntry.id)
    return and_(FundMovementEntry.kind == MovementKind.DONATION, own_money(), of_entry.in_(theirs))


def movements(
    way: Way = Way.ALL,
    year: int | None = None,
    project_id: int | None = None,
    page: int = 1,
    size: int = PAGE,
    where: Sequence[ColumnElement[bool]] | None = None,
) -> Books:
    """Newest first; two queries. `where` (of `matching`) instead of year and project."""
    if where is None:
        where = matching(way, Sought(year), date.min, project_id)
    amount = spent_fen() if way is Way.OUT else signed_fen()
    counts = case((own_money(), amount), else_=0)  # other money is shown, and in no figure of the fund
    base = select(func.count(), func.coalesce(func.sum(counts), 0)).join(FundRequest, FundRequest.id == FundMovementEntry.request_id)
    count, total = db.session.execute(base.where(*where)).one()
    pages = max(1, -(-count // size))
    page = min(max(1, page), pages)
    return Books(_rows(amount, where, size, (page - 1) * size), int(count), int(total), page, pages)


def newest(way: Way, size: int) -> tuple[Movement, ...]:
    """The last few of a side of the books; one query."""
    return _rows(spent_fen() if way is Way.OUT else signed_fen(), matching(way, Sought(), date.min), size, 0)


def _rows(amount: ColumnElement[int], where: Sequence[ColumnElement[bool]], size: int, offset: int) -> tuple[Movement, ...]:
    origin, back = aliased(FundMovementEntry), aliased(FundMovementEntry)
    rows = db.session.execute(
        select(
            FundMovementEntry.voucher_no,
            FundMovementEntry.kind,
            FundMovementEntry.booked_on,
            amount,
            FundMovementEntry.memo,
            FundRequest.public_name,
            FundBudgetLine.name,
            case((FundProject.stage.in_(PUBLIC_STAGES), FundProject.id)),
            FundProject.name,
            origin.voucher_no,
            back.voucher_no,
            FundProject.past_batch_id.is_not(None),
        )
        .join(FundRequest, FundRequest.id == FundMovementEntry.request_id)
        .outerjoin(FundBudgetLine, FundBudgetLine.id == FundMovementEntry.budget_line_id)
        .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
        .outerjoin(origin, origin.id == FundMovementEntry.reverses_id)
        .outerjoin(back, back.reverses_id == FundMovementEntry.id)
        .where(*where)
        .order_by(FundMovementEntry.booked_on.desc(), FundMovementEntry.voucher_no.desc())
        .limit(size)
        .offset(offset)
    )
    return tuple(Movement(*tuple(row)) for row in rows)


@dataclass(frozen=True)
class Served:
    """A published 服务人次 or its reversal (negative). `past`: of an import, without papers. `project_id` as in `Movement`."""

    served_on: date
    people: int
    what: str
    project_id: int | None
    project: str
    past: bool


def served(sought: Sought, day: date, page: int = 1, size: int = PAGE) -> tuple[list[Served], int, int]:
    """A page of the entries behind the person-times, newest first; how many there are, and what they add up to. Two queries."""
    entry = FundServiceEntry
    where = [of_projects(sought, day), *([entry.served_on.between(*sought.days)] if sought.days else [])]
    summed = select(func.count(), func.coalesce(func.sum(entry.people), 0)).join(FundProject, FundProject.id == entry.project_id)
    count, total = db.session.execute(summed.where(*where)).one()
    shown = case((FundProject.stage.in_(PUBLIC_STAGES), FundProject.id))
    rows = db.session.execute(
        select(entry.served_on, entry.people, entry.what, shown, FundProject.name, FundProject.past_batch_id.is_not(None))
        .join(FundProject, FundProject.id == entry.project_id)
        .where(*where)
        .order_by(entry.served_on.desc(), entry.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return [Served(*row) for row in rows], int(count), int(total)


def years() -> list[int]:
    """Years with entries, newest first."""
    first, last = db.session.execute(select(func.min(FundMovementEntry.booked_on), func.max(FundMovementEntry.booked_on))).one()
    return list(range(last.year, first.year - 1, -1)) if first else []
