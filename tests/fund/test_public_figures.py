"""The public figures equal the ledger's to the fen: pages, sums of lists and files, against rows added up here from nothing else."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.db import db, in_transaction
from app.demo import past
from app.fund import queries
from app.fund.queries import books, donors, overview
from app.fund.queries.books import Way
from app.fund.queries.finding import Sought
from app.fund.rules import Step
from app.fund.service import projects, requests


@dataclass
class Ledger:
    """In fen, by year; `projects` by id, other money too. No query of the fund is used."""

    income: Counter = field(default_factory=Counter)
    spent: Counter = field(default_factory=Counter)
    given: int = 0
    projects: Counter = field(default_factory=Counter)
    people: int = 0


def ledger() -> Ledger:
    found = Ledger()
    kinds = {row[0]: (row[1], row[2]) for row in db.session.execute(text("SELECT id, kind, project_id FROM fund_account"))}
    entries = text("SELECT kind, from_account_id, to_account_id, fen, reverses_id, booked_on FROM fund_movement_entry")
    for kind, source, target, amount, reverses, day in db.session.execute(entries):
        fen, year = -amount if reverses else amount, int(str(day)[:4])
        ends = (kinds[source], kinds[target])
        own = all(account_kind != "other" for account_kind, _ in ends)
        went = {"spending": fen, "refund": -fen}.get(kind, 0)
        project = next((project for _, project in ends if project), None)
        if went and project:
            found.projects[project] += went
        if own:
            found.spent[year] += went
            found.income[year] += fen if kind in ("donation", "opening") else 0
            found.given += fen if kind == "donation" else 0
    found.people = int(db.session.execute(text("SELECT coalesce(sum(people), 0) FROM fund_service_entry")).scalar_one())
    return found


def yuan(fen: int) -> str:
    return f"{'−' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def as_fen(value: object) -> int:
    return int(Decimal(str(value)) * 100)


def rows_of(client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text.removeprefix("\ufeff"))))


def equal_everywhere(client) -> Ledger:
    """Every public place where a sum stands."""
    true, today = ledger(), clock.today()
    income, spent = sum(true.income.values()), sum(true.spent.values())
    in_totals(client, true, income, spent)
    in_lists(client, true, income, spent)
    in_files(client, true, income, spent)
    spread = overview.spread(today)
    for parts in ([part for _, part in spread.kinds], [part for _, _, part in spread.communities]):
        assert (sum(part.spent for part in parts), sum(part.people for part in parts)) == (spent, true.people)
    assert donors.donors().fen == true.given
    return true


def in_totals(client, true: Ledger, income: int, spent: int) -> None:
    totals, whole = queries.totals(), overview.overview(clock.today().year)
    assert (totals.income, totals.spent, totals.balance, totals.people) == (income, spent, income - spent, true.people)
    assert whole.totals == totals
    for row in whole.years:
        assert (row.income, row.spent) == (true.income[row.year], true.spent[row.year]), row.year
    assert (whole.year.spent, whole.year.income) == (true.spent[whole.year.year], true.income[whole.year.year])
    assert sum(whole.year.months) == whole.year.spent
    page = re.sub(r"<[^>]+>", "", client.get("/fund").text)
    assert f"收入 {yuan(income)} − 支出 {yuan(spent)} = 结余 {yuan(income - spent)} 元" in page
    assert f"支出 {yuan(spent)} 元的每一笔" in page


def in_lists(client, true: Ledger, income: int, spent: int) -> None:
    assert (queries.movements(Way.IN).total, queries.movements(Way.OUT).total) == (income, spent)
    for year in true.income.keys() | true.spent.keys():
        assert queries.movements(Way.IN, year).total == true.income[year], year
        assert queries.movements(Way.OUT, year).total == true.spent[year], year
    assert yuan(spent) in client.get("/fund/entries?way=out").text
    assert books.served(Sought(), clock.today())[2] == true.people


def in_files(client, true: Ledger, income: int, spent: int) -> None:
    entries = rows_of(client, "/fund/data/entries.csv")
    assert sum(as_fen(row["计入收入（元）"]) for row in entries) == income
    assert sum(as_fen(row["计入支出（元）"]) for row in entries) == spent
    told = json.loads(client.get("/fund/data/entries.json").text)["transactions"]
    assert sum(as_fen(one["shulin"]["income"]) for one in told) == income
    assert sum(as_fen(one["shulin"]["spent"]) for one in told) == spent
    ids = dict(db.session.execute(text("SELECT number, id FROM fund_project")).all())
    for row in rows_of(client, "/fund/data/projects.csv"):
        assert as_fen(row["支出（元）"]) == true.projects[ids[row["编号"]]], row["编号"]
    assert sum(int(row["服务人次"]) for row in rows_of(client, "/fund/data/services.csv")) == true.people
    assert sum(one["personTimes"] for one in json.loads(client.get("/fund/data/services.json").text)["services"]) == true.people


@pytest.fixture
def busy(house, ways) -> int:
    """Every kind of money in amounts that are no round numbers, and most of them taken back once. Returns the project."""
    purpose = ways.purpose()
    ways.opening(9_013)
    ways.opening(77, purpose)
    house.donate(3_001, public_name="灯湖商会")
    house.correct(house.donate(888, public_name="记错的商会"))
    ways.donate(1_200, purpose)
    project, restricted, other = house.project(), ways.project(purpose), ways.project(source_name="街坊会自筹")
    house.donate(511, project)
    house.donate(250, other)
    ways.approve(ways.ask_grant(restricted, 400, purpose))
    house.grant(project, 2_003)
    house.correct(house.grant(project, 700))
    house.correct(house.pay(project, 301))
    payment = house.pay(project, 419)
    ways.approve(ways.note_refund(payment, 19))
    house.correct(ways.approve(ways.note_refund(payment, 7)))
    house.pay(restricted, 111)
    ways.approve(ways.note_refund(house.pay(other, 103), 3))
    ways.transfer(purpose, 83)
    ways.approve(ways.ask_return(project, 600))
    now = clock.now()
    in_transaction(lambda: projects.add_service(project, clock.today(), 120, "入户", None, house.officer, now))
    in_transaction(lambda: projects.add_service(project, clock.today(), 31, "记错的一次", None, house.officer, now))
    entry = queries.page(project).services[0].id
    asked = in_transaction(lambda: requests.ask_figure_correction(entry, "重复记了一次", house.officer, now))
    house.step(asked, Step.APPROVED, house.approver)
    return project


def test_whatever_was_given_paid_returned_moved_and_taken_back(client, busy):
    true = equal_everywhere(client)
    assert sum(true.spent.values()) == (419 - 19 + 111) * 100, "the example is what it says"
    assert sum(true.income.values()) == (9_013 + 77 + 3_001 + 1_200 + 511) * 100


def test_with_418_projects_of_the_past_beside_it(client, busy, house):
    past.load([house.community], house.officer, house.approver, clock.today())
    true = equal_everywhere(client)
    assert len(true.spent) > 10, "of many years"
    assert len(true.projects) > 400


def test_what_used_no_money_in_the_end_is_no_project_of_the_year(client, house, ways):
    house.donate(2_000)
    used, corrected, other = house.project(), house.project("全部冲回的"), ways.project(source_name="街坊会自筹")
    house.donate(300, other)
    for project in (used, corrected):
        house.grant(project, 500)
    house.pay(used, 100)
    house.correct(house.pay(corrected, 200))
    house.pay(other, 50)
    assert queries.year_figures(clock.today().year).projects == 1
    equal_everywhere(client)
