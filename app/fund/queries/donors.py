"""Who gave, under the names that were agreed to; all others together. All money in fen, the fund's own only."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import FundMovementEntry, FundRequest
from app.fund.queries.amounts import own_money, signed_fen
from app.fund.rules import MovementKind, RequestKind

PAGE = 50


@dataclass(frozen=True)
class Donor:
    """`name` is empty for all that agreed to none. `gifts` and `fen` after corrections; `voucher_no` is their latest gift's."""

    name: str
    gifts: int
    fen: int
    last_on: date
    voucher_no: int


@dataclass(frozen=True)
class Donors:
    """`unnamed` and all the named add up to `fen`, which is all that was ever given."""

    named: list[Donor]
    unnamed: Donor | None
    number: int  # of named ones
    fen: int
    page: int
    pages: int


def donors(page: int = 1) -> Donors:
    """The latest gift first: nobody is ranked by how much. Three queries."""
    given = _given().subquery()
    count, fen = db.session.execute(
        select(func.coalesce(func.sum(case((given.c.name != "", 1), else_=0)), 0), func.coalesce(func.sum(given.c.fen), 0))
    ).one()
    pages = max(1, -(-int(count) // PAGE))
    page = min(max(1, page), pages)
    columns = given.c.name, given.c.gifts, given.c.fen, given.c.last_on, given.c.voucher_no
    named = db.session.execute(
        select(*columns)
        .where(given.c.name != "")
        .order_by(given.c.last_on.desc(), given.c.voucher_no.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    unnamed = db.session.execute(select(*columns).where(given.c.name == "")).one_or_none()
    return Donors([_donor(tuple(row)) for row in named], _donor(tuple(unnamed)) if unnamed else None, int(count), int(fen), page, pages)


def named_alike(name: str, donor: str) -> Select[int]:
    """The gifts of one donor under one public name."""
    theirs = FundRequest.kind == RequestKind.DONATION, FundRequest.public_name == name, FundRequest.counterparty == donor
    return select(FundRequest.id).where(*theirs)


def gifts_named_alike(request_id: int) -> int:
    """How many gifts would lose their name with this one."""
    one = aliased(FundRequest)
    alike = one.public_name == FundRequest.public_name, one.counterparty == FundRequest.counterparty, one.kind == FundRequest.kind
    return int(
        db.session.scalar(select(func.count(one.id)).select_from(FundRequest).join(one, and_(*alike)).where(FundRequest.id == request_id))
        or 0
    )


def _donor(row: tuple[str, int, int, date, int]) -> Donor:
    return Donor(row[0], int(row[1]), int(row[2]), row[3], row[4])


def _given() -> Select[str, int, int, date, int]:
    """By name; a correction counts for the donor of what it reverses. Who has nothing left after corrections is left out."""
    entry, asked, origin, first = FundMovementEntry, aliased(FundRequest), aliased(FundMovementEntry), aliased(FundRequest)
    name = func.coalesce(first.public_name, asked.public_name)
    standing = case((entry.reverses_id.is_(None), 1), else_=-1)
    return (
        select(
            name.label("name"),
            func.sum(standing).label("gifts"),
            func.sum(signed_fen()).label("fen"),
            func.max(entry.booked_on).label("last_on"),
            func.max(case((entry.reverses_id.is_(None), entry.voucher_no))).label("voucher_no"),
        )
        .join(asked, asked.id == entry.request_id)
        .outerjoin(origin, origin.id == entry.reverses_id)
        .outerjoin(first, first.id == origin.request_id)
        .where(and_(entry.kind == MovementKind.DONATION, own_money()))
        .group_by(name)
        .having(or_(func.sum(standing) != 0, func.sum(signed_fen()) != 0))
    )
