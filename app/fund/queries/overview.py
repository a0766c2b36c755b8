"""Where the fund's money went, by year, by kind of project and by community; each adds up to the totals. All money in fen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Integer, case, cast, extract, func, or_, select

from app.core.db import db
from app.fund.models import FundAccount, FundBudgetLine, FundMovementEntry, FundProject, FundServiceEntry
from app.fund.models_office import FundPurpose
from app.fund.queries.amounts import own_money, signed_fen, spent_fen
from app.fund.queries.finding import NOWHERE
from app.fund.rules import PUBLIC_STAGES, AccountKind, MovementKind, ProjectKind
from app.people.models import Unit
from app.people.queries.units import communities_of


@dataclass(frozen=True)
class Year:
    """`balance` is what there was at the year's end: all income so far less all spending."""

    year: int
    income: int
    spent: int
    balance: int
    people: int

    @property
    def both(self) -> tuple[int, int]:
        return self.income, self.spent


def by_year() -> list[Year]:
    """From the first year with an entry to the last, none left out; two queries."""
    entry, served = FundMovementEntry, FundServiceEntry
    year = cast(extract("year", entry.booked_on), Integer)
    income = func.sum(case((entry.kind.in_((MovementKind.DONATION, MovementKind.OPENING)), signed_fen()), else_=0))
    money = {
        int(row[0]): (int(row[1]), int(row[2]))
        for row in db.session.execute(select(year, income, func.sum(spent_fen())).where(own_money()).group_by(year))
    }
    served_year = cast(extract("year", served.served_on), Integer)
    people = {int(row[0]): int(row[1]) for row in db.session.execute(select(served_year, func.sum(served.people)).group_by(served_year))}
    known = money.keys() | people.keys()
    found, balance = [], 0
    for number in range(min(known), max(known) + 1) if known else ():
        came, went = money.get(number, (0, 0))
        balance += came - went
        found.append(Year(number, came, went, balance, people.get(number, 0)))
    return found


@dataclass(frozen=True)
class Part:
    """`projects` are those that are public; `spent` is the fund's own money."""

    projects: int
    spent: int
    people: int


@dataclass(frozen=True)
class Spread:
    """Communities by what was spent there, the most first; the last may be `NOWHERE`, of none."""

    kinds: list[tuple[ProjectKind, Part]]
    communities: list[tuple[int, str, Part]]


def spread(day: date) -> Spread:
    """Communities as they stand on `day`; three queries."""
    spent = (
        select(FundBudgetLine.project_id, func.sum(spent_fen()).label("fen"))
        .join(FundMovementEntry, FundMovementEntry.budget_line_id == FundBudgetLine.id)
        .where(own_money())
        .group_by(FundBudgetLine.project_id)
        .subquery()
    )
    people = (
        select(FundServiceEntry.project_id, func.sum(FundServiceEntry.people).label("people"))
        .group_by(FundServiceEntry.project_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            FundProject.kind,
            FundProject.unit_id,
            func.sum(case((FundProject.stage.in_(PUBLIC_STAGES), 1), else_=0)),
            func.coalesce(func.sum(spent.c.fen), 0),
            func.coalesce(func.sum(people.c.people), 0),
        )
        .outerjoin(spent, spent.c.project_id == FundProject.id)
        .outerjoin(people, people.c.project_id == FundProject.id)
        .group_by(FundProject.kind, FundProject.unit_id)
    ).all()
    above = communities_of({row[1] for row in rows}, day)
    names = dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(set(above.values())))).all())
    of_kind: dict[ProjectKind, list[Part]] = {kind: [] for kind in ProjectKind}
    of_community: dict[int, list[Part]] = {}
    for kind, unit_id, projects, fen, served in rows:
        part = Part(int(projects), int(fen), int(served))
        of_kind[kind].append(part)
        of_community.setdefault(above.get(unit_id, NOWHERE), []).append(part)
    summed = [(id_, names.get(id_, ""), _sum(parts)) for id_, parts in of_community.items()]
    communities = sorted((row for row in summed if row[2] != Part(0, 0, 0)), key=lambda row: (row[0] == NOWHERE, -row[2].spent, row[0]))
    return Spread([(kind, _sum(parts)) for kind, parts in of_kind.items()], communities)


def _sum(parts: Iterable[Part]) -> Part:
    some = list(parts)
    return Part(sum(part.projects for part in some), sum(part.spent for part in some), sum(part.people for part in some))


@dataclass(frozen=True)
class Purpose:
    """Of a restricted purpose: `given + set_aside + returned - granted == balance`. What it began with is in `given`."""

    id: int
    name: str
    words: str
    opened_on: date
    balance: int
    given: int
    set_aside: int
    returned: int
    granted: int
    projects: int


def purposes() -> list[Purpose]:
    """Those that are open, by name; one query."""
    entry, account = FundMovementEntry, FundAccount

    def moved(*kinds: MovementKind) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((entry.kind.in_(kinds), signed_fen()), else_=0)), 0)

    projects = (
        select(func.count())
        .where(FundProject.purpose_id == FundPurpose.id, FundProject.stage.in_(PUBLIC_STAGES))
        .correlate(FundPurpose)
        .scalar_subquery()
    )
    figures = (
        moved(MovementKind.DONATION, MovementKind.OPENING),
        moved(MovementKind.TRANSFER),
        moved(MovementKind.RETURN),
        moved(MovementKind.GRANT),
    )
    whole = (FundPurpose.id, FundPurpose.name, FundPurpose.words, FundPurpose.opened_on, account.balance)
    rows = db.session.execute(
        select(*whole, *figures, projects)
        .join(account, account.purpose_id == FundPurpose.id)
        .outerjoin(entry, or_(entry.to_account_id == account.id, entry.from_account_id == account.id))
        .where(account.kind == AccountKind.RESTRICTED)
        .group_by(*whole)
        .order_by(FundPurpose.name)
    )
    return [Purpose(row[0], row[1], row[2], row[3], *(int(figure) for figure in row[4:])) for row in rows]
