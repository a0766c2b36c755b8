"""Five times as many people as seats at once, from two processes of twelve threads, everybody pressing twice: N get a seat,
the others stand in line in the order they came, also while people withdraw; with positions and without, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.activities import queries, service
from app.activities.models import Signup
from app.core import clock
from app.core.db import db, in_transaction
from tests import racing
from tests.activities.positions import nobody_twice, position_ids, positioned, seats_of, settled
from tests.conftest import NOON

THREADS = 12  # fewer than a process keeps connections


@pytest.fixture
def scene(make):
    unit = make.unit("灯湖街坊会")
    return make.activity(unit, make.person("霍静雯"))


@pytest.fixture
def race(app, tmp_path):
    """Both processes do everything, each in an order of its own; returns what came of it."""

    def run(shift, wishes, leaving=()):
        task = {"shift": shift, "wishes": wishes, "leaving": dict(leaving), "now": NOON.isoformat(), "threads": THREADS}
        return racing.race("tests.activities.racer", app, tmp_path, **task)

    return run


def line(activity):
    return [one for one in queries.signups_in(activity) if not one.seated]


def test_capacity_n_with_five_n_at_once_gives_exactly_n_and_an_ordered_line(make, scene, race):
    seats = 12
    shift = make.shift(scene, NOON + timedelta(days=1), capacity=seats)
    people = [make.person() for _ in range(5 * seats)]
    assert race(shift, dict.fromkeys(people)) == {"fresh": 5 * seats, "again": 5 * seats}
    assert seats_of(shift) == (seats, [])
    assert [one.position for one in line(scene)] == list(range(1, 4 * seats + 1))
    last_seat = db.session.scalar(select(func.max(Signup.id)).where(Signup.seated_at.is_not(None)))
    assert last_seat < min(one.id for one in line(scene))  # who came first has the seat
    assert nobody_twice(shift)
    settled(shift)


def test_positions_fill_to_the_last_seat_and_each_line_is_in_order(make, scene, race):
    shift = positioned(make, scene, NOON + timedelta(days=1), {"引导": 6, "登记": 4, "茶水": 5})
    at = position_ids(shift)
    wanted = [at["引导"], at["引导"], at["登记"], None, at["茶水"]] * 12
    people = [make.person() for _ in wanted]
    assert race(shift, dict(zip(people, wanted, strict=True))) == {"fresh": 60, "again": 60}
    assert seats_of(shift) == (15, [6, 4, 5])
    assert len(line(scene)) == 45
    assert nobody_twice(shift)
    settled(shift)


def test_withdrawals_at_the_same_time_leave_no_seat_free_and_none_given_twice(make, scene, race):
    """With positions; test_seats.py has it without."""
    seats = {"引导": 6, "登记": 4}
    shift = positioned(make, scene, NOON + timedelta(days=1), seats)
    wishes = [*position_ids(shift).values(), None]
    leaving, coming = [make.person() for _ in range(20)], [make.person() for _ in range(50)]

    def sign_up(number, person):
        return in_transaction(lambda: service.take_seat(shift, person, clock.now(), position_id=wishes[number % len(wishes)])).signup

    before = {person: sign_up(number, person).id for number, person in enumerate(leaving)}
    told = race(shift, {person: wishes[number % len(wishes)] for number, person in enumerate(coming)}, before)
    assert told == {"fresh": 50, "again": 50, "left": 20, "gone": 20}
    assert seats_of(shift) == (10, list(seats.values()))
    assert {one.person_id for one in queries.signups_in(scene)} == set(coming)
    assert len(line(scene)) == 40
    settled(shift)
