"""The look that a browser chose is kept in a cookie and holds on every page."""

import pytest

from app.people.rules import StageKind

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

OPEN = ["/", "/activities", "/boards", "/boards?kind=person", "/fund", "/fund/entries", "/sign-in", "/register", "/activate", "/forgotten"]
OWN = ["/", "/check-in", "/me", "/me/records", "/me/points/volunteer", "/me/double50", "/me/settings", "/me/consents", "/me/secret"]
OFFICE = ["/work", "/notices", "/branch", "/codes", "/activities/new"]
ADMINISTRATION = ["/imports", "/requirements", "/roles", "/setup"]


@pytest.mark.parametrize("look", ["dark", "big", "big dark"])
def test_every_page_in_a_chosen_look(town, phones, look):
    festival = town.festival()
    volunteer = town.resident("林月娥", stage=StageKind.ACTIVIST)
    town.came_an_hour_ago(festival, volunteer)
    paths = [*((None, path) for path in [*OPEN, f"/activities/{festival}"]), *((volunteer, path) for path in OWN)]
    paths += [(town.secretary, path) for path in OFFICE]
    wrong = []
    for person in (None, volunteer, town.secretary):
        phone = phones(person, look=look)
        for path in [path for who, path in paths if who == person]:
            phone.open(path)
            assert phone.page.locator("html").get_attribute("class") == look
            wrong += phone.wrong(looks=(look,))
    assert wrong == []
