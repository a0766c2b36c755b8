"""岗位: who sits where, who waits for what, who moves up; and what neither engine lets anybody store."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.activities import queries, service
from app.activities.models import Shift, ShiftPosition, Signup
from app.audit.keys import open_details
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound
from tests.activities.positions import position_ids, positioned, settled, told


@pytest.fixture
def activity(make, street):
    return make.activity(street.team, street.organiser)


@pytest.fixture
def places(make, activity, tomorrow):
    """`places(引导=1, 登记=2)`: a shift of tomorrow with these, and the ids by name."""

    def made(start=tomorrow, **seats):
        shift = positioned(make, activity, start, seats)
        return shift, position_ids(shift)

    return made


def take(shift, person, position=None, **how):
    return in_transaction(lambda: service.take_seat(shift, person, clock.now(), position_id=position, **how)).signup


def withdraw(signup):
    return in_transaction(lambda: service.withdraw(signup.id, signup.person_id, clock.now()))


def change(signup, position):
    return in_transaction(lambda: service.change_position(signup.id, signup.person_id, position, clock.now()))


def line(activity):
    return [(one.person_id, one.position_name, one.position) for one in queries.signups_in(activity) if not one.seated]


def test_a_shift_has_the_sum_of_its_positions(places):
    shift, at = places(引导=1, 登记=2)
    row = queries.shift(shift)
    assert (row.capacity, row.taken, [(one.name, one.left) for one in row.positions]) == (3, 0, [("引导", 1), ("登记", 2)])
    assert list(at) == ["引导", "登记"]


def test_one_sits_at_the_position_asked_for_and_waits_for_it_when_it_is_full(make, places, activity):
    shift, at = places(引导=1, 登记=2)
    first, second, third = (make.person() for _ in range(3))
    assert take(shift, first, at["引导"]).position_name == "引导"
    waiting = take(shift, second, at["引导"])
    assert (waiting.seated, waiting.position, waiting.position_name) == (False, 1, "引导")
    assert take(shift, third, at["登记"]).seated
    assert [one.taken for one in queries.shift(shift).positions] == [1, 1]
    settled(shift)


def test_whoever_takes_any_sits_where_most_seats_are_left_and_waits_only_when_all_is_full(make, places):
    shift, _ = places(引导=1, 登记=2)
    seats = [take(shift, make.person()) for _ in range(4)]
    assert [one.position_name for one in seats] == ["登记", "引导", "登记", None]
    assert [one.position for one in seats] == [None, None, None, 1]


def test_each_waiting_list_is_in_order_and_who_takes_any_stands_in_all_of_them(make, places, activity):
    shift, at = places(引导=1, 登记=1)
    take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    people = [make.person() for _ in range(5)]
    for person, wish in zip(people, ("引导", "登记", None, "引导", "登记"), strict=True):
        take(shift, person, at.get(wish))
    assert line(activity) == list(zip(people, ("引导", "登记", None, "引导", "登记"), (1, 1, 3, 3, 3), strict=True))


def test_a_free_seat_goes_to_the_first_who_wants_it_or_any_and_they_read_which(make, places):
    shift, at = places(引导=1, 登记=1)
    guide, desk = take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    for_guide, for_any, for_desk = (
        take(shift, make.person(), at["引导"]),
        take(shift, make.person()),
        take(shift, make.person(), at["登记"]),
    )
    withdraw(desk)
    assert queries.signup(for_any.id).position_name == "登记"
    assert "童玩摊位组·登记" in told(for_any.person_id)[0]
    assert not queries.signup(for_guide.id).seated
    withdraw(guide)
    assert queries.signup(for_guide.id).seated
    assert queries.signup(for_desk.id).position == 1
    settled(shift)


def test_in_the_last_twelve_hours_nobody_moves_up_and_no_newcomer_takes_a_seat_that_somebody_waits_for(make, places):
    shift, at = places(clock.now() + timedelta(hours=11), 引导=1, 登记=1)
    seat, desk = take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    waiting = take(shift, make.person(), at["引导"])
    withdraw(seat), withdraw(desk)
    assert not queries.signup(waiting.id).seated
    assert (take(shift, make.person(), at["引导"]).position, take(shift, make.person(), at["登记"]).seated) == (2, True)
    assert told(waiting.person_id) == []


def test_a_position_of_another_shift_is_refused_and_none_is_written(make, places, street):
    shift, _ = places(引导=1)
    _, other = places(登记=1)
    with pytest.raises(Invalid) as refused:
        take(shift, street.volunteer, other["登记"])
    assert "再选一次" in refused.value.fields["position"]
    assert db.session.scalars(select(Signup.id)).all() == []


def test_changing_to_a_free_position_keeps_the_seat_and_gives_the_old_one_on(make, places):
    shift, at = places(引导=1, 登记=2)
    mine = take(shift, make.person(), at["引导"])
    waiting = take(shift, make.person(), at["引导"])
    now = change(mine, at["登记"])
    assert (now.id, now.seated, now.position_name) == (mine.id, True, "登记")
    assert queries.signup(waiting.id).position_name == "引导"
    assert "引导" in told(waiting.person_id)[0]
    settled(shift)


def test_without_a_free_seat_one_keeps_the_own_and_nobody_is_overtaken(make, places):
    shift, at = places(clock.now() + timedelta(hours=3), 引导=1, 登记=1)
    mine, other = take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    with pytest.raises(Conflict, match="“登记”现在没有空位，您还在“引导”"):
        change(mine, at["登记"])
    waiting = take(shift, make.person(), at["登记"])
    withdraw(other)
    with pytest.raises(Conflict):
        change(mine, at["登记"])
    assert change(waiting, at["登记"]).seated  # the first in line may take it
    assert queries.signup(mine.id).position_name == "引导"


def test_who_waits_may_wait_for_something_else_and_keeps_the_place_in_line(make, places):
    shift, at = places(引导=1, 登记=1)
    guide, desk = take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    mine, later = take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    now = change(mine, at["登记"])
    assert (now.id, now.position, now.position_name) == (mine.id, 1, "登记")
    assert queries.signup(later.id).position == 2
    assert (change(mine, None).position, queries.signup(later.id).position) == (1, 2)
    withdraw(desk)
    assert queries.signup(mine.id).position_name == "登记"
    assert not queries.signup(later.id).seated
    with pytest.raises(NotFound):
        change(guide, None)  # a seat is at a position
    settled(shift)


def test_who_is_taken_off_reads_why_and_the_next_one_moves_up(make, places, activity, street):
    shift, at = places(引导=1, 登记=1)
    seat = take(shift, make.person("邓淑芬"), at["引导"])
    waiting = take(shift, make.person(), at["引导"])

    def remove(signup, at=None):
        return in_transaction(lambda: service.remove(signup.id, activity, street.organiser, "同一时间报了两场", at or clock.now()))

    with pytest.raises(Conflict, match="已经开始"):
        remove(seat, seat.starts_at)
    assert remove(seat).position_name == "引导"
    (words,) = told(seat.person_id)
    for said in ("组织者请您退出", "童玩摊位组·引导（11月22日 周日", "原因：同一时间报了两场。", "联系人霍静雯"):
        assert said in words
    assert queries.signup(waiting.id).seated
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "signup.removal")).one()
    (detail,) = open_details([(event.action, event.at, event.detail)])
    assert (event.actor_id, detail["reason"], detail["person"]) == (street.organiser, "同一时间报了两场", seat.person_id)
    with pytest.raises(NotFound):
        remove(seat)
    settled(shift)


def test_nobody_changes_for_others_to_what_is_not_there_or_once_it_has_begun(make, places, street):
    shift, at = places(引导=1, 登记=1)
    running, there = places(clock.now(), 引导=1, 登记=1)
    mine, late = take(shift, make.person(), at["引导"]), take(running, make.person(), there["引导"])
    with pytest.raises(NotFound):
        in_transaction(lambda: service.change_position(mine.id, street.volunteer, at["登记"], clock.now()))
    with pytest.raises(NotFound):
        change(mine, there["登记"])
    with pytest.raises(Conflict, match="已经开始"):
        change(late, there["登记"])
    assert change(mine, at["引导"]) == queries.signup(mine.id)


def test_by_hand_the_organiser_seats_whom_they_called_also_at_another_position(make, places, activity, street):
    shift, at = places(clock.now() + timedelta(hours=3), 引导=1, 登记=1)
    take(shift, make.person(), at["引导"])
    first, second = take(shift, make.person(), at["引导"]), take(shift, make.person(), at["引导"])

    def by_hand(signup, **how):
        return in_transaction(lambda: service.seat_by_hand(signup.id, activity, street.organiser, clock.now(), **how))

    with pytest.raises(Conflict, match="“引导”现在没有空位"):
        by_hand(first)
    with pytest.raises(Conflict, match="“登记”还有 1 个：问过本人"):
        by_hand(second)
    assert by_hand(second, position_id=at["登记"]).signup.position_name == "登记"
    assert not by_hand(second).fresh
    assert ["登记" in words for words in told(second.person_id)] == [True]
    with pytest.raises(Conflict, match="没有空位"):
        by_hand(first, position_id=at["登记"])
    settled(shift)


def wrongs(shift, at):
    """What no hand may write: `shift` is full at both of its positions, the next one has none and one seat taken."""
    whole, guide = update(Shift).where(Shift.id == shift), ShiftPosition.id == at["引导"]
    position, seat = update(ShiftPosition).where(guide), update(Signup).where(Signup.position_id == at["引导"])
    return {
        "another capacity": whole.values(capacity=99),
        "no limit": whole.values(capacity=None),
        "fewer taken": whole.values(taken=0),
        "a position without seats": position.values(capacity=0),
        "more taken than there are": position.values(taken=2),
        "two of one name": position.values(name="登记"),
        "no name": position.values(name=""),
        "to another shift": position.values(shift_id=shift + 1),
        "gone with people in it": delete(ShiftPosition).where(guide),
        "a seat nowhere": seat.values(position_id=None),
        "two on one seat": seat.values(position_id=at["登记"]),
        "a position of another shift": seat.values(shift_id=shift + 1),
        "taken from the beginning": insert(ShiftPosition).values(shift_id=shift, name="新的", capacity=2, taken=1, place=3),
        "where seats were given": insert(ShiftPosition).values(shift_id=shift + 1, name="新的", capacity=2, taken=0, place=0),
    }


@pytest.mark.parametrize("wrong", wrongs(0, {"引导": 0, "登记": 0}))
def test_no_hand_can_store_what_can_not_be(make, places, activity, tomorrow, wrong):
    shift, at = places(引导=1, 登记=1)
    plain = make.shift(activity, tomorrow)
    assert plain == shift + 1
    take(plain, make.person())
    take(shift, make.person(), at["引导"]), take(shift, make.person(), at["登记"])
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(wrongs(shift, at)[wrong]))
    settled(shift)


def test_what_a_hand_does_to_sign_ups_is_counted_too(make, places):
    shift, at = places(引导=1, 登记=2)
    one = make._add(Signup, shift_id=shift, person_id=make.person(), made_at=clock.now(), seated_at=clock.now(), position_id=at["登记"])
    settled(shift)
    assert queries.shift(shift).taken == 1
    in_transaction(lambda: db.session.execute(delete(Signup).where(Signup.id == one)))
    settled(shift)
    assert queries.shift(shift).taken == 0
