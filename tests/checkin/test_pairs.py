"""Three pairs a day, and two shifts in a row, as the database sees them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.checkin import queries, service
from app.checkin.rules import Outcome, ShiftTimes, ShownCode, Way, takes_a_pair
from app.core import clock
from app.core.db import in_transaction
from app.hours import queries as hours
from tests.conftest import NOON


def later(minutes):
    return NOON + timedelta(minutes=minutes)


class Fair:
    def __init__(self, make):
        self.branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
        self.organiser = make.person("霍静雯", home=self.branch)
        self.activity = make.activity(self.branch, self.organiser)
        self.afternoon = make.shift(self.activity, NOON, 4, pause=20, name="下午组")

    def scan(self, person, minutes, way=Way.POSTER, received=None):
        shown = ShownCode(uuid4(), self.activity, way, later(minutes))
        now = later(received if received is not None else minutes)
        with clock.frozen_at(now):
            return in_transaction(lambda: service.record_scan(shown, person, now))

    def leave(self, person, minutes):
        second = self.scan(person, minutes)
        return in_transaction(lambda: service.depart(second.scan_id, person, later(minutes)))


@pytest.fixture
def fair(make):
    return Fair(make)


def today(fair, person, at):
    return queries.door(fair.activity, person, uuid4(), later(at)).spells_today


@pytest.mark.parametrize(("came", "left"), [(-50, -5), (0, 14), (0, 15), (0, 16), (0, 17), (-30, 16), (0, 90), (225, 239), (222, 280)])
def test_the_database_says_as_the_rules_which_spells_take_a_pair(fair, make, came, left):
    person = make.person(home=fair.branch)
    fair.scan(person, came)
    assert today(fair, person, came + 1) == 1
    (fair.scan if left > 210 else fair.leave)(person, left)
    shift = ShiftTimes(fair.afternoon, NOON, later(240), None, 20)
    assert today(fair, person, left + 1) == int(takes_a_pair(shift, later(came), later(left)))


def test_accidents_take_none_of_the_three_pairs_away(fair, make):
    person = make.person(home=fair.branch)
    for begin in (0, 20, 40, 60):
        assert fair.scan(person, begin).outcome is Outcome.IN
        assert fair.leave(person, begin + 5).minutes == 0
    for begin in (80, 115, 150):
        assert fair.scan(person, begin).outcome is Outcome.IN
        assert fair.leave(person, begin + 20).minutes
    assert fair.scan(person, 190).outcome is Outcome.TOO_MANY


def test_accidents_elsewhere_take_none_away_either_also_for_scans_that_come_late(fair, make):
    person, other = make.person(home=fair.branch), Fair(make)
    for begin in (0, 20, 40):
        other.scan(person, begin)
        other.leave(person, begin + 5)
    fair.scan(person, 100)
    assert fair.scan(person, 60, received=110).outcome is Outcome.IN


def test_two_shifts_in_a_row(fair, make):
    person = make.person(home=fair.branch)
    evening = make.shift(fair.activity, later(240), 2, name="晚间组")
    for shift in (fair.afternoon, evening):
        make.signup(shift, person)
    fair.scan(person, 0)
    out = fair.scan(person, 216)
    assert (out.outcome, out.next_shift) == (Outcome.OUT, ("晚间组", later(240), later(226)))
    again = fair.scan(person, 217)
    assert (again.outcome, again.next_shift) == (Outcome.ALREADY_OUT, ("晚间组", later(240), later(226)))
    came = fair.scan(person, 234)
    assert (came.outcome, came.shift_name) == (Outcome.IN, "晚间组")
    assert fair.scan(person, 345).outcome is Outcome.OUT
    assert hours.sums(person).service_credit == (216 - 18) + 105
