"""The look that a browser chose is kept in a cookie and holds on every page: those of everybody, of volunteers, of the office."""

import pytest

from app.activities.rules import ActivityKind
from app.core.permissions import Role
from app.people.rules import StageKind

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

EVERYBODY = [
    "/",
    "/activities",
    "/boards",
    "/boards?kind=person",
    "/fund",
    "/fund/entries",
    "/sign-in",
    "/register",
    "/activate",
    "/forgotten",
]
VOLUNTEER = ["/", "/check-in", "/me", "/me/records", "/me/points/volunteer", "/me/double50", "/me/settings", "/me/consents", "/me/secret"]
VOLUNTEER += ["/me/devices", "/notices"]
SECRETARY = ["/work", "/branch", "/codes", "/activities/new"]
OF_AN_ACTIVITY = ["", "/door", "/sign-outs", "/closing", "/signups", "/revision", "/poster", "/naming"]
ADMINISTRATOR = ["/imports", "/requirements", "/roles", "/setup", "/branch"]


@pytest.fixture
def readers(town):
    """Who reads which pages."""
    festival, meeting = town.festival(), town.festival(kind=ActivityKind.PARTY_LIFE, title="支部组织生活会")
    volunteer = town.resident("林月娥", stage=StageKind.ACTIVIST)
    town.came_an_hour_ago(festival, volunteer)
    administrator = town.official("区慧敏", Role.ADMINISTRATOR, town.server.root)
    return [
        (None, [*EVERYBODY, f"/activities/{festival}", f"/c/{town.code(meeting)}"]),
        (volunteer, VOLUNTEER),
        (town.secretary, [*SECRETARY, f"/branch/people/{volunteer}", *(f"/activities/{meeting}{page}" for page in OF_AN_ACTIVITY)]),
        (administrator, [*ADMINISTRATOR, f"/people/{volunteer}/roles"]),
    ]


@pytest.mark.parametrize("look", ["dark", "big"])
def test_every_page_in_a_chosen_look(readers, phones, look):
    wrong = []
    for person, paths in readers:
        phone = phones(person, look=look)
        for path in paths:
            phone.open(path)
            if path.endswith("/poster"):  # paper is always light
                continue
            assert phone.page.locator("html").get_attribute("class") == look, path
            wrong += phone.wrong(looks=(look,))
    assert wrong == []


def test_size_and_colours_are_chosen_apart_and_kept(town, phones):
    phone = phones(town.resident("林月娥")).open("/me/settings")
    phone.taps("大字版")
    phone.taps("深色")
    for path in ("/me/settings", "/", "/boards"):
        phone.open(path)
        assert phone.page.locator("html").get_attribute("class") == "big dark"
    phone.check(looks=("big dark",))
