"""报名名单: how many have a seat and how many wait, the digits by which a door knows people, and who has come."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.activities import service as activities
from app.checkin import service as checkin
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from tests.conftest import NOON, statements


@pytest.fixture
def list_(make, street):
    """Two seats and three who want one; the first has come."""
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, NOON, 3, capacity=2)
    people = [
        make.person(name, home=street.team, phone=f"1380000{tail}") for name, tail in (("陈志明", 1111), ("何嘉怡", 2222), ("梁凤珍", 3333))
    ]
    for person in people:
        with clock.frozen_at(NOON - timedelta(days=1)):
            in_transaction(lambda person=person: activities.take_seat(shift, person, clock.now()))
    in_transaction(lambda: checkin.record_scan(ShownCode(uuid4(), activity, Way.POSTER, NOON), people[0], NOON))

    class List:
        url = f"/activities/{activity}/signups"
        page = f"/activities/{activity}"

    return List


def item(page, name):
    return next(part for part in page.split("<li") if f"<b>{name}</b>" in part)


def test_who_has_come_and_who_has_not_is_marked(list_, street, as_person):
    page = as_person(street.organiser).get(list_.url).text
    assert "已到" in item(page, "陈志明")
    assert "未到" in item(page, "何嘉怡")
    assert "候补第 1" in item(page, "梁凤珍")
    assert "未到" not in item(page, "梁凤珍")


def test_nobody_is_missing_before_the_door_opens(list_, street, as_person):
    with clock.frozen_at(NOON - timedelta(hours=2)):
        assert "未到" not in as_person(street.organiser).get(list_.url).text


def test_the_last_four_digits_are_for_who_manages_it(list_, street, make, as_person):
    assert "尾号 1111" in item(as_person(street.organiser).get(list_.url).text, "陈志明")
    auditor = make.person("杜耀华")
    make.grant(auditor, Role.AUDITOR, street.top)
    page = as_person(auditor).get(list_.url).text
    assert "已到" in item(page, "陈志明")
    assert "尾号" not in page


def test_seats_and_waiting_are_said_apart(list_, street, as_person):
    desk = as_person(street.organiser)
    assert "2 / 2 人，候补 1 人" in " ".join(desk.get(list_.url).text.split())
    assert '<b>报名名单</b><span class="fine">2 人，候补 1 人</span>' in desk.get(list_.page).text


def test_a_long_list_asks_no_more(list_, street, make, as_person):
    desk = as_person(street.organiser)
    with statements() as few:
        desk.get(list_.url)
    shift = make.shift(int(list_.page.rsplit("/", 1)[1]), NOON, 3)
    for nth in range(6):
        make.signup(shift, make.person(f"街坊{nth}"))
    with statements() as many:
        desk.get(list_.url)
    assert len(many) == len(few)
