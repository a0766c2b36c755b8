"""What was put right after it was published, each beside what it replaced and with its explanation. All money in fen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ScalarSelect, Select, case, func, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import FundMovementEntry, FundProgressEntry, FundProject, FundRequest, FundServiceEntry
from app.fund.rules import PUBLIC_STAGES

PAGE = 50


class What(StrEnum):
    MONEY = "money"
    PEOPLE = "people"
    WORDS = "words"
    REPORTS = "reports"


@dataclass(frozen=True)
class Corrected:
    """`amount` is what was taken back: fen, or person-times; None of words. `now` is what the words say since. Vouchers of money only.

    `project_id` is None where the project is no longer public, or where it was the fund itself. `versions`: of a report, the one before
    and the one since.
    """

    at: datetime
    was_on: date
    was: str
    amount: int | None
    why: str
    now: str
    voucher_no: int | None
    was_voucher_no: int | None
    project_id: int | None
    project: str | None
    past: bool
    versions: tuple[int, int] | None = None


Counting = Callable[[], ScalarSelect[int]]
Listing = Callable[[int, int], list[Corrected]]
_reports: list[tuple[Counting, Listing]] = []


def reports_by(count: Counting, page: Listing) -> None:
    """Called when the reports' queries are imported: how many later versions there are, and a page of them, newest first."""
    _reports[:] = [(count, page)]


def counts() -> dict[What, int]:
    """How many of each; one query."""
    tables = {
        What.MONEY: FundMovementEntry.reverses_id,
        What.PEOPLE: FundServiceEntry.reverses_id,
        What.WORDS: FundProgressEntry.replaces_id,
    }
    counted = {what: select(func.count(column)).scalar_subquery() for what, column in tables.items()}
    for count, _ in _reports:
        counted[What.REPORTS] = count()
    row = db.session.execute(select(*counted.values())).one()
    return dict(zip(counted, map(int, row), strict=True))


def corrections(what: What, page: int = 1, size: int = PAGE) -> list[Corrected]:
    """A page, newest first; one query."""
    if what is What.REPORTS:
        return [row for _, listed in _reports for row in listed(page, size)]
    shown = case((FundProject.stage.in_(PUBLIC_STAGES), FundProject.id))
    whose = shown, FundProject.name, FundProject.past_batch_id.is_not(None)
    if what is What.MONEY:
        entry, old = FundMovementEntry, aliased(FundMovementEntry)
        money = (entry.booked_at, old.booked_on, old.memo, entry.fen, entry.memo, entry.voucher_no, old.voucher_no)
        query = (
            select(*money, *whose)
            .join(old, old.id == entry.reverses_id)
            .join(FundRequest, FundRequest.id == entry.request_id)
            .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
            .order_by(entry.voucher_no.desc())
        )
        rows = db.session.execute(_paged(query, page, size))
        return [Corrected(*[*row[:5], "", *row[5:]]) for row in map(tuple, rows)]
    if what is What.PEOPLE:
        figure, was = FundServiceEntry, aliased(FundServiceEntry)
        query = (
            select(figure.booked_at, was.served_on, was.what, was.people, figure.what, *whose)
            .join(was, was.id == figure.reverses_id)
            .join(FundProject, FundProject.id == figure.project_id)
            .order_by(figure.id.desc())
        )
        return [Corrected(*[*row[:5], "", None, None, *row[5:]]) for row in map(tuple, db.session.execute(_paged(query, page, size)))]
    words, said = FundProgressEntry, aliased(FundProgressEntry)
    query = (
        select(words.published_at, said.happened_on, said.body, words.body, *whose)
        .join(said, said.id == words.replaces_id)
        .join(FundProject, FundProject.id == words.project_id)
        .order_by(words.id.desc())
    )
    rows = db.session.execute(_paged(query, page, size))
    return [Corrected(*[*row[:3], None, "", row[3], None, None, *row[4:]]) for row in map(tuple, rows)]


def _paged(query: Select[*tuple[Any, ...]], page: int, size: int) -> Select[*tuple[Any, ...]]:
    return query.limit(size).offset((max(1, page) - 1) * size)
