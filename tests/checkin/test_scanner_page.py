"""扫码签到: who may open the scanner, what it says beforehand, and that its cost does not grow with the crowd."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.activities import service as activities
from app.activities.queries import shifts_of
from app.checkin import service
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from tests.conftest import NOON, statements


@pytest.fixture
def fair(make):
    branch = make.unit("灯湖社区党委")
    organiser = make.person("霍静雯", home=branch)
    make.grant(organiser, Role.ORGANISER, branch)
    activity = make.activity(branch, organiser)
    make.shift(activity, NOON, 3)
    return {"branch": branch, "organiser": organiser, "activity": activity, "page": f"/activities/{activity}/scanner"}


def test_the_organiser_opens_it_from_the_door(fair, as_person):
    desk = as_person(fair["organiser"])
    assert fair["page"] in desk.get(f"/activities/{fair['activity']}/door").text
    page = desk.get(fair["page"])
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert f'data-activity="{fair["activity"]}"' in page.text


def test_a_helper_opens_it_until_the_shifts_end(fair, make, as_person):
    helper = make.person("何嘉怡", home=fair["branch"])
    shifts = [shift.id for shift in shifts_of(fair["activity"])]
    in_transaction(lambda: service.appoint_helper(shifts, helper, fair["organiser"], "灯湖邻里节", "/", clock.now()))
    page = as_person(helper).get(fair["page"])
    assert page.status_code == 200
    assert '#help"' not in page.text  # to ask for help is the organiser's
    with clock.frozen_at(NOON + timedelta(hours=5)):
        assert as_person(helper).get(fair["page"]).status_code == 404


def test_others_are_told_that_nothing_is_there(fair, make, as_person, client):
    reader = make.person("梁凤珍", home=fair["branch"])
    make.grant(reader, Role.AUDITOR, fair["branch"])
    assert as_person(reader).get(fair["page"]).status_code == 404
    assert as_person(make.person("路人甲", home=fair["branch"])).get(fair["page"]).status_code == 404
    assert client.get(fair["page"]).status_code == 302


def test_it_says_that_a_closed_activity_takes_nobody_more(fair, as_person):
    desk = as_person(fair["organiser"])
    assert "不能再签到" not in desk.get(fair["page"]).text
    with clock.frozen_at(NOON + timedelta(hours=5)):
        in_transaction(lambda: activities.close_activity(fair["activity"], fair["organiser"], 3, clock.now()))
        assert "已经收场，不能再签到" in desk.get(fair["page"]).text


def test_a_crowd_costs_no_more_questions_than_one(fair, make, as_person):
    desk = as_person(fair["organiser"])

    def arrives(name):
        person = make.person(name, home=fair["branch"])
        shown = ShownCode(uuid4(), fair["activity"], Way.POSTER, NOON)
        in_transaction(lambda: service.record_scan(shown, person, NOON))

    arrives("陈志明")
    with statements() as few:
        desk.get(fair["page"])
    for nth in range(8):
        arrives(f"街坊{nth}")
    with statements() as many:
        desk.get(fair["page"])
    assert len(many) == len(few)
