"""补录占比: of each unit in scope, from totals alone, in a constant number of questions; above the local limit it is marked, kindly."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from app.activities.rules import ActivityKind
from app.claims import queries, service
from app.claims.rules import LocalRules, Share
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.people.rules import UnitKind
from tests.conftest import NOON, statements

DAY = NOON.date()


@pytest.fixture
def street(make):
    """Two communities with a branch each: 50 and 30 minutes of 100 made up in the first, none in the other."""
    street = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    units = {"street": street}
    for name in ("灯湖", "同德"):
        units[name] = make.unit(f"{name}社区党委", UnitKind.COMMUNITY, parent=street)
        units[f"{name}一"] = make.unit(f"{name}第一党支部", parent=units[name])
    units["灯湖二"] = make.unit("灯湖第二党支部", parent=units["灯湖"])
    give(make, units["灯湖一"], 50, 50)
    give(make, units["灯湖二"], 170, 30)
    give(make, units["同德一"], 100, 0)
    return units


def give(make, unit, credit, honour, day=DAY):
    person, organiser = make.person(home=unit), make.person(home=unit)
    other = make.person(home=unit)
    activity = make.activity(unit, organiser)
    credits = [
        Credit(person, activity, ActivityKind.SERVICE, unit, day, minutes, kind, make.number(), "2026.1", **by)
        for minutes, kind, by in (
            (credit, HourClass.CREDIT, {}),
            (honour, HourClass.HONOUR, {"made_by_id": organiser, "approved_by_id": other}),
        )
        if minutes
    ]
    in_transaction(lambda: crediting.credit(credits, NOON))


def sent(make, as_person, unit, role=Role.SECRETARY):
    person = make.person("霍静雯", home=unit)
    make.grant(person, role, unit)
    return as_person(person)


def test_hours_are_rolled_up_and_the_share_is_exact(street):
    communities = queries.shares([street["street"]], [UnitKind.COMMUNITY], "2026-11", DAY)
    assert [(one.credit, one.honour, one.permille) for one in communities] == [(220, 80, 266), (100, 0, 0)]
    assert queries.shares([street["同德"]], [UnitKind.BRANCH], "2026-Q4", DAY) == [Share(street["同德一"], "同德第一党支部", 100, 0)]
    assert queries.shares([street["street"]], [UnitKind.COMMUNITY], "2026-10", DAY)[0].total == 0


def test_a_share_at_the_limit_is_not_above_it():
    assert not Share(1, "", 80, 20).above(20)
    assert Share(1, "", 79, 20).above(20)
    assert not Share(1, "", 0, 0).above(20)


@pytest.mark.parametrize(
    ("credit", "honour", "permille"),
    [(-120, 60, 0), (60, -120, 0), (-60, -60, 0), (-60, 120, 1000), (120, -60, 0), (-60, 60, 0)],
)
def test_a_period_in_which_more_was_taken_back_has_no_share_below_none_or_above_all(credit, honour, permille):
    one = Share(1, "", credit, honour)
    assert (one.permille, one.above(20)) == (permille, permille > 200)


def test_a_secretary_sees_their_own_branch_only(street, make, as_person):
    page = sent(make, as_person, street["灯湖一"]).get("/claims/share").text
    assert "灯湖第一党支部" in page
    assert "50.0%" in page
    assert "偏高不等于有错" in page
    assert "灯湖第二党支部" not in page


def test_the_subdistrict_sees_all_sorts_them_and_takes_them_to_excel(street, make, as_person):
    browser = sent(make, as_person, street["street"], Role.AUDITOR)
    page = browser.get("/claims/share?level=branch&sort=share&span=year").text
    assert page.index("灯湖第一党支部") < page.index("灯湖第二党支部") < page.index("同德第一党支部")
    assert "3 个支部，1 个偏高" in page
    page = browser.get("/claims/share?level=branch&sort=credit").text
    assert page.index("灯湖第二党支部") < page.index("同德第一党支部") < page.index("灯湖第一党支部")
    sheet = load_workbook(io.BytesIO(browser.get("/claims/share.xlsx?level=branch").data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == "灯湖第一党支部"]
    assert [row[1:5] for row in rows] == [[0.83, 0.83, 50, "偏高"]]
    assert browser.get("/claims/share?span=x&day=never&level=no&sort=1").status_code == 200


def test_no_more_questions_with_more_units(street, make, as_person):
    browser = sent(make, as_person, street["street"], Role.AUDITOR)
    browser.get("/claims/share?level=branch")
    asked = []
    for _ in range(2):
        with statements() as made:
            browser.get("/claims/share?level=branch")
        asked.append(len(made))
        for number in range(8):
            give(make, make.unit(f"新{number}", parent=street["同德"]), 60, 30, DAY - timedelta(days=1))
    assert asked[0] == asked[1]


def test_the_limit_is_a_local_rule_that_an_administrator_changes(street, make, as_person):
    browser = sent(make, as_person, street["street"], Role.ADMINISTRATOR)
    page = browser.post("/claims/rules", data={"within_days": "0", "share_percent": "60"})
    assert page.status_code == 422
    assert 'value="60"' in page.text
    browser.post("/claims/rules", data={"within_days": "20", "share_percent": "60"})
    assert queries.local_rules() == LocalRules(20, 60)
    assert "偏高</span>" not in browser.get("/claims/share?level=branch").text
    in_transaction(lambda: service.set_rules(LocalRules(), None, NOON))
    assert "偏高</span>" in browser.get("/claims/share?level=branch").text


def test_it_is_linked_from_the_branch_and_the_list_of_what_one_manages(street, make, as_person):
    browser = sent(make, as_person, street["灯湖一"])
    assert "/claims/share" in browser.get("/branch").text
    assert "/claims/share" in browser.get("/manage").text
