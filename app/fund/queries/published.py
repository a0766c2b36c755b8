"""The rows of the public files, piece by piece, and the mark by which a reader knows that nothing changed. All money in fen."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, select, true, union_all
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.db import db
from app.fund.models import (
    FundAccount,
    FundBudgetLine,
    FundMovementEntry,
    FundProgressEntry,
    FundProject,
    FundRequest,
    FundServiceEntry,
    FundStageEntry,
)
from app.fund.models_office import FundPurpose
from app.fund.models_road import FundAmendment, FundContract
from app.fund.open_data import EntryOut, ProjectOut, ServiceOut
from app.fund.queries.amendments import agreed
from app.fund.queries.amounts import own_money, signed_fen, spent_fen
from app.fund.queries.books import Way, matching
from app.fund.queries.finding import Sought, began_in, of_projects
from app.fund.rules import MovementKind, Stage
from app.people.models import Unit

PIECE = 500  # rows a query; a file of any length takes no more memory than that
FORMAT = 1  # to be raised when a file of the same rows begins to look different


def version(*asked: object) -> str:
    """Other for other questions, and whenever anything that the files tell has changed; three queries."""
    ids = FundMovementEntry.id, FundServiceEntry.id, FundStageEntry.id, FundProgressEntry.id
    newest = [
        select(func.max(one)).scalar_subquery() for one in (*ids, FundContract.made_at, FundAmendment.decided_at, FundPurpose.decided_at)
    ]
    marks = db.session.execute(select(*newest)).one()
    named = select(func.count(), func.coalesce(func.sum(FundRequest.id), 0)).where(FundRequest.public_name != "")
    names_left = db.session.execute(named).one()  # a name that is taken back; ids only grow, so no two changes cancel out
    names = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(select(FundProject.unit_id))).order_by(Unit.id)).all()
    told = repr((FORMAT, tuple(map(str, (*marks, *names_left))), [tuple(row) for row in names], asked))
    return sha256(told.encode()).hexdigest()[:32]


def _moved(*kinds: MovementKind) -> ColumnElement[int]:
    return func.sum(case((FundMovementEntry.kind.in_(kinds), signed_fen()), else_=0))


def _by_project() -> Subquery:
    """What went to and from each project's account, after corrections."""
    kinds = MovementKind
    ends = union_all(
        select(FundMovementEntry.id, FundMovementEntry.from_account_id.label("account_id")),
        select(FundMovementEntry.id, FundMovementEntry.to_account_id),
    ).subquery()
    return (
        select(
            FundAccount.project_id,
            _moved(kinds.OPENING).label("opening"),
            _moved(kinds.DONATION).label("donated"),
            _moved(kinds.GRANT).label("granted"),
            func.sum(spent_fen()).label("spent"),
            _moved(kinds.RETURN).label("returned"),
            _moved(kinds.TRANSFER).label("set_aside"),
            func.max(FundMovementEntry.booked_at).label("booked_at"),
        )
        .join(ends, ends.c.account_id == FundAccount.id)
        .join(FundMovementEntry, FundMovementEntry.id == ends.c.id)
        .where(FundAccount.project_id.is_not(None))
        .group_by(FundAccount.project_id)
        .subquery()
    )


def projects(stages: frozenset[Stage], sought: Sought, day: date) -> Iterator[ProjectOut]:
    """By number of the row, the oldest first."""
    moved = _by_project()
    budget = select(FundBudgetLine.project_id, func.sum(FundBudgetLine.fen).label("fen")).group_by(FundBudgetLine.project_id).subquery()
    people = (
        select(
            FundServiceEntry.project_id, func.sum(FundServiceEntry.people).label("people"), func.max(FundServiceEntry.booked_at).label("at")
        )
        .group_by(FundServiceEntry.project_id)
        .subquery()
    )
    road = (
        select(
            FundStageEntry.project_id,
            func.max(case((FundStageEntry.stage == Stage.APPROVED, FundStageEntry.at))).label("approved_at"),
            func.max(FundStageEntry.at).label("at"),
        )
        .group_by(FundStageEntry.project_id)
        .subquery()
    )
    own = FundProject
    query = (
        select(
            own.id, own.number, own.name, own.summary, own.kind, own.stage, own.area, own.beneficiaries, own.unit_id,
            Unit.name.label("unit"),
            own.source_name, func.coalesce(FundPurpose.name, "").label("purpose"), own.call_id, own.past_batch_id,
            own.starts_on, own.ends_on,
            func.coalesce(budget.c.fen, 0).label("budget"), agreed().label("agreed"),
            *(func.coalesce(moved.c[name], 0).label(name) for name in ("opening", "donated", "granted", "spent", "returned", "set_aside")),
            FundAccount.balance, func.coalesce(people.c.people, 0).label("people"),
            road.c.approved_at, road.c.at, moved.c.booked_at, people.c.at.label("served_at"),
        )
        .join(Unit, Unit.id == own.unit_id)
        .join(FundAccount, FundAccount.project_id == own.id)
        .join(road, road.c.project_id == own.id)
        .outerjoin(FundPurpose, FundPurpose.id == own.purpose_id)
        .outerjoin(FundContract, FundContract.project_id == own.id)
        .outerjoin(budget, budget.c.project_id == own.id)
        .outerjoin(moved, moved.c.project_id == own.id)
        .outerjoin(people, people.c.project_id == own.id)
        .where(own.stage.in_(stages), of_projects(sought, day), began_in(sought))
    )  # fmt: skip
    for row in _pieces(query, own.id):
        yield _project(row)


def _project(row: Any) -> ProjectOut:
    past = row.past_batch_id is not None
    figures = [int(row._mapping[name]) for name in ("opening", "donated", "granted", "spent", "returned", "set_aside", "balance", "people")]
    decided = clock.local_date(row.approved_at) if row.approved_at else None
    changed = max(at for at in (row.at, row.booked_at, row.served_at) if at)
    said = (row.id, row.number, row.name, row.summary, row.kind, row.stage, row.area, row.beneficiaries, row.unit_id, row.unit)
    agreed = row.agreed if row.agreed is not None else row.budget
    dates = past, row.starts_on, row.ends_on, row.starts_on if past else decided
    values = [*said, row.source_name, row.purpose, row.call_id is not None, *dates, int(row.budget), int(agreed), *figures, changed]
    return ProjectOut(*values)


def entries(way: Way, sought: Sought, day: date, project_id: int | None = None, donor_of: int | None = None) -> Iterator[EntryOut]:
    """By voucher, from the first."""
    entry, origin, back = FundMovementEntry, aliased(FundMovementEntry), aliased(FundMovementEntry)
    source, target = aliased(FundAccount), aliased(FundAccount)
    income = case((and_(own_money(), entry.kind.in_((MovementKind.DONATION, MovementKind.OPENING))), signed_fen()), else_=0)
    spent = case((own_money(), spent_fen()), else_=0)
    query = (
        select(
            entry.id, entry.voucher_no, entry.booked_on, entry.kind, signed_fen().label("fen"), income.label("income"),
            spent.label("spent"),
            entry.memo, _donor(entry).label("donor"), source.code, source.name, target.code, target.name, FundBudgetLine.name,
            FundProject.number, FundProject.name, origin.voucher_no, back.voucher_no, FundProject.past_batch_id.is_not(None),
        )
        .join(FundRequest, FundRequest.id == entry.request_id)
        .join(source, source.id == entry.from_account_id)
        .join(target, target.id == entry.to_account_id)
        .outerjoin(FundBudgetLine, FundBudgetLine.id == entry.budget_line_id)
        .outerjoin(FundProject, FundProject.id == FundRequest.project_id)
        .outerjoin(origin, origin.id == entry.reverses_id)
        .outerjoin(back, back.reverses_id == entry.id)
        .where(*matching(way, sought, day, project_id, donor_of))
    )  # fmt: skip
    for row in _pieces(query, entry.id):
        values = list(row)
        yield EntryOut(*[*values[1:4], *map(int, values[4:7]), *values[7:-1], bool(values[-1])])


def _donor(entry: Any) -> ColumnElement[str]:
    """The name agreed to, or 爱心人士; empty for what is no gift, and for the correction of one."""
    named = case((FundRequest.public_name != "", FundRequest.public_name), else_=literal("爱心人士"))
    return case((and_(entry.kind == MovementKind.DONATION, entry.reverses_id.is_(None)), named), else_=literal(""))


def services(sought: Sought, day: date) -> Iterator[ServiceOut]:
    """In the order in which they were written down."""
    entry = FundServiceEntry
    query = (
        select(
            entry.id, entry.served_on, entry.people, entry.what, FundProject.number, FundProject.name, entry.reverses_id,
            FundProject.past_batch_id.is_not(None),
        )
        .join(FundProject, FundProject.id == entry.project_id)
        .where(of_projects(sought, day), entry.served_on.between(*sought.days) if sought.days else true())
    )  # fmt: skip
    for row in _pieces(query, entry.id):
        values = list(row)
        yield ServiceOut(*[*values[:-1], bool(values[-1])])


def _pieces(query: Select[*tuple[Any, ...]], key: Any) -> Iterator[Any]:
    """All rows by `key`, which is their first column; rows that come in meanwhile may be among them."""
    last = 0
    while True:
        found = db.session.execute(query.where(key > last).order_by(key).limit(PIECE)).all()
        yield from found
        if len(found) < PIECE:
            return
        last = found[-1][0]
