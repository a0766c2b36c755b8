"""Where the fund's money went, by year, by kind of project and by community; each adds up to the totals. All money in fen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select

from app.core.db import db
from app.fund.models import FundAccount, FundBudgetLine, FundMovementEntry, FundProject, FundServiceEntry
from app.fund.models_office import FundPurpose
from app.fund.queries import figures
from app.fund.queries.amounts import own_money, signed_fen, spent_fen
from app.fund.queries.figures import Totals, YearFigures
from app.fund.queries.finding import NOWHERE
from app.fund.rules import PUBLIC_STAGES, AccountKind, MovementKind, ProjectKind
from app.people.models import Unit, UnitAncestry
from app.people.queries import holds_on
from app.people.rules import UnitKind


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


@dataclass(frozen=True)
class Overview:
    totals: Totals
    year: YearFigures
    years: list[Year]


def overview(this_year: int) -> Overview:
    """All of it, this year, and year by year, from the same few sums; six queries, eight where activities are linked."""
    money, people = figures.by_month(), figures.people_by_year()
    totals = figures.totals(sum(people.values()))
    return Overview(totals, figures.year_figures(this_year, money, people), _years(money, people))


def by_year() -> list[Year]:
    """From the first year with an entry to the last, none left out; two queries."""
    return _years(figures.by_month(), figures.people_by_year())


def _years(money: dict[tuple[int, int], tuple[int, int]], people: dict[int, int]) -> list[Year]:
    known = {year for year, _ in money} | people.keys()
    found, balance = [], 0
    for number in range(min(known), max(known) + 1) if known else ():
        of_year = [money.get((number, month), (0, 0)) for month in range(1, 13)]
        came, went = sum(one for one, _ in of_year), sum(one for _, one in of_year)
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
    """Communities as they stand on `day`; two queries."""
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
    above, names = _communities({row[1] for row in rows}, day)
    of_kind: dict[ProjectKind, list[Part]] = {kind: [] for kind in ProjectKind}
    of_community: dict[int, list[Part]] = {}
    for kind, unit_id, projects, fen, served in rows:
        part = Part(int(projects), int(fen), int(served))
        of_kind[kind].append(part)
        of_community.setdefault(above.get(unit_id, NOWHERE), []).append(part)
    summed = [(id_, names.get(id_, ""), _sum(parts)) for id_, parts in of_community.items()]
    communities = sorted((row for row in summed if row[2] != Part(0, 0, 0)), key=lambda row: (row[0] == NOWHERE, -row[2].spent, row[0]))
    return Spread([(kind, _sum(parts)) for kind, parts in of_kind.items()], communities)


def _communities(unit_ids: set[int], day: date) -> tuple[dict[int, int], dict[int, str]]:
    """unit → the community it is or stands under, and the names of these; one query."""
    rows = db.session.execute(
        select(UnitAncestry.unit_id, Unit.id, Unit.name)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(UnitAncestry.unit_id.in_(unit_ids), Unit.kind == UnitKind.COMMUNITY, holds_on(UnitAncestry, day))
    ).all()
    return {row[0]: row[1] for row in rows}, {row[1]: row[2] for row in rows}


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
