"""Seats: nobody too many in any race, the waiting list in its order, and who moves up when."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from app.activities import queries, service
from app.activities.models import Shift, Signup
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound
from app.worklist.models import Notice


@pytest.fixture
def tomorrow():
    return clock.now() + timedelta(days=1)


@pytest.fixture
def scene(make):
    unit = make.unit("灯湖街坊会")
    organiser = make.person("霍静雯")
    return unit, organiser, make.activity(unit, organiser)


def take(shift_id, person_id):
    return in_transaction(lambda: service.take_seat(shift_id, person_id, clock.now()))


def withdraw(signup_id, person_id):
    return in_transaction(lambda: service.withdraw(signup_id, person_id, clock.now()))


def taken(shift_id):
    return db.session.scalar(select(Shift.taken).where(Shift.id == shift_id))


def notices(person_id):
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person_id).order_by(Notice.id)))


def test_a_seat_while_there_is_one_then_the_waiting_list_in_order(make, scene, tomorrow):
    shift = make.shift(scene[2], tomorrow, capacity=1)
    first, second, third = (make.person(name) for name in ("何嘉怡", "邓淑芬", "郭志明"))
    assert take(shift, first).signup.seated
    assert [take(shift, person).signup.position for person in (second, third)] == [1, 2]
    assert taken(shift) == 1


def test_a_shift_without_limit_always_has_a_seat(make, scene, tomorrow):
    shift = make.shift(scene[2], tomorrow, capacity=None)
    assert all(take(shift, make.person()).signup.seated for _ in range(3))
    assert taken(shift) == 3


def test_a_resent_sign_up_changes_nothing(make, scene, tomorrow):
    shift, person = make.shift(scene[2], tomorrow, capacity=5), make.person()
    first, again = take(shift, person), take(shift, person)
    assert (first.fresh, again.fresh) == (True, False)
    assert first.signup == again.signup
    assert taken(shift) == 1


def test_unverified_people_may_sign_up(make, scene, tomorrow):
    assert take(make.shift(scene[2], tomorrow, capacity=1), make.person(confirmed=False)).signup.seated


def test_who_withdraws_makes_room_for_the_first_in_line_who_is_told(make, scene, tomorrow):
    shift = make.shift(scene[2], tomorrow, capacity=1)
    first, second, third = (make.person(name) for name in ("何嘉怡", "邓淑芬", "郭志明"))
    seat = take(shift, first).signup
    take(shift, second), take(shift, third)
    withdraw(seat.id, first)
    assert queries.signups_of(second, [scene[2]])[0].seated
    assert queries.signups_of(third, [scene[2]])[0].position == 1
    assert taken(shift) == 1
    assert "候补上了" in notices(second)[0]
    assert notices(third) == []


def test_leaving_the_waiting_list_frees_no_seat_and_moves_the_others_up(make, scene, tomorrow):
    shift = make.shift(scene[2], tomorrow, capacity=1)
    people = [make.person() for _ in range(3)]
    signups = [take(shift, person).signup for person in people]
    withdraw(signups[1].id, people[1])
    assert taken(shift) == 1
    assert queries.signups_of(people[2], [scene[2]])[0].position == 1


def test_one_may_sign_up_again_after_withdrawing_at_the_end_of_the_line(make, scene, tomorrow):
    shift = make.shift(scene[2], tomorrow, capacity=1)
    people = [make.person() for _ in range(2)]
    seat = take(shift, people[0]).signup
    take(shift, people[1])
    withdraw(seat.id, people[0])
    assert take(shift, people[0]).signup.position == 1


def test_from_twelve_hours_before_nobody_moves_up_by_itself_and_no_newcomer_jumps_the_line(make, scene):
    shift = make.shift(scene[2], clock.now() + timedelta(hours=11), capacity=1)
    first, second, newcomer = (make.person() for _ in range(3))
    seat, waiting = take(shift, first).signup, take(shift, second).signup
    withdraw(seat.id, first)
    assert queries.signups_of(second, [scene[2]])[0].position == 1
    assert take(shift, newcomer).signup.position == 2
    in_transaction(lambda: service.seat_by_hand(waiting.id, scene[2], scene[1], clock.now()))
    assert queries.signups_of(second, [scene[2]])[0].seated
    assert taken(shift) == 1
    line = queries.signups_of(newcomer, [scene[2]])[0].id
    with pytest.raises(Conflict, match="没有空位"):
        in_transaction(lambda: service.seat_by_hand(line, scene[2], scene[1], clock.now()))


def test_nobody_withdraws_for_someone_else_or_twice_or_after_the_start(make, scene, tomorrow):
    shift, running = make.shift(scene[2], tomorrow, capacity=2), make.shift(scene[2], clock.now())
    person, other = make.person(), make.person()
    seat = take(shift, person).signup
    with pytest.raises(NotFound):
        withdraw(seat.id, other)
    withdraw(seat.id, person)
    with pytest.raises(NotFound):
        withdraw(seat.id, person)
    now_running = take(running, person).signup
    with pytest.raises(Conflict, match="已经开始"):
        withdraw(now_running.id, person)
    assert (taken(shift), taken(running)) == (0, 1)


def test_drafts_are_unknown_and_what_is_over_takes_no_one(make, scene):
    unit, organiser, activity = scene
    draft = make.shift(make.activity(unit, organiser, published=False), clock.now())
    over = make.shift(activity, clock.now() - timedelta(hours=5), 2)
    with pytest.raises(NotFound):
        take(draft, organiser)
    with pytest.raises(NotFound):
        take(10_000, organiser)
    with pytest.raises(Conflict, match="结束"):
        take(over, organiser)


def test_own_sign_ups_at_the_same_time_are_named(make, scene, tomorrow):
    unit, organiser, activity = scene
    person = make.person()
    shift, later = make.shift(activity, tomorrow), make.shift(activity, tomorrow + timedelta(hours=3))
    other = make.shift(make.activity(unit, organiser, title="二座楼道茶话会"), tomorrow + timedelta(hours=1), 1)
    take(other, person)
    found = queries.clashes(person, activity)
    assert [(clash.shift_id, clash.title) for clash in found] == [(shift, "二座楼道茶话会")]
    assert later not in {clash.shift_id for clash in found}


@pytest.mark.parametrize("seats", [4])
def test_five_times_as_many_at_once_as_there_are_seats(make, scene, tomorrow, seats, at_once):
    shift = make.shift(scene[2], tomorrow, capacity=seats)
    people = [make.person() for _ in range(5 * seats)]
    clock_now = clock.now()

    def sign_up(person_id):
        return in_transaction(lambda: service.take_seat(shift, person_id, clock_now)).signup

    made = at_once([partial(sign_up, person) for person in people])
    assert sum(signup.seated for signup in made) == seats
    assert taken(shift) == seats
    line = [signup for signup in queries.signups_in(scene[2]) if not signup.seated]
    assert [signup.position for signup in line] == list(range(1, 4 * seats + 1))
    seated = db.session.scalar(select(func.max(Signup.id)).where(Signup.seated_at.is_not(None)))
    assert seated < min(signup.id for signup in line)


def test_withdrawals_and_sign_ups_at_once_leave_no_free_seat_while_someone_waits(make, scene, tomorrow, at_once):
    shift = make.shift(scene[2], tomorrow, capacity=3)
    people = [make.person() for _ in range(12)]
    seats = [take(shift, person).signup for person in people[:6]]
    clock_now = clock.now()

    def withdraw(place):
        in_transaction(lambda: service.withdraw(seats[place].id, people[place], clock_now))

    def sign_up(place):
        in_transaction(lambda: service.take_seat(shift, people[place], clock_now))

    done = at_once([*(partial(withdraw, place) for place in range(3)), *(partial(sign_up, place) for place in range(6, 12))])
    assert not any(done)
    standing = queries.signups_in(scene[2])
    assert (sum(signup.seated for signup in standing), taken(shift), len(standing)) == (3, 3, 9)
    assert {signup.person_id for signup in standing if signup.seated} == set(people[3:6])
