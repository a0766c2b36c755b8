"""The full demo's past of the fund: the newspaper's sums, each of them the sum of its entries."""

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.demo import double50, past, years
from app.demo.full import Size
from app.fund import queries as fund
from app.fund.models import FundServiceEntry
from app.fund.queries.books import Way
from app.people.rules import UnitKind


def test_as_many_projects_yuan_and_person_times_as_were_told(client, make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    communities = [make.unit(f"第{n + 1}社区党委", UnitKind.COMMUNITY, parent=top) for n in range(3)]
    officer, approver = make.person("周敏"), make.person("霍静雯")
    make.grant(officer, Role.FUND_OFFICER, top)
    make.grant(approver, Role.FUND_APPROVER, top)
    past.load(communities, officer, approver, clock.today())
    totals = fund.totals()
    assert (totals.projects, totals.past, totals.spent, totals.people, totals.balance) == (418, 418, 139_000_000_00, 14_310_000, 0)
    assert fund.movements(Way.OUT).total == totals.spent
    assert fund.movements(Way.IN).total == totals.income
    assert db.session.scalar(select(func.sum(FundServiceEntry.people))) == totals.people
    assert fund.disagreements() == []
    page = client.get("/fund").text
    assert "139,000,000.00" in page
    assert "418" in page
    assert "1,431<small>万" in page
    assert "139,000,000.00" in client.get("/fund/entries?way=out").text
    assert "14,310,000" in client.get("/fund/services").text
    assert "历史数据·未附凭证" in client.get("/fund/services").text


def test_sources_that_the_demo_invents_do_not_meet():
    small_demo = 1000  # activities, at the most
    assert (Size().activities + small_demo) * years.SOURCE_ROOM < double50.FIRST_SOURCE
