"""The page of what did not work leads back to where one came from."""

import pytest

from app.core.permissions import Role
from app.people.rules import UnitKind
from tests.people.town import close

sqlite_only = True


@pytest.fixture
def closed(make):
    """A closed unit, and the administrator who opens its form."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    unit = make.unit("锦园党支部", parent=root)
    administrator = make.person("区美玲")
    make.grant(administrator, Role.ADMINISTRATOR, root)
    close(unit)
    return unit, administrator


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/units?q=锦园", "/units?q="),
        ("http://elsewhere.example/units", None),
        ("http://localhost//elsewhere.example", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_back_is_where_one_came_from_on_this_site_else_the_page_above(as_person, closed, referrer, back):
    unit, administrator = closed
    answer = as_person(administrator).get(f"/units/{unit}/name/form", headers={"Referer": referrer})
    assert answer.status_code == 409
    link = answer.text.split("回上一页")[0].rsplit('href="', 1)[1]
    assert link.startswith(back or f'/units/{unit}"')


def test_what_is_not_there_offers_no_page_above_that_may_not_be_there_either(client):
    page = client.get("/units/99/nothing").text
    assert "回上一页" not in page
    assert "回首页" in page
