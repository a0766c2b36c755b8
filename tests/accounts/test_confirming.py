"""密码再输一次: who decides about others is asked again after a while, and loses nothing by it."""

from datetime import timedelta

import pytest

from app.accounts import queries
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.settings import service as settings
from tests.accounts.helpers import PASSWORD, account
from tests.conftest import NOON

LATER = NOON + timedelta(minutes=16)


@pytest.fixture
def place(make, as_person):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    branch = make.unit("锦园第二党支部", parent=root)
    administrator = account(make, make.person("区美玲"))
    make.grant(administrator, Role.ADMINISTRATOR, root)
    return root, branch, as_person(administrator), make.person("李婉仪", home=branch)


def roles(root, person):
    return [row.role for row in queries.grants([root], clock.today(), person)]


def test_within_a_quarter_of_an_hour_nothing_is_asked(place):
    root, branch, desk, member = place
    with clock.frozen_at(NOON + timedelta(minutes=14)):
        assert desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "organiser", "unit": str(branch)}).status_code == 303
        assert roles(root, member) == [Role.ORGANISER]


def test_later_the_password_is_asked_for_and_the_form_goes_on(place):
    root, branch, desk, member = place
    form = {"sure": "1", "role": "organiser", "unit": str(branch)}
    with clock.frozen_at(LATER):
        asked = desk.post(f"/people/{member}/roles", data=form)
        assert "再输一次密码" in asked.text
        assert '<input type="hidden" name="role" value="organiser">' in asked.text
        assert f'action="/people/{member}/roles"' in asked.text
        assert roles(root, member) == []
        wrong = desk.post(f"/people/{member}/roles", data={**form, "confirm_password": "no"})
        assert (wrong.status_code, roles(root, member)) == (422, [])
        assert '<input type="hidden" name="role" value="organiser">' in wrong.text
        done = desk.post(f"/people/{member}/roles", data={**form, "confirm_password": PASSWORD})
        assert (done.status_code, roles(root, member)) == (303, [Role.ORGANISER])
        grant = queries.grants([root], clock.today(), member)[0]
        assert desk.post(f"/roles/{grant.id}/end").status_code == 303, "it was just given"


def test_what_was_ticked_many_times_is_sent_on_whole(place):
    _, _, desk, member = place
    with clock.frozen_at(LATER):
        asked = desk.post(f"/people/{member}/roles", data={"role": ["a", "b"], "unit": "1"})
        assert asked.text.count('type="hidden" name="role"') == 2


def test_guesses_are_counted(place):
    _, _, desk, member = place
    with clock.frozen_at(LATER):
        answers = [desk.post(f"/people/{member}/roles", data={"confirm_password": "no"}).status_code for _ in range(9)]
    assert answers[-1] == 429


def test_how_long_it_is_good_for_is_a_setting(place):
    _, branch, desk, member = place
    in_transaction(lambda: settings.put("password_again", {"minutes": 60}, None, NOON))
    with clock.frozen_at(LATER):
        assert desk.post(f"/people/{member}/roles", data={"sure": "1", "role": "organiser", "unit": str(branch)}).status_code == 303


def test_who_may_not_is_not_even_asked(place, make, as_person):
    _, _, _, member = place
    with clock.frozen_at(LATER):
        assert as_person(make.person()).post(f"/people/{member}/roles").status_code == 404
