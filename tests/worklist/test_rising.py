"""Whose turn it is: the nearest unit where somebody can, and after five working days the unit above as well."""

from datetime import timedelta

import pytest

from app.checkin.queries.waiting import waiting_doors, waiting_doors_count
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.settings import service as settings
from app.worklist.counting import numbers
from app.worklist.service import number, sources
from tests.conftest import NOON, statements

LATER = NOON + timedelta(days=10)


@pytest.fixture
def place(make):
    """A branch with its organiser, the community's organiser above, an activity that ended two hours ago and was not closed."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch = make.unit("锦园第二党支部", parent=community)
    own, above = make.person("霍静雯", home=branch), make.person("李丽华", home=community)
    for person, unit in ((own, branch), (above, community)):
        make.grant(person, Role.ORGANISER, unit)
        make.account(person)
    activity = make.activity(branch, own, title="清洁楼道")
    make.shift(activity, NOON - timedelta(hours=5), 3)
    return branch, own, above, activity


def test_an_activity_that_is_over_waits_for_its_own_organiser(as_person, place):
    _, own, above, _ = place
    page = as_person(own).get("/work").text
    assert "清洁楼道" in page
    assert "待收场" in page
    assert "已等" not in page
    assert "清洁楼道" not in as_person(above).get("/work").text


def test_after_five_working_days_it_shows_above_with_whose_it_was(as_person, place):
    _, own, above, _ = place
    with clock.frozen_at(LATER):
        page = as_person(above).get("/work").text
        assert "清洁楼道" in page
        assert "已等 10 天，原来该锦园第二党支部霍静雯处理" in page
        assert "原来该" not in as_person(own).get("/work").text


def test_public_holidays_are_no_working_days(as_person, place):
    off = [f"2026-11-{day}" for day in range(23, 28)]
    in_transaction(lambda: settings.put("holidays", {"off": off, "worked": []}, None, NOON))
    with clock.frozen_at(LATER):
        assert "清洁楼道" not in as_person(place[2]).get("/work").text
    with clock.frozen_at(LATER + timedelta(days=5)):
        assert "已等 15 天" in as_person(place[2]).get("/work").text


def test_after_how_many_days_is_a_setting(as_person, place):
    in_transaction(lambda: settings.put("rising", {"days": 30}, None, NOON))
    with clock.frozen_at(LATER):
        assert "清洁楼道" not in as_person(place[2]).get("/work").text


def test_where_nobody_can_it_waits_for_those_above_from_the_beginning(as_person, make, place):
    _, _, above, _ = place
    lonely = make.unit("没有组织者的支部", parent=place[0])
    activity = make.activity(lonely, above, title="义诊")
    make.shift(activity, NOON - timedelta(hours=5), 3)
    assert "义诊" in as_person(place[1]).get("/work").text, "the branch above it has an organiser"


def test_a_closed_or_cancelled_one_waits_for_nobody(as_person, make, place):
    branch, own, _, _ = place
    make.activity(branch, own, title="还没办")
    assert "还没办" not in as_person(own).get("/work").text


def test_the_list_asks_as_much_for_twenty_as_for_one(make, place):
    branch, own, _, _ = place
    actor = make.actor(own)
    counts = []
    for _ in range(2):
        with statements() as sent:
            assert waiting_doors(actor, NOON)
            number(waiting_doors_count(actor, NOON))
        counts.append(len(sent))
        for _ in range(20):
            make.shift(make.activity(branch, own), NOON - timedelta(hours=5), 3)
    assert counts[0] == counts[1]


def test_all_that_is_stated_is_one_query_and_says_what_each_would_say_alone(make, place):
    stated = [source.count for source in sources() if source.stated]
    for person in place[1:3]:
        for at in (NOON, LATER):
            with clock.frozen_at(at), statements() as sent:
                actor = make.actor(person)
                sent.clear()
                told = numbers(stated, actor)
                asked = len(sent)
                assert told == [number(count(actor)) for count in stated]
                assert sum(told) == (person == place[1] or at == LATER)
            assert asked <= 2, "local rules, and all that waits"
