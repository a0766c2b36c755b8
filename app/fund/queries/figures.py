"""The fund's figures: all of it, and a year. All money in fen."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, Integer, case, cast, extract, func, select, union
from sqlalchemy.orm import aliased

from app.core.db import db
from app.fund.models import (
    FundAccount,
    FundBudgetLine,
    FundMovementEntry,
    FundProject,
    FundProjectActivity,
    FundServiceEntry,
)
from app.fund.models_office import FundPolicy
from app.fund.queries.amounts import own_money, signed_fen, spent_fen
from app.fund.rules import DONORS, OPENING, OWN, PAYEES, PUBLIC_STAGES, MovementKind, Policy, Stage
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind

OVER = frozenset({Stage.CLOSED, Stage.STOPPED, Stage.ARCHIVED})


def policy(day: date) -> Policy:
    """The limits in force on a day."""
    row = db.session.execute(
        select(FundPolicy.second_above, FundPolicy.minute_above, FundPolicy.how_to_give, FundPolicy.sum_days, FundPolicy.sum_lines)
        .where(FundPolicy.valid_from <= day)
        .order_by(FundPolicy.valid_from.desc())
        .limit(1)
    ).one()
    return Policy(*row)


@dataclass(frozen=True)
class Totals:
    """`income - spent == balance`, to the fen; what the books were begun with is in `income`. `people` are person-times.

    `projects` are all that are public, `running` and `closed` together; `past` those of them that an import brought.
    """

    income: int
    spent: int
    balance: int
    general: int
    people: int
    running: int
    closed: int
    past: int
    projects: int


def totals(people: int | None = None) -> Totals:
    """The whole fund since its first entry; three queries, two where the caller has summed the person-times already."""
    balances = {
        code: (kind, fen) for code, kind, fen in db.session.execute(select(FundAccount.code, FundAccount.kind, FundAccount.balance))
    }
    imported = func.sum(case((FundProject.past_batch_id.is_not(None), 1), else_=0))
    counted = select(FundProject.stage, func.count(), imported).where(FundProject.stage.in_(PUBLIC_STAGES)).group_by(FundProject.stage)
    stages = {stage: (int(count), int(past)) for stage, count, past in db.session.execute(counted)}
    if people is None:
        people = db.session.scalar(select(func.coalesce(func.sum(FundServiceEntry.people), 0)))
    return Totals(
        income=-balances[DONORS][1] - balances[OPENING][1],
        spent=balances[PAYEES][1],
        balance=sum(fen for kind, fen in balances.values() if kind in OWN),
        general=balances["general"][1],
        people=int(people or 0),
        running=sum(count for stage, (count, _) in stages.items() if stage not in OVER),
        closed=sum(count for stage, (count, _) in stages.items() if stage in OVER),
        past=sum(past for _, past in stages.values()),
        projects=sum(count for count, _ in stages.values()),
    )


@dataclass(frozen=True)
class YearFigures:
    """What a year's money became: spent → projects → activities → minutes by class → person-times; `months` is spending by month."""

    year: int
    income: int
    spent: int
    projects: int
    activities: int
    credit_minutes: int
    honour_minutes: int
    people: int
    months: tuple[int, ...]


def _linked(project_id: int | None, first: date, last: date) -> CompoundSelect[Any]:
    """Activities that a project was linked to, or that a 服务人次 entry names; what was taken back excepted."""
    back = aliased(FundServiceEntry)
    named = (
        select(FundServiceEntry.activity_id)
        .outerjoin(back, back.reverses_id == FundServiceEntry.id)
        .where(
            FundServiceEntry.activity_id.is_not(None),
            FundServiceEntry.reverses_id.is_(None),
            back.id.is_(None),
            FundServiceEntry.served_on.between(first, last),
        )
    )
    linked = select(FundProjectActivity.activity_id).where(
        FundProjectActivity.ended_at.is_(None), FundProjectActivity.held_on.between(first, last)
    )
    if project_id:
        named, linked = named.where(FundServiceEntry.project_id == project_id), linked.where(FundProjectActivity.project_id == project_id)
    return union(named, linked)


def linked_service(project_id: int | None, first: date, last: date) -> tuple[int, int, int, int]:
    """Activities linked to the fund, their minutes by scan and made up (never to be summed), and how many people served. Two queries."""
    linked = _linked(project_id, first, last).subquery()
    activities = db.session.scalar(select(func.count()).select_from(linked)) or 0
    minutes, volunteers = {HourClass.CREDIT: 0, HourClass.HONOUR: 0}, 0
    if activities:
        served = select(linked.c.activity_id)
        of_them = HourEntry.activity_id.in_(served), HourEntry.kind == HourKind.SERVICE
        for hour_class, total in db.session.execute(
            select(HourEntry.hour_class, func.sum(HourEntry.minutes)).where(*of_them).group_by(HourEntry.hour_class)
        ):
            minutes[hour_class] = int(total)
        volunteers = db.session.scalar(select(func.count(func.distinct(HourEntry.person_id))).where(*of_them)) or 0
    return activities, minutes[HourClass.CREDIT], minutes[HourClass.HONOUR], volunteers


def by_month() -> dict[tuple[int, int], tuple[int, int]]:
    """(year, month) → income and spending of the fund's own money, months without either left out; one query."""
    entry = FundMovementEntry
    year, month = (cast(extract(part, entry.booked_on), Integer) for part in ("year", "month"))
    income = func.sum(case((entry.kind.in_((MovementKind.DONATION, MovementKind.OPENING)), signed_fen()), else_=0))
    rows = db.session.execute(select(year, month, income, func.sum(spent_fen())).where(own_money()).group_by(year, month))
    return {(int(row[0]), int(row[1])): (int(row[2]), int(row[3])) for row in rows}


def people_by_year() -> dict[int, int]:
    """Person-times by the year in which they were served; one query."""
    year = cast(extract("year", FundServiceEntry.served_on), Integer)
    return {int(row[0]): int(row[1]) for row in db.session.execute(select(year, func.sum(FundServiceEntry.people)).group_by(year))}


def year_figures(
    year: int, money: dict[tuple[int, int], tuple[int, int]] | None = None, people: dict[int, int] | None = None
) -> YearFigures:
    """`money` and `people` are `by_month` and `people_by_year` where the caller has them; else two queries more than four."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    money, people = by_month() if money is None else money, people_by_year() if people is None else people
    of_year = [money.get((year, month), (0, 0)) for month in range(1, 13)]
    income, months = sum(came for came, _ in of_year), tuple(went for _, went in of_year)
    used = (
        select(FundBudgetLine.project_id)
        .join(FundMovementEntry, FundMovementEntry.budget_line_id == FundBudgetLine.id)
        .where(FundMovementEntry.booked_on.between(first, last), own_money())
        .group_by(FundBudgetLine.project_id)
        .having(func.sum(spent_fen()) != 0)  # what was corrected away used nothing
        .subquery()
    )
    projects = db.session.scalar(select(func.count()).select_from(used)) or 0
    activities, credit, honour, _ = linked_service(None, first, last)
    return YearFigures(year, income, sum(months), int(projects), activities, credit, honour, people.get(year, 0), months)
