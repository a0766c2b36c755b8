"""每月几号结账 is a local rule: for the administrator to set, for who reads rules to see."""

from datetime import date

import pytest

from app.core.permissions import Role
from app.hours import queries
from app.hours.closing import closes_on
from app.people.rules import UnitKind


@pytest.fixture
def top(make):
    unit = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    head = make.person("罗国栋", home=unit)
    make.grant(head, Role.ADMINISTRATOR, unit)
    return head


def test_the_page_says_which_month_is_closed_and_when_the_next_one_will_be(top, as_person):
    page = as_person(top).get("/closing-days").text
    assert "2026年10月" in page
    assert "2026年11月10日起已经结账" in page
    assert "2026年12月10日结账" in page


def test_a_new_day_holds_from_this_month_on(top, as_person):
    assert as_person(top).post("/closing-days", data={"month_day": "20", "year_day": "25"}).status_code == 303
    rules = queries.closing_rules()
    assert closes_on(date(2026, 10, 5), rules) == date(2026, 11, 10)
    assert closes_on(date(2026, 11, 5), rules) == date(2026, 12, 20)
    assert closes_on(date(2026, 12, 5), rules) == date(2027, 1, 25)


def test_set_twice_in_one_month_the_last_one_holds(top, as_person):
    for day in ("20", "8"):
        as_person(top).post("/closing-days", data={"month_day": day, "year_day": "15"})
    assert [one.month_day for one in queries.closing_rules()] == [10, 8]


@pytest.mark.parametrize("day", ["0", "29", "", "十号"])
def test_a_day_that_not_every_month_has_is_refused_beside_its_field(top, as_person, day):
    answer = as_person(top).post("/closing-days", data={"month_day": day, "year_day": "15"})
    assert answer.status_code == 422
    assert "次月几号" in answer.text
    assert len(queries.closing_rules()) == 1


def test_it_is_one_rule_for_everybody(make, top, as_person):
    branch = make.unit("锦园第一党支部", parent=1)
    secretary = make.person("宋书记", home=branch)
    make.grant(secretary, Role.SECRETARY, branch)
    assert as_person(secretary).get("/closing-days").status_code in {403, 404}
    assert as_person(secretary).post("/closing-days", data={"month_day": "20", "year_day": "25"}).status_code in {403, 404}
